import type { ProfileIds } from '../../src/profiles/input.rules';
import { newId } from '../../src/lib/uuid';
import { openProfileBench, type ProfileBench } from '../support/profiles';

let bench: ProfileBench;
/** Every test has a workspace of its own. */
let workspaceId: string;

beforeAll(async () => {
  bench = await openProfileBench();
});
afterAll(() => bench.close());
beforeEach(() => {
  workspaceId = newId();
});

type Call = ProfileIds & { properties?: Record<string, unknown>; context?: Record<string, unknown> };

async function identify(call: Call): Promise<void> {
  bench.now = new Date(bench.now.getTime() + 1_000);
  await bench.profiles.identifyProfile(workspaceId, call, ['input']);
}

const find = (key: ProfileIds) => bench.profiles.findProfile(workspaceId, key, ['key']);

async function countOf(table: 'profile' | 'identity' | 'profile_alias'): Promise<number> {
  const { rows } = await bench.database.pools.api.query<{ count: number }>(
    `select count(*)::int as count from ${table} where workspace_id = $1`,
    [workspaceId],
  );
  return rows[0]?.count ?? 0;
}

test('a new person is found by each of the given ids', async () => {
  await identify({ userId: 'u', externalId: 'e', anonymousId: 'a', properties: { plan: 'pro' } });
  const profile = await find({ userId: 'u' });
  expect(profile).toEqual({
    id: expect.any(String) as string,
    userId: 'u',
    externalId: 'e',
    anonymousIds: ['a'],
    properties: { plan: 'pro' },
    computedProperties: {},
    segments: [],
    firstSeenAt: bench.now,
    lastSeenAt: bench.now,
  });
  expect(await find({ externalId: 'e' })).toEqual(profile);
  expect(await find({ anonymousId: 'a' })).toEqual(profile);
});

test('the same value as another kind of id is another person', async () => {
  await identify({ userId: 'x' });
  expect(await find({ anonymousId: 'x' })).toBeNull();
});

test('an id of another workspace is unknown', async () => {
  await identify({ userId: 'u' });
  expect(await bench.profiles.findProfile(newId(), { userId: 'u' }, ['key'])).toBeNull();
});

test('properties are merged key by key, and a null removes one', async () => {
  await identify({
    userId: 'u',
    properties: { plan: 'free', city: 'Bonn', address: { zip: '1', street: 'x' } },
  });
  await identify({ userId: 'u', properties: { plan: 'pro', city: null, address: { zip: '2' } } });
  expect((await find({ userId: 'u' }))?.properties).toEqual({ plan: 'pro', address: { zip: '2' } });
});

test('__proto__ is stored as plain data', async () => {
  const properties = JSON.parse('{"__proto__": {"isAdmin": true}, "constructor": "x"}') as Record<
    string,
    unknown
  >;
  await identify({ userId: 'u', properties });
  await identify({ userId: 'u', properties: { plan: 'pro' } });
  expect(JSON.stringify((await find({ userId: 'u' }))?.properties)).toContain('"__proto__":{"isAdmin":true}');
});

test('the anonymous profile becomes the known one and keeps its id', async () => {
  await identify({ anonymousId: 'a', properties: { plan: 'free' } });
  const before = await find({ anonymousId: 'a' });
  await identify({ userId: 'u', anonymousId: 'a' });
  expect(await find({ userId: 'u' })).toMatchObject({
    id: before?.id,
    userId: 'u',
    anonymousIds: ['a'],
    properties: { plan: 'free' },
    firstSeenAt: before?.firstSeenAt,
  });
  expect(await countOf('profile')).toBe(1);
});

test('an anonymous profile is merged under the known one, the newest property wins', async () => {
  await identify({ userId: 'u', properties: { plan: 'free', city: 'Bonn' } });
  await identify({ anonymousId: 'a', properties: { plan: 'pro', page: '/' } });
  await identify({ userId: 'u', properties: { city: 'Rome' } });
  const [known, anonymous] = [await find({ userId: 'u' }), await find({ anonymousId: 'a' })];

  await identify({ userId: 'u', anonymousId: 'a' });
  expect(await find({ anonymousId: 'a' })).toMatchObject({
    id: known?.id,
    properties: { plan: 'pro', city: 'Rome', page: '/' },
    anonymousIds: ['a'],
  });
  const { rows } = await bench.database.pools.api.query(
    'select merged_profile_id, profile_id from profile_alias where workspace_id = $1',
    [workspaceId],
  );
  expect(rows).toEqual([{ merged_profile_id: anonymous?.id, profile_id: known?.id }]);
});

