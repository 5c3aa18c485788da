import { buildSchema } from 'graphql';
import { readAccessTable } from '../../../src/auth/access-table';

const DIRECTIVES = `
  directive @requiresScope(scope: String!) on FIELD_DEFINITION | INTERFACE | INPUT_FIELD_DEFINITION | UNION | ARGUMENT_DEFINITION | OBJECT | ENUM_VALUE
  directive @authenticated on FIELD_DEFINITION | INPUT_OBJECT
  directive @public on FIELD_DEFINITION
  directive @allowedEvent(argument: String!) on FIELD_DEFINITION
`;

const tableOf = (sdl: string) => readAccessTable(buildSchema(DIRECTIVES + sdl, { assumeValidSDL: true }));

describe('the access table', () => {
  test('holds the rule of each field that has one', () => {
    const table = tableOf(`
      type Query { viewer: String @authenticated  profile: Profile @requiresScope(scope: "profiles:read") }
      type Mutation { signIn: String @public  track(input: In!): String @requiresScope(scope: "events:write") @allowedEvent(argument: "input.name") }
      input In { name: String! }
      type Profile { id: ID  events: String @requiresScope(scope: "events:read") }`);
    expect(Object.fromEntries(table)).toEqual({
      'Query.viewer': { rule: { kind: 'AUTHENTICATED' }, eventNamePath: null },
      'Query.profile': { rule: { kind: 'SCOPE', scope: 'profiles:read' }, eventNamePath: null },
      'Mutation.signIn': { rule: { kind: 'PUBLIC' }, eventNamePath: null },
      'Mutation.track': { rule: { kind: 'SCOPE', scope: 'events:write' }, eventNamePath: ['input', 'name'] },
      'Profile.events': { rule: { kind: 'SCOPE', scope: 'events:read' }, eventNamePath: null },
    });
  });

  test.each([
    ['a root field without a rule', 'type Query { a: String }', 'Query.a has no access rule'],
    [
      'a mutation without a rule',
      'type Query { a: String @public } type Mutation { b: String }',
      'Mutation.b has no access rule',
    ],
    [
      'two rules on one field',
      'type Query { a: String @public @authenticated }',
      'Query.a has 2 access rules',
    ],
    [
      'a scope that does not exist',
      'type Query { a: String @requiresScope(scope: "all") }',
      'Query.a names an unknown',
    ],
    [
      'a rule on an interface',
      'type Query { a: Node @public } interface Node @requiresScope(scope: "events:read") { id: ID }',
      'Node has an access rule, which would not be enforced there',
    ],
    [
      'a rule on an interface field',
      'type Query { a: Node @public } interface Node { id: ID @requiresScope(scope: "events:read") }',
      'Node.id has an access rule, which would not be enforced there',
    ],
    [
      'a rule on a union',
      'type Query { a: U @public } type T { id: ID } union U @requiresScope(scope: "events:read") = T',
      'U has an access rule',
    ],
    [
      'a rule on an input field',
      'type Query { a(i: I): String @public } input I { id: ID @requiresScope(scope: "events:read") }',
      'I.id has an access rule',
    ],
    [
      'a rule on an input',
      'type Query { a(i: I): String @public } input I @authenticated { id: ID }',
      'I has an access',
    ],
    [
      'a rule on an argument',
      'type Query { a(i: ID @requiresScope(scope: "events:read")): String @public }',
      'Query.a(i:) has an access rule',
    ],
    [
      'a rule on a whole object type',
      'type Query { a: T @public } type T @requiresScope(scope: "events:read") { id: ID }',
      'T has an access rule',
    ],
    [
      'a ruled field that an interface goes around',
      'type Query { a: N @public } interface N { e: String } type T implements N { e: String @requiresScope(scope: "events:read") }',
      'T.e has an access rule, but N.e goes around it',
    ],
    [
      'an event name argument that does not exist',
      'type Query { a(input: I): String @requiresScope(scope: "events:write") @allowedEvent(argument: "input.title") } input I { name: String! }',
      'Query.a has @allowedEvent on an argument that does not exist',
    ],
    [
      'a field that hands out a type of a narrower scope',
      `type Query { profile: P @requiresScope(scope: "profiles:read")  viewer: V @authenticated }
       type P { id: ID } type V { mine: P }`,
      'V.mine returns P without profiles:read',
    ],
    [
      'a field that hands out nodes of a narrower scope',
      `type Query { events: C @requiresScope(scope: "events:read")  viewer: V @authenticated }
       type C { edges: [E] } type E { node: Event } type Event { id: ID } type V { last: Event }`,
      'V.last returns Event without events:read',
    ],
    [
      'a mutation whose holders need not be able to read what it returns',
      `type Query { profile: P @requiresScope(scope: "profiles:read") } type P { id: ID }
       type Mutation { identify: R @requiresScope(scope: "profiles:write") } type R { profile: P }`,
      'R.profile returns P without profiles:read',
    ],
  ])('refuses %s', (_what, sdl, fault) => {
    expect(() => tableOf(sdl)).toThrow(fault);
  });

  test('lets a mutation return what each of its callers may read anyway', () => {
    const sdl = `type Query { apiSettings: S @requiresScope(scope: "settings:read") } type S { id: ID }
      type Mutation { change: R @requiresScope(scope: "settings:write") } type R { apiSettings: S }`;
    expect(() => tableOf(sdl)).not.toThrow();
  });

  test('names every fault at once', () => {
    expect(() => tableOf('type Query { a: String  b: String }')).toThrow(/Query\.a.*\n.*Query\.b/);
  });
});
