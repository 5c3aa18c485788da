import { decodeCursor, encodeCursor } from '../../../src/lib/cursor';

function toCursor(json: string): string {
  return Buffer.from(json).toString('base64url');
}

test.each([[[]], [['2026-11-24T07:00:00.000Z', '0190f5a1-7c3d-7abc-8def-0123456789ab']], [['', 'é😀"\\,']]])(
  'the parts %j come back from their cursor',
  (parts) => {
    expect(decodeCursor(encodeCursor(parts), parts.length)).toEqual(parts);
  },
);

test('a cursor is safe in a URL', () => {
  expect(encodeCursor(['>>>???', '~~~'])).toMatch(/^[\w-]+$/);
});

test.each([
  ['empty', ''],
  ['text', 'not a cursor'],
  ['no JSON', toCursor('["a","b"')],
  ['no array', toCursor('{"0":"a","1":"b","length":2}')],
  ['null', toCursor('null')],
  ['of one part', toCursor('["a"]')],
  ['of three parts', toCursor('["a","b","c"]')],
  ['of a number', toCursor('["a",1]')],
  ['of an array', toCursor('["a",["b"]]')],
  ['spaced', toCursor('["a", "b"]')],
  ['followed by rubbish', `${toCursor('["a","b"]')}!`],
  ['padded', Buffer.from('["a","bc"]').toString('base64')],
  ['with a NUL', toCursor('["a","\\u0000"]')],
  ['with half of a surrogate pair', toCursor('["a","\\ud83d"]')],
  ['no UTF-8', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x2c, 0x22, 0x22, 0x5d]).toString('base64url')],
])('a cursor that is %s is refused', (_form, cursor) => {
  expect(decodeCursor(cursor, 2)).toBeNull();
});
