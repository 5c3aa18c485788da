import { canonicalJson } from '../../../src/lib/canonical-json';

test('keys are sorted at every level, and nothing is spaced', () => {
  const value = { b: [{ d: 1, c: 'x y' }], a: { z: null, y: true, A: false } };

  expect(canonicalJson(value)).toBe('{"a":{"A":false,"y":true,"z":null},"b":[{"c":"x y","d":1}]}');
});

test('the order of keys does not matter, the order of items does', () => {
  expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});

test('keys that look like numbers are sorted as text', () => {
  expect(canonicalJson({ 10: 'a', 9: 'b', x: 'c' })).toBe('{"10":"a","9":"b","x":"c"}');
});

test('keys are sorted by UTF-16 code units, the example of RFC 8785', () => {
  const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };

  expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toEqual([4, 2, 6, 7, 1, 5, 3]);
});

test.each([
  ['text', 'a"\\\n\u2028é', '"a\\"\\\\\\n\u2028é"'],
  ['minus zero', -0, '0'],
  ['a large number', 1e21, '1e+21'],
  ['null', null, 'null'],
  ['nothing', undefined, 'null'],
  ['a hole in an array', [undefined], '[null]'],
  ['a missing member', { a: undefined, b: 1 }, '{"b":1}'],
  ['a date', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  ['an empty object', {}, '{}'],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
])('%s is written as JSON.stringify does', (_form, value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test('__proto__, constructor and toJSON are plain keys', () => {
  const text = '{"__proto__":{"a":1},"constructor":2,"toJSON":3}';

  expect(canonicalJson(JSON.parse(text))).toBe(text);
});
