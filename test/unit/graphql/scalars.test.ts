import { GraphQLError, parseValue } from 'graphql';
import { DateTime } from '../../../src/graphql/scalars';
import { thrownBy } from '../../support/thrown-by';

const AT = new Date('2026-11-24T09:30:00.000Z');
const SENTENCE = 'DateTime must be RFC 3339 text with a zone, e.g. 2026-11-24T09:30:00.000Z.';

test.each([
  '2026-11-24T09:30:00.000Z',
  '2026-11-24T09:30:00Z',
  '2026-11-24T10:30:00+01:00',
  '2026-11-24t09:30:00z',
])('reads %s, from variables and from the document', (text) => {
  expect(DateTime.parseValue(text)).toEqual(AT);
  expect(DateTime.parseLiteral(parseValue(JSON.stringify(text)))).toEqual(AT);
});

test.each([
  'canary',
  '',
  '2026-11-24',
  '2026-11-24T09:30:00',
  '2026-02-30T00:00:00Z',
  7,
  true,
  null,
  AT,
  ['a'],
  {},
])('refuses %p without repeating it', (value) => {
  const thrown = thrownBy(() => DateTime.parseValue(value));
  expect(thrown).toBeInstanceOf(GraphQLError);
  expect(thrown).toMatchObject({ message: SENTENCE });
});

test.each(['"canary"', '7', 'CANARY', 'null', 'true', '["2026-11-24T09:30:00Z"]', '{ a: 1 }'])(
  'refuses the literal %s and tells where it stands',
  (literal) => {
    const node = parseValue(literal);
    expect(thrownBy(() => DateTime.parseLiteral(node))).toMatchObject({ message: SENTENCE, nodes: [node] });
  },
);

test('writes milliseconds in UTC', () => {
  expect(DateTime.serialize(AT)).toBe('2026-11-24T09:30:00.000Z');
});
