import { buildSchema, getOperationAST, parse } from 'graphql';
import { createNodeLimit } from '../../../src/graphql/node-limit';

const findExcess = createNodeLimit(
  buildSchema(`
    type Query { people(first: Int = 50): People  person: Person }
    type People { nodes: [Person] }
    type Person { name: String  events(first: Int = 20): [Event] }
    type Event { name: String }`),
  100,
);

function codeFor(text: string, variables: Record<string, unknown> = {}): string | undefined {
  const document = parse(text);
  return findExcess(document, getOperationAST(document)!, variables)?.code;
}

test.each([
  ['one page of the limit', '{ people(first: 100) { nodes { name } } }', {}],
  ['a page that is left to its default', '{ people { nodes { name } } }', {}],
  ['nested pages of 4 and 24', '{ people(first: 4) { nodes { events(first: 24) { name } } } }', {}],
  [
    'pages as large as their variables',
    'query ($n: Int) { people(first: $n) { nodes { events { name } } } }',
    { n: 4 },
  ],
  ['fields without pages', '{ person { name } }', {}],
])('%s passes', (_what, text, variables) => {
  expect(codeFor(text, variables)).toBeUndefined();
});

test.each([
  ['a page over the limit', '{ people(first: 101) { nodes { name } } }', {}],
  ['pages inside pages by their defaults', '{ people { nodes { events { name } } } }', {}],
  [
    'aliases of pages',
    '{ a: people { nodes { name } } b: people { nodes { name } } c: people(first: 1) { nodes { name } } }',
    {},
  ],
  [
    'pages in fragments',
    '{ ...P } fragment P on Query { people(first: 9) { nodes { ...E } } } fragment E on Person { ... { events(first: 11) { name } } }',
    {},
  ],
  ['a variable', 'query ($n: Int) { people(first: $n) { nodes { name } } }', { n: 101 }],
  ['the default of a variable', 'query ($n: Int = 101) { people(first: $n) { nodes { name } } }', {}],
  [
    'the default of a variable that is named like what Object has by nature',
    'query ($constructor: Int = 101) { people(first: $constructor) { nodes { name } } }',
    {},
  ],
  [
    'the default of the field, when the variable is null, whatever the default of the variable',
    'query ($n: Int = 1) { people(first: 5) { nodes { events(first: $n) { name } } } }',
    { n: null },
  ],
  [
    'the default of the field, when the variable is absent',
    'query ($n: Int) { people(first: 5) { nodes { events(first: $n) { name } } } }',
    {},
  ],
])('%s counts', (_what, text, variables) => {
  expect(codeFor(text, variables)).toBe('OPERATION_TOO_COMPLEX');
});
