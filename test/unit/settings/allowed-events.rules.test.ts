import { parseAllowedEvents } from '../../../src/settings/allowed-events.rules';
import { thrownBy } from '../../support/thrown-by';

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
  expect(thrownBy(() => parse(['a', 'b', 'c', 'd']))).toMatchObject({
    code: 'BAD_USER_INPUT',
    inputPath: ['input', 'names'],
  });
});

test('one bad name refuses the list and is pointed at', () => {
  expect(thrownBy(() => parse(['fine', 'not fine']))).toMatchObject({
    code: 'BAD_USER_INPUT',
    inputPath: ['input', 'names', 1],
  });
});

test('the length is counted as it is stored', () => {
  // U+0958 is written as two characters in NFC.
  expect(thrownBy(() => parse(['\u0958'.repeat(6)]))).toMatchObject({ code: 'BAD_USER_INPUT' });
  expect(parse(['e\u0301'.repeat(10)])).toEqual(['\u00e9'.repeat(10)]);
});

test('a name of very many combining marks is refused at once', () => {
  const startedAtMs = performance.now();
  const name = 'a' + '\u0301\u0316'.repeat(80_000);
  expect(thrownBy(() => parse([name]))).toMatchObject({
    code: 'BAD_USER_INPUT',
    inputPath: ['input', 'names', 0],
  });
  expect(performance.now() - startedAtMs).toBeLessThan(500);
});

test('the longest decompositions of as many characters as are allowed are fine', () => {
  expect(parse(['\u03b1\u0313\u0300\u0345'.repeat(10)])).toEqual(['\u1f82'.repeat(10)]);
});

test('the message does not repeat the name', () => {
  expect((thrownBy(() => parse(['canary value'])) as Error).message).not.toContain('canary');
});
