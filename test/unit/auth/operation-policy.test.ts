import { buildSchema, getOperationAST, parse } from 'graphql';
import { readAccessTable } from '../../../src/auth/access-table';
import { OperationPolicy } from '../../../src/auth/operation-policy';
import type { Scope } from '../../../src/auth/scopes';

const schema = buildSchema(`
  directive @requiresScope(scope: String!) on FIELD_DEFINITION
  directive @authenticated on FIELD_DEFINITION
  directive @public on FIELD_DEFINITION
  directive @allowedEvent(argument: String!) on FIELD_DEFINITION
  type Query {
    open: String @public
    viewer: String @authenticated
    profile: Profile @requiresScope(scope: "profiles:read")
  }
  type Mutation { track(name: String!): String @requiresScope(scope: "events:write") @allowedEvent(argument: "name") }
  type Profile { id: ID  friend: Profile  events: [Event!] @requiresScope(scope: "events:read") }
  type Event { id: ID }`);
const policy = new OperationPolicy(schema, readAccessTable(schema));

/** Paths of the refused fields. */
function refused(text: string, scopes: readonly Scope[], operationName?: string): string[] {
  const document = parse(text);
  const operation = getOperationAST(document, operationName);
  return policy.listRefusedFields(document, operation!, new Set(scopes)).map(({ path }) => path.join('.'));
}

test('an operation is permitted when every field is', () => {
  expect(refused('{ open viewer profile { id events { id } } }', ['profiles:read', 'events:read'])).toEqual(
    [],
  );
});

test('a caller without scopes may run public fields only', () => {
  expect(refused('{ open viewer profile { id } }', [])).toEqual(['viewer', 'profile']);
});

test('a nested field is judged by its own rule, however deep', () => {
  expect(refused('{ profile { friend { friend { events { id } } } } }', ['profiles:read'])).toEqual([
    'profile.friend.friend.events',
  ]);
});

test.each([
  ['an alias', '{ open: profile { id } }', ['open']],
  ['a fragment', '{ ...F } fragment F on Query { profile { id } }', ['profile']],
  [
    'a fragment in a fragment',
    '{ ...A } fragment A on Query { ...B } fragment B on Query { profile { id } }',
    ['profile'],
  ],
  ['an inline fragment', '{ ... on Query { profile { id } } }', ['profile']],
  ['an inline fragment without a type', '{ ... { profile { id } } }', ['profile']],
  ['@skip', '{ profile @skip(if: true) { id } }', ['profile']],
  ['@include', 'query ($no: Boolean = false) { profile @include(if: $no) { id } }', ['profile']],
  ['a skipped fragment', '{ ...F @skip(if: true) } fragment F on Query { profile { id } }', ['profile']],
  ['a second alias of the same field', '{ a: profile { id } b: profile { id } }', ['a', 'b']],
])('%s hides nothing', (_what, text, paths) => {
  expect(refused(text, ['events:read'])).toEqual(paths);
});

test('only the operation that is to run is judged', () => {
  const text = 'query Harmless { open } query Other { profile { id } }';
  expect(refused(text, [], 'Harmless')).toEqual([]);
  expect(refused(text, [], 'Other')).toEqual(['profile']);
});

test('one verdict per scope set is kept, and not mixed up', () => {
  const document = parse('{ profile { id } }');
  const operation = getOperationAST(document)!;
  const reader = new Set<Scope>(['profiles:read']);
  const writer = new Set<Scope>(['events:write']);
  for (let round = 0; round < 2; round += 1) {
    expect(policy.listRefusedFields(document, operation, reader)).toHaveLength(0);
    expect(policy.listRefusedFields(document, operation, writer)).toHaveLength(1);
  }
});

test('introspection and event names are told apart from other fields', () => {
  const document = parse('mutation { a: track(name: "x") __typename }');
  expect(policy.getRequirements(document, getOperationAST(document)!).eventNames).toMatchObject([
    { path: ['a'], argumentPath: ['name'] },
  ]);
  const introspection = parse(
    '{ s: __schema { queryType { name } } ...F } fragment F on Query { __type(name: "T") { name } }',
  );
  expect(policy.getRequirements(introspection, getOperationAST(introspection)!).fields).toEqual([
    { path: ['s'], rule: { kind: 'INTROSPECTION' } },
    { path: ['__type'], rule: { kind: 'INTROSPECTION' } },
  ]);
});
