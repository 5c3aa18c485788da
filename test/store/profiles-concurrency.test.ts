import { setTimeout as sleep } from 'node:timers/promises';
import type * as pg from 'pg';
import { createProfileLoader } from '../../src/profiles/profile.loader';
import type { ProfileIds } from '../../src/profiles/input.rules';
import { newId } from '../../src/lib/uuid';
import { openProfileBench, type ProfileBench } from '../support/profiles';

let bench: ProfileBench;
let workspaceId: string;

beforeAll(async () => {
  bench = await openProfileBench();
});
afterAll(() => bench.close());
beforeEach(() => {
  workspaceId = newId();
});

const identify = (ids: ProfileIds, properties = {}) =>
  bench.profiles.identifyProfile(workspaceId, { ...ids, properties }, ['input']);
const find = (key: ProfileIds) => bench.profiles.findProfile(workspaceId, key, ['key']);

async function rowsOf<Row extends object>(text: string): Promise<Row[]> {
  return (await bench.database.pools.api.query<Row>(text, [workspaceId])).rows;
}

/** Every id names a profile that exists, and every alias too. */
async function expectNoLooseEnds(): Promise<void> {
  const loose = await rowsOf(
    `select profile_id from (
       select workspace_id, profile_id from identity union all select workspace_id, profile_id from profile_alias) as named
     where workspace_id = $1 and not exists (
       select from profile where profile.workspace_id = named.workspace_id and profile.id = named.profile_id)`,
  );
  expect(loose).toEqual([]);
}

/** A transaction of somebody else, which `work` ends. */
async function inOpenTransaction(work: (other: pg.PoolClient) => Promise<void>): Promise<void> {
  const other = await bench.database.pools.worker.connect();
  try {
    await other.query('begin');
    await work(other);
  } finally {
    other.release(true);
  }
}

test('50 identifies at once of a new user with two anonymous ids, in opposite order, end with one profile', async () => {
  const calls = Array.from({ length: 50 }, (_, index) => {
    const [first, second] = index % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
    return [
      identify({ userId: 'u', anonymousId: first }, { [`p${index}`]: index }),
      identify({ externalId: 'e', anonymousId: second }),
    ];
  });
  await Promise.all(calls.flat());
  await identify({ userId: 'u', externalId: 'e' });

  expect(await rowsOf('select user_id from profile where workspace_id = $1')).toEqual([{ user_id: 'u' }]);
  expect(Object.keys((await find({ userId: 'u' }))?.properties ?? {})).toHaveLength(50);
  expect((await find({ userId: 'u' }))?.anonymousIds.sort()).toEqual(['a', 'b']);
  await expectNoLooseEnds();
});

test('50 identifies at once of one user take one connection of the API pool', async () => {
  const pool = bench.database.pools.api;
  let mostBusy = 0;
  const note = () => (mostBusy = Math.max(mostBusy, pool.totalCount - pool.idleCount + pool.waitingCount));
  pool.on('acquire', note);
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => identify({ userId: 'u', anonymousId: `a${index}` })),
  );
  pool.off('acquire', note);
  expect(mostBusy).toBe(1);
});

test('an identify beyond 100 that wait for the same user is refused as unavailable', async () => {
  const settled = await Promise.allSettled(Array.from({ length: 102 }, () => identify({ userId: 'u' })));
  expect(settled.map(({ status }) => status)).toEqual([...Array<string>(101).fill('fulfilled'), 'rejected']);
  expect(settled[101]).toMatchObject({ reason: { code: 'SERVICE_UNAVAILABLE' } });
});

test('users who claim one anonymous id at once stay apart, and exactly one owns it', async () => {
  const users = Array.from({ length: 20 }, (_, index) => `u${index}`);
  await identify({ anonymousId: 'a' }, { page: '/' });
  await Promise.all(users.map((userId) => identify({ userId, anonymousId: 'a' })));
  expect(await rowsOf('select id from profile where workspace_id = $1')).toHaveLength(20);
  const owners = await Promise.all(users.map((userId) => find({ userId })));
  expect(owners.filter((owner) => owner?.anonymousIds.includes('a'))).toHaveLength(1);
  await expectNoLooseEnds();
});

test('a chain of anonymous ids that is closed from both ends at once becomes one profile', async () => {
  const ids = Array.from({ length: 10 }, (_, index) => `a${index}`);
  await Promise.all(ids.map((anonymousId, index) => identify({ externalId: `e${index}`, anonymousId })));
  const links = ids.slice(1).map((anonymousId, index) => ({ externalId: `e${index}`, anonymousId }));
  await Promise.all([...links, ...links.reverse()].map((link) => identify(link)));
  expect(await rowsOf('select id from profile where workspace_id = $1')).toHaveLength(1);
  await expectNoLooseEnds();
});

test('deleting and identifying at once leaves a whole profile or none', async () => {
  for (let round = 0; round < 10; round += 1) {
    await identify({ userId: 'u', anonymousId: 'a' });
    await Promise.all([
      identify({ userId: 'u', anonymousId: 'b' }),
      bench.profiles.deleteProfile(workspaceId, { anonymousId: 'a' }, ['input', 'key']),
      identify({ userId: 'u', anonymousId: 'a' }),
    ]);
    await expectNoLooseEnds();
  }
});

test('an id that is just moving to another person is identified as the other', async () => {
  await identify({ userId: 'u', anonymousId: 'a' });
  await identify({ userId: 'v' });
  await inOpenTransaction(async (other) => {
    await other.query(
      `update identity set profile_id = (select id from profile where workspace_id = $1 and user_id = 'v')
       where workspace_id = $1 and value = 'a'`,
      [workspaceId],
    );
    const identifying = identify({ anonymousId: 'a' }, { page: '/' });
    await sleep(100);
    await other.query('commit');
    await identifying;
  });
  expect((await find({ userId: 'v' }))?.properties).toEqual({ page: '/' });
});

test('an identify that holds a profile does not wait for an id of it, whose holder may wait for the profile', async () => {
  await identify({ externalId: 'e', anonymousId: 'a' });
  await identify({ userId: 'u' });
  await inOpenTransaction(async (other) => {
    await other.query(`set local lock_timeout = '500ms'`);
    await other.query(`select from identity where workspace_id = $1 and value = 'a' for update`, [
      workspaceId,
    ]);
    const identifying = identify({ userId: 'u', externalId: 'e' });
    const settled = Promise.allSettled([identifying]);
    await sleep(100);
    await other.query(`select from profile where workspace_id = $1 and external_id = 'e' for update`, [
      workspaceId,
    ]);
    await other.query('rollback');
    await settled;
  });
});

test('50 reads at once are two statements at most, each answered with its own profile', async () => {
  const userIds = Array.from({ length: 50 }, (_, index) => `u${index}`);
  await Promise.all(userIds.map((userId) => identify({ userId })));
  let statementCount = 0;
  const db = {
    query: <Row extends pg.QueryResultRow>(query: pg.QueryConfig) => {
      statementCount += 1;
      return bench.database.pools.api.query<Row>(query);
    },
  };
  const loader = createProfileLoader(db, { isPrepared: true });
  const keys = userIds.map((value) => ({ workspaceId, kind: 'user' as const, value }));
  const found = await Promise.all(
    [...keys, { workspaceId: newId(), kind: 'user' as const, value: 'u1' }].map((key) => loader.load(key)),
  );
  expect(found.map((profile) => profile?.userId ?? null)).toEqual([...userIds, null]);
  expect(statementCount).toBeLessThanOrEqual(2);
});
