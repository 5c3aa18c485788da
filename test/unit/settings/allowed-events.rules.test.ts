import { parseAllowedEvents } from '../../../src/settings/allowed-events.rules';

const LIMITS = { MAX_ALLOWED_EVENTS: 3, MAX_NAME_LENGTH: 10 };
const PATH = ['input', 'names'];

function parse(names: string[]): string[] {
  return parseAllowedEvents(names, LIMITS, PATH);
}

test('names are stored once each, in NFC and in order', () => {
  expect(parse(['b', 'e\u0301', 'a', '\u00e9', 'b'])).toEqual(['a', 'b', '\u00e9']);
});

test('names that differ in case or width are different names', () => {
  expect(parse(['Sale', 'sale', 'ｓale'])).toHaveLength(3);
});

test('an empty list stays empty', () => {
  expect(parse([])).toEqual([]);
});

test('the limit counts distinct names', () => {
  expect(parse(['a', 'b', 'c', 'a', 'a'])).toHaveLength(3);
  expect(() => parse(['a', 'b', 'c', 'd'])).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', path: ['input', 'names'] }),
  );
});

test('one bad name refuses the list and is pointed at', () => {
  expect(() => parse(['fine', 'not fine'])).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', path: ['input', 'names', 1] }),
  );
});

test('the length is counted as it is stored', () => {
  // U+0958 is written as two characters in NFC.
  expect(() => parse(['\u0958'.repeat(6)])).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  expect(parse(['e\u0301'.repeat(10)])).toEqual(['\u00e9'.repeat(10)]);
});

test('the message does not repeat the name', () => {
  expect(() => parse(['canary value'])).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('canary') as string }),
  );
});
