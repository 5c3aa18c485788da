import { buildSchema, getOperationAST, parse } from 'graphql';
import { listVariableFaults } from '../../../src/graphql/variable-faults';

const schema = buildSchema(`
  enum Kind { A B }
  input Item { name: String!, kind: Kind, count: Int, next: Item, items: [Item!] }
  type Query { answer(item: Item, items: [Item!], ids: [ID!]): Int }
`);

function faultsOf(definitions: string, variables: Record<string, unknown>): [string, unknown][] {
  const operation = getOperationAST(parse(`query (${definitions}) { answer }`));
  return listVariableFaults(schema, operation!, variables).map(({ message, extensions }) => [
    message,
    extensions['path'],
  ]);
}

test.each<[string, string, Record<string, unknown>, [string, unknown][]]>([
  ['a value that is missing', '$item: Item!', {}, [['A value is needed.', ['item']]]],
  ['a null', '$item: Item!', { item: null }, [['A value of type Item is needed, not null.', ['item']]]],
  ['text for an object', '$item: Item', { item: 'canary' }, [['This must be of type Item.', ['item']]]],
  ['a list for an object', '$item: Item', { item: ['canary'] }, [['This must be of type Item.', ['item']]]],
  ['a missing field', '$item: Item', { item: {} }, [['The field name of Item is needed.', ['item']]]],
  [
    'an unknown field',
    '$item: Item',
    { item: { name: 'a', canary: 1 } },
    [['There is a field that Item does not have.', ['item']]],
  ],
  [
    'a null field',
    '$item: Item',
    { item: { name: null } },
    [['A value of type String is needed, not null.', ['item', 'name']]],
  ],
  [
    'an enum',
    '$item: Item',
    { item: { name: 'a', kind: 'canary' } },
    [['This must be of type Kind.', ['item', 'kind']]],
  ],
  [
    'a number',
    '$item: Item',
    { item: { name: 'a', count: 'canary' } },
    [['This must be of type Int.', ['item', 'count']]],
  ],
  [
    'a field far down',
    '$items: [Item!]',
    { items: [{ name: 'a' }, { name: 'b', next: { name: 'c', items: [{ name: 7 }] } }] },
    [['This must be of type String.', ['items', 1, 'next', 'items', 0, 'name']]],
  ],
  [
    'an item of a list',
    '$ids: [ID!]',
    { ids: ['a', null, true] },
    [
      ['A value of type ID is needed, not null.', ['ids', 1]],
      ['This must be of type ID.', ['ids', 2]],
    ],
  ],
  [
    'several variables',
    '$item: Item!, $ids: [ID!]!',
    { ids: 1.5 },
    [
      ['A value is needed.', ['item']],
      ['This must be of type [ID!].', ['ids']],
    ],
  ],
  ['no fault', '$item: Item, $ids: [ID!] = ["a"]', { item: { name: 'a', kind: 'B' }, other: 'canary' }, []],
])('tells %s by its place, in words that repeat no value', (_what, definitions, variables, faults) => {
  expect(faultsOf(definitions, variables)).toEqual(faults);
});

test('lists ten faults at most, and does not look for more', () => {
  let looked = 0;
  const items = Array.from({ length: 1_000 }, () => ({
    get name() {
      looked += 1;
      return 7;
    },
  }));
  expect(faultsOf('$items: [Item!]', { items })).toHaveLength(10);
  expect(looked).toBe(10);
  const variables = Array.from({ length: 12 }, (_, index) => `$v${index}: Int!`).join(' ');
  expect(faultsOf(variables, {})).toHaveLength(10);
});

test('takes what Object has by nature for absent', () => {
  expect(faultsOf('$constructor: Item!, $toString: Item!', {})).toEqual([
    ['A value is needed.', ['constructor']],
    ['A value is needed.', ['toString']],
  ]);
});
