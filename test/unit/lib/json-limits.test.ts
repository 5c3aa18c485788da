import { findJsonFault } from '../../../src/lib/json-limits';

const LIMITS = { maxDepth: 4, maxKeys: 5 };

test.each([
  ['a flat object', { a: 1, b: 'text', c: null, d: true }],
  ['nothing but null', null],
  ['as many levels as allowed', { a: [{ b: [] }] }],
  ['as many keys as allowed', { a: { b: { c: 1 } }, d: [{ e: 1 }] }],
  ['many items without keys', { a: Array.from({ length: 1_000 }, (_, index) => index) }],
  ['a whole surrogate pair', { '😀': '😀' }],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
])('%s is without a fault', (_form, value) => {
  expect(findJsonFault(value, LIMITS)).toBeNull();
});

test.each([
  ['a NUL', { a: ['x', 'y\0'] }, ['a', 1], 'contains a NUL character'],
  ['a high surrogate alone', { a: '\ud83d' }, ['a'], 'contains half of a surrogate pair'],
  ['a low surrogate alone', { a: 'x\ude00y' }, ['a'], 'contains half of a surrogate pair'],
  ['a reversed pair', '\ude00\ud83d', [], 'contains half of a surrogate pair'],
  ['an infinite number', JSON.parse('{"a":[{"b":1e400}]}'), ['a', 0, 'b'], 'is not a finite number'],
  ['NaN', { a: Number.NaN }, ['a'], 'is not a finite number'],
  ['a function', { a: () => 1 }, ['a'], 'is not a JSON value'],
  ['a bigint', { a: 1n }, ['a'], 'is not a JSON value'],
  ['one level too many', { a: [{ b: [[]] }] }, ['a', 0, 'b', 0], 'is nested more than 4 levels deep'],
  ['one key too many', { a: 1, b: { c: 1, d: 1, e: 1, f: 1 } }, ['b'], 'has more than 5 keys'],
])('%s is found at its place', (_form, value, path, fault) => {
  expect(findJsonFault(value, LIMITS)).toEqual({ path, fault });
});

test.each([
  ['a NUL', { a: { 'x\0y': 1 } }, 'has a key that contains a NUL character'],
  ['half of a surrogate pair', { a: { '\ud83d': 1 } }, 'has a key that contains half of a surrogate pair'],
])('a key with %s is found, and is not itself in the path', (_form, value, fault) => {
  expect(findJsonFault(value, LIMITS)).toEqual({ path: ['a'], fault });
});

test('__proto__, constructor and prototype are plain keys and their values are looked at', () => {
  const value: unknown = JSON.parse('{"__proto__":{"constructor":{"prototype":"\\u0000"}}}');

  expect(findJsonFault(value, LIMITS)).toEqual({
    path: ['__proto__', 'constructor', 'prototype'],
    fault: 'contains a NUL character',
  });
});

test('a hundred thousand levels are refused, not a stack overflow', () => {
  const text = '['.repeat(100_000) + ']'.repeat(100_000);

  expect(findJsonFault({ a: parseDeep(text) }, { maxDepth: 500, maxKeys: 1 })?.fault).toBe(
    'is nested more than 500 levels deep',
  );
});

/** JSON.parse would do, but says so only as long as V8's parser is not recursive. */
function parseDeep(text: string): unknown {
  let value: unknown[] = [];
  for (let depth = 1; depth < text.length / 2; depth += 1) value = [value];
  return value;
}
