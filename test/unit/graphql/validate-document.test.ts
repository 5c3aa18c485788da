import { buildSchema, parse } from 'graphql';
import { createDocumentValidator } from '../../../src/graphql/validate-document';
import { testConfig } from '../../support/config';

const schema = buildSchema(`
  enum Kind { ALPHA BETA }
  input Filter { kind: Kind, count: Int }
  type Query { answer(filter: Filter, ids: [ID!]): Int, deep: Query }
`);
const validate = createDocumentValidator({ schema, config: testConfig() });

function faultsOf(text: string): [unknown, string][] {
  return validate(parse(text)).map(({ message, extensions }) => [extensions['code'], message]);
}

test.each([
  ['{ answer(filter: { kind: CANARY }) }', 'This value does not exist in "Kind".'],
  ['{ answer(filter: { kind: ALPHAA }) }', 'This value does not exist in "Kind".'],
  ['{ answer(filter: { kind: "CANARY" }) }', '"Kind" cannot represent this value.'],
  ['{ answer(filter: { count: "CANARY" }) }', 'Int cannot represent this value.'],
  ['{ answer(filter: "CANARY") }', 'Expected a value of type "Filter".'],
  ['{ answer(filter: { count: "CAN\\nARY\\" found " }) }', 'Int cannot represent this value.'],
  ['{ answer(ids: [["CANARY"]]) }', 'ID cannot represent this value.'],
  ['{ anser }', 'Cannot query field "anser" on type "Query".'],
  ['{ answer(filtr: 1) }', 'Unknown argument "filtr" on field "Query.answer".'],
  ['{ answer(filter: { cont: 1 }) }', 'Field "cont" is not defined by type "Filter".'],
  ['{ deep }', 'Field "deep" of type "Query" must have a selection of subfields.'],
])('refuses %s in words that repeat no value and suggest no name', (text, message) => {
  expect(faultsOf(text)).toEqual([['GRAPHQL_VALIDATION_FAILED', message]]);
});

test.each(['mutation', 'subscription'])('refuses a %s where there is none', (operation) => {
  expect(faultsOf(`${operation} { answer }`)).toEqual([
    ['GRAPHQL_VALIDATION_FAILED', `There is no ${operation} here.`],
  ]);
});

test('refuses what is too complex before it looks for other faults', () => {
  expect(faultsOf(`${'{ nothing '.repeat(13)}${'}'.repeat(13)}`)).toEqual([
    ['OPERATION_TOO_COMPLEX', 'An operation may have at most 12 levels of fields.'],
  ]);
});

test('lists ten faults at most', () => {
  const fields = Array.from({ length: 20 }, (_, index) => `nothing${index}`).join(' ');
  const faults = faultsOf(`{ ${fields} }`);
  expect(faults).toHaveLength(10);
  expect(new Set(faults.map(([code]) => code))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
});

test('judges a document once, and each for itself', () => {
  const [good, bad] = [parse('{ answer }'), parse('{ nothing }')];
  expect(validate(good)).toEqual([]);
  expect(validate(bad)).toHaveLength(1);
  expect(validate(bad)).toBe(validate(bad));
  expect(validate(good)).toEqual([]);
});
