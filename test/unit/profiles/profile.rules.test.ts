import { identifyProfileState, newProfile, type ProfileState } from '../../../src/profiles/profile.rules';

const EARLY = new Date('2026-01-01T00:00:00Z');
const LATE = new Date('2026-02-01T00:00:00Z');
const NOW = new Date('2026-03-01T00:00:00Z');
const limits = { maxKeys: 100, maxBytes: 10_000 };
const nothing = { identities: [], properties: {}, context: null };

const state = (changes: Partial<ProfileState>): ProfileState => ({ ...newProfile('p', LATE), ...changes });

test('a new profile is known from now on, by the ids of the call', () => {
  const call = {
    identities: [
      { kind: 'user', value: 'u' },
      { kind: 'external', value: 'e' },
      { kind: 'anonymous', value: 'a' },
    ] as const,
    properties: { plan: 'pro' },
    context: { locale: 'de' },
  };
  expect(identifyProfileState(newProfile('p', NOW), [], { call, at: NOW, limits })).toEqual({
    id: 'p',
    userId: 'u',
    externalId: 'e',
    properties: { plan: 'pro' },
    propertiesSetAt: { plan: NOW.getTime() },
    context: { locale: 'de' },
    firstSeenAt: NOW,
    lastSeenAt: NOW,
  });
});

test('what the call says wins over the target, which wins over a merged profile of the same age', () => {
  const target = state({ properties: { a: 'target', b: 'target' }, propertiesSetAt: { a: 1, b: 1 } });
  const merged = state({
    id: 'q',
    properties: { a: 'merged', b: 'merged', c: 'merged' },
    propertiesSetAt: { a: 1, b: 1, c: 1 },
  });
  const call = { ...nothing, properties: { a: 'call' } };
  expect(identifyProfileState(target, [merged], { call, at: NOW, limits })).toMatchObject({
    id: 'p',
    properties: { a: 'call', b: 'target', c: 'merged' },
  });
});

test('a newer property of a merged profile wins over an older one of the target', () => {
  const target = state({ properties: { plan: 'free' }, propertiesSetAt: { plan: 1 } });
  const merged = state({ properties: { plan: 'pro' }, propertiesSetAt: { plan: 2 } });
  expect(identifyProfileState(target, [merged], { call: nothing, at: NOW, limits }).properties).toEqual({
    plan: 'pro',
  });
});

test('the profile was first seen when the first of its parts was, and last seen now', () => {
  const merged = state({ firstSeenAt: EARLY, lastSeenAt: LATE });
  expect(identifyProfileState(state({}), [merged], { call: nothing, at: NOW, limits })).toMatchObject({
    firstSeenAt: EARLY,
    lastSeenAt: NOW,
  });
});

test('an event that lies ahead of the clock keeps the last-seen time', () => {
  const target = state({ lastSeenAt: NOW });
  expect(identifyProfileState(target, [], { call: nothing, at: LATE, limits }).lastSeenAt).toEqual(NOW);
});

test('external id and context are those given last, else those of the target, else those of a merged profile', () => {
  const target = state({ externalId: 'old', context: null });
  const merged = state({ externalId: 'merged', context: { locale: 'fr' } });
  expect(identifyProfileState(target, [merged], { call: nothing, at: NOW, limits })).toMatchObject({
    externalId: 'old',
    context: { locale: 'fr' },
  });
  const call = {
    ...nothing,
    identities: [{ kind: 'external', value: 'new' } as const],
    context: { locale: 'de' },
  };
  expect(identifyProfileState(target, [merged], { call, at: NOW, limits })).toMatchObject({
    externalId: 'new',
    context: { locale: 'de' },
  });
});

test('a user id is set once', () => {
  const call = { ...nothing, identities: [{ kind: 'user', value: 'other' } as const] };
  expect(identifyProfileState(state({ userId: 'u' }), [], { call, at: NOW, limits }).userId).toBe('u');
});

test('the profile is bounded after the merge', () => {
  const target = state({ properties: { old: 1 }, propertiesSetAt: { old: 1 } });
  const call = { ...nothing, properties: { new: 1 } };
  const bounded = identifyProfileState(target, [], { call, at: NOW, limits: { ...limits, maxKeys: 1 } });
  expect(bounded).toMatchObject({ properties: { new: 1 }, propertiesSetAt: { new: NOW.getTime() } });
  expect(Object.keys(bounded.propertiesSetAt)).toEqual(['new']);
});
