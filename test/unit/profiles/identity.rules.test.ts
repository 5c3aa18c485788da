import { planIdentity, type IdentityKind, type Link } from '../../../src/profiles/identity.rules';

interface Profile {
  id: string;
  userId: string | null;
}
const known = (id: string): Profile => ({ id, userId: `user of ${id}` });
const anonymous = (id: string): Profile => ({ id, userId: null });

/** `undefined`: not given. `null`: belongs to nobody. */
function plan(given: Partial<Record<IdentityKind, Profile | null>>) {
  const links = (['user', 'external', 'anonymous'] as const).flatMap((kind): Link<Profile>[] => {
    const profile = given[kind];
    return profile === undefined ? [] : [{ identity: identity(kind), profile }];
  });
  const { target, merged, moves, claims } = planIdentity(links);
  return { targetId: target?.id ?? null, mergedIds: merged.map(({ id }) => id), moves, claims };
}

const identity = (kind: IdentityKind) => ({ kind, value: `a ${kind} id` });

describe('with a user id', () => {
  test('that has a profile, that profile is the target', () => {
    expect(plan({ user: known('u') })).toEqual({ targetId: 'u', mergedIds: [], moves: [], claims: [] });
  });

  test('that nobody has, a new profile claims all ids', () => {
    expect(plan({ user: null, external: null, anonymous: null })).toEqual({
      targetId: null,
      mergedIds: [],
      moves: [],
      claims: [identity('user'), identity('external'), identity('anonymous')],
    });
  });

  test('that nobody has, the anonymous profile gets it and keeps its id', () => {
    expect(plan({ user: null, anonymous: anonymous('a') })).toEqual({
      targetId: 'a',
      mergedIds: [],
      moves: [],
      claims: [identity('user')],
    });
  });

  test('that nobody has, the profile of the external id gets it before that of the anonymous id', () => {
    expect(plan({ user: null, external: anonymous('e'), anonymous: anonymous('a') })).toEqual({
      targetId: 'e',
      mergedIds: ['a'],
      moves: [],
      claims: [identity('user')],
    });
  });

  test('that nobody has, a known profile never gets it: the ids move to a new profile', () => {
    expect(plan({ user: null, external: known('e'), anonymous: known('a') })).toEqual({
      targetId: null,
      mergedIds: [],
      moves: [
        { identity: identity('external'), fromId: 'e' },
        { identity: identity('anonymous'), fromId: 'a' },
      ],
      claims: [identity('user')],
    });
  });

  test('that nobody has, the anonymous profile gets it and takes the external id of a known one', () => {
    expect(plan({ user: null, external: known('e'), anonymous: anonymous('a') })).toEqual({
      targetId: 'a',
      mergedIds: [],
      moves: [{ identity: identity('external'), fromId: 'e' }],
      claims: [identity('user')],
    });
  });

  test('anonymous profiles are merged into its profile, one with two ids once', () => {
    const visitor = anonymous('x');
    expect(plan({ user: known('u'), external: visitor, anonymous: visitor })).toEqual({
      targetId: 'u',
      mergedIds: ['x'],
      moves: [],
      claims: [],
    });
  });

  test('another known profile is not merged: only the given id moves', () => {
    expect(plan({ user: known('u'), anonymous: known('v') })).toEqual({
      targetId: 'u',
      mergedIds: [],
      moves: [{ identity: identity('anonymous'), fromId: 'v' }],
      claims: [],
    });
  });
});

describe('without a user id', () => {
  test('and with ids that nobody has, a new profile claims them', () => {
    expect(plan({ external: null, anonymous: null })).toMatchObject({
      targetId: null,
      claims: [identity('external'), identity('anonymous')],
    });
  });

  test('the known profile is the target and the anonymous one is merged into it', () => {
    expect(plan({ external: anonymous('e'), anonymous: known('u') })).toEqual({
      targetId: 'u',
      mergedIds: ['e'],
      moves: [],
      claims: [],
    });
  });

  test('of two known profiles that of the external id takes the anonymous id', () => {
    expect(plan({ external: known('u'), anonymous: known('v') })).toEqual({
      targetId: 'u',
      mergedIds: [],
      moves: [{ identity: identity('anonymous'), fromId: 'v' }],
      claims: [],
    });
  });

  test('of two anonymous profiles that of the external id takes up the other', () => {
    expect(plan({ external: anonymous('e'), anonymous: anonymous('a') })).toMatchObject({
      targetId: 'e',
      mergedIds: ['a'],
    });
  });

  test('an id that nobody has joins the profile of the other', () => {
    expect(plan({ external: null, anonymous: anonymous('a') })).toEqual({
      targetId: 'a',
      mergedIds: [],
      moves: [],
      claims: [identity('external')],
    });
  });
});