test('a property that was removed later stays removed after a merge', async () => {
  await identify({ anonymousId: 'a', properties: { plan: 'free' } });
  await identify({ userId: 'u', properties: { plan: null } });
  await identify({ userId: 'u', anonymousId: 'a' });
  expect((await find({ userId: 'u' }))?.properties).toEqual({});
});

test('a merged profile brings its other ids and the profiles merged into it before', async () => {
  await identify({ anonymousId: 'a1' });
  await identify({ externalId: 'e' });
  await identify({ externalId: 'e', anonymousId: 'a1' });
  await identify({ externalId: 'e', anonymousId: 'a2' });
  await identify({ userId: 'u' });
  await identify({ userId: 'u', anonymousId: 'a2' });

  const profile = await find({ userId: 'u' });
  expect(profile).toMatchObject({ userId: 'u', externalId: 'e', anonymousIds: ['a1', 'a2'] });
  expect(await countOf('profile')).toBe(1);
  const { rows } = await bench.database.pools.api.query(
    'select distinct profile_id from profile_alias where workspace_id = $1',
    [workspaceId],
  );
  expect(rows).toEqual([{ profile_id: profile?.id }]);
  expect(await countOf('profile_alias')).toBe(2);
});

test('two known users are never merged: the newest claim owns the anonymous id', async () => {
  await identify({ userId: 'u', anonymousId: 'a', properties: { name: 'Ada' } });
  await identify({ userId: 'v', anonymousId: 'a', properties: { name: 'Bob' } });
  expect(await find({ userId: 'u' })).toMatchObject({ anonymousIds: [], properties: { name: 'Ada' } });
  expect(await find({ anonymousId: 'a' })).toMatchObject({
    userId: 'v',
    anonymousIds: ['a'],
    properties: { name: 'Bob' },
  });
});

test('anonymous ids are listed with the newest claim last', async () => {
  await identify({ userId: 'v', anonymousId: 'c' });
  for (const anonymousId of ['b', 'a', 'c']) await identify({ userId: 'u', anonymousId });
  expect((await find({ userId: 'u' }))?.anonymousIds).toEqual(['b', 'a', 'c']);
});

test('a profile whose external id is claimed by another falls back to the newest that it still has', async () => {
  await identify({ userId: 'u', externalId: 'e1' });
  await identify({ userId: 'u', externalId: 'e2' });
  await identify({ userId: 'u', externalId: 'e3' });
  expect((await find({ userId: 'u' }))?.externalId).toBe('e3');

  await identify({ userId: 'v', externalId: 'e3' });
  expect((await find({ userId: 'u' }))?.externalId).toBe('e2');
  expect((await find({ userId: 'v' }))?.externalId).toBe('e3');
  for (const externalId of ['e2', 'e1']) await identify({ userId: 'v', externalId });
  expect((await find({ userId: 'u' }))?.externalId).toBeNull();
});

test('an older external id that is claimed by another leaves the newest one alone', async () => {
  await identify({ userId: 'u', externalId: 'e1' });
  await identify({ userId: 'u', externalId: 'e2' });
  await identify({ userId: 'v', externalId: 'e1' });
  expect((await find({ userId: 'u' }))?.externalId).toBe('e2');
});

test('without a user id the anonymous id joins the known profile of the external id', async () => {
  await identify({ userId: 'u', externalId: 'e' });
  await identify({ externalId: 'e', anonymousId: 'a' });
  expect(await find({ anonymousId: 'a' })).toMatchObject({ userId: 'u' });
});

test('the newest context is kept, an absent one changes nothing', async () => {
  await identify({ userId: 'u', context: { locale: 'de' } });
  await identify({ userId: 'u' });
  const { rows } = await bench.database.pools.api.query(
    'select context from profile where workspace_id = $1',
    [workspaceId],
  );
  expect(rows).toEqual([{ context: { locale: 'de' } }]);
});

test('a profile that is full drops the keys set longest ago, without a word', async () => {
  const small = await openProfileBench({ MAX_EVENT_KEYS: '3', MAX_PROFILE_BYTES: '1024' });
  try {
    for (const key of ['k1', 'k2', 'k3', 'k4']) {
      small.now = new Date(small.now.getTime() + 1_000);
      await small.profiles.identifyProfile(workspaceId, { userId: 'u', properties: { [key]: 1 } }, ['input']);
    }
    const read = () => small.profiles.findProfile(workspaceId, { userId: 'u' }, ['key']);
    expect(Object.keys((await read())?.properties ?? {}).sort()).toEqual(['k2', 'k3', 'k4']);

    small.now = new Date(small.now.getTime() + 1_000);
    const properties = { big: 'x'.repeat(1_010) };
    await small.profiles.identifyProfile(workspaceId, { userId: 'u', properties }, ['input']);
    expect((await read())?.properties).toEqual(properties);
  } finally {
    await small.close();
  }
});
