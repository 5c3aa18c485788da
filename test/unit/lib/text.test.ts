import { findLineFault, findTextFault, isLongerThan } from '../../../src/lib/text';

test('characters are counted as code points', () => {
  expect(isLongerThan('👍'.repeat(5), 5)).toBe(false);
  expect(isLongerThan('👍'.repeat(6), 5)).toBe(true);
  expect(isLongerThan('a'.repeat(6), 5)).toBe(true);
});

test.each([
  ['a\nb', null],
  ['a\0b', 'contains a NUL character'],
  ['a\ud800b', 'contains half of a surrogate pair'],
])('%j as a text: %j', (text, fault) => {
  expect(findTextFault(text)).toBe(fault);
});

test.each(['Website', ' spaces kept ', 'Été 👍', '__proto__', ''])('%j is a line of text', (text) => {
  expect(findLineFault(text, 20)).toBeNull();
});

test.each([
  ['a\0b', 'must not contain control characters'],
  ['a\nb', 'must not contain control characters'],
  ['a\u001b[31mb', 'must not contain control characters'],
  ['a\u0085b', 'must not contain control characters'],
  ['a\u2028b', 'must not contain control characters'],
  ['a\ud800b', 'must be well-formed Unicode'],
  ['a'.repeat(21), 'has at most 20 characters'],
])('%j is none', (text, fault) => {
  expect(findLineFault(text, 20)).toBe(fault);
});
