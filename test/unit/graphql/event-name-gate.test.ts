import { getOperationAST, Kind, parse, type FieldNode } from 'graphql';
import type { Caller } from '../../../src/auth/caller';
import { KEY_SCOPES } from '../../../src/auth/scopes';
import { listRefusedEventNames } from '../../../src/graphql/event-name-gate';

const SIGNUP_ONLY = {
  kind: 'WRITE_ONLY_KEY',
  scopes: KEY_SCOPES.WRITE_ONLY,
  workspaceId: 'w',
  key: {
    keyId: 'k',
    workspaceId: 'w',
    credentialKind: 'WRITE_ONLY_KEY',
    scopes: KEY_SCOPES.WRITE_ONLY,
    ipAccess: { mode: 'ANYWHERE', enforcement: 'ENFORCE', ranges: [] },
    allowedEvents: { mode: 'SPECIFIC', enforcement: 'ENFORCE', names: new Set(['signup', 'caf\u00e9']) },
    expiresAt: null,
  },
} as Caller;

/** Which of the root fields are refused, all of them taken for ones with `@allowedEvent(argument: "input.name")`. */
function refusedOf(text: string, variables: Record<string, unknown> = {}): unknown[] {
  const operation = getOperationAST(parse(text))!;
  const fields = operation.selectionSet.selections
    .filter((selection): selection is FieldNode => selection.kind === Kind.FIELD)
    .map((node) => ({ path: [(node.alias ?? node.name).value], node, argumentPath: ['input', 'name'] }));
  return listRefusedEventNames(fields, { operation, variables, caller: SIGNUP_ONLY }).map(
    ({ path }) => path[0],
  );
}

test.each<[string, string, Record<string, unknown>]>([
  ['a literal', 'mutation { a(input: { name: "other" }) b(input: { name: "signup" }) }', {}],
  [
    'a variable',
    'mutation ($n: String) { a(input: { name: $n }) b(input: { name: "signup" }) }',
    { n: 'other' },
  ],
  [
    'a variable of the whole input',
    'mutation ($i: I) { a(input: $i) b(input: { name: "signup" }) }',
    { i: { name: 'other' } },
  ],
  ['the default of a variable', 'mutation ($n: String = "other") { a(input: { name: $n }) }', {}],
  ['the default of the whole input', 'mutation ($i: I = { name: "other" }) { a(input: $i) }', {}],
  [
    'a variable in place of its default',
    'mutation ($n: String = "signup") { a(input: { name: $n }) }',
    { n: 'other' },
  ],
  [
    'the default of a variable that is named like what Object has by nature',
    'mutation ($constructor: I = { name: "other" }) { a(input: $constructor) }',
    {},
  ],
  ['a block text', 'mutation { a(input: { name: """other""" }) }', {}],
  ['another case', 'mutation { a(input: { name: "Signup" }) }', {}],
])('refuses a name in %s', (_what, text, variables) => {
  expect(refusedOf(text, variables)).toEqual(['a']);
});

test.each<[string, string, Record<string, unknown>]>([
  ['a literal', 'mutation { a(input: { name: "signup" }) }', {}],
  ['another composition of its characters', 'mutation { a(input: { name: "cafe\u0301" }) }', {}],
  [
    'a variable in place of its default',
    'mutation ($n: String = "other") { a(input: { name: $n }) }',
    { n: 'signup' },
  ],
  ['the default of a variable', 'mutation ($n: String = "signup") { a(input: { name: $n }) }', {}],
])('lets a name through in %s', (_what, text, variables) => {
  expect(refusedOf(text, variables)).toEqual([]);
});

test.each<[string, string, Record<string, unknown>]>([
  ['is missing', 'mutation { a }', {}],
  ['is null', 'mutation ($i: I) { a(input: $i) }', { i: null }],
  ['is no text', 'mutation ($n: String) { a(input: { name: $n }) }', { n: 7 }],
])('leaves a name that %s to the coercion of input', (_what, text, variables) => {
  expect(refusedOf(text, variables)).toEqual([]);
});
