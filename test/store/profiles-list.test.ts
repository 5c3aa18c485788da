import type { QueryConfig } from 'pg';
import type { PreparableSql, Sql } from '../../src/database/transaction';
import { newId } from '../../src/lib/uuid';
import type { ProfileRow } from '../../src/profiles/profile.store';
import { listProfiles, findProfiles } from '../../src/profiles/profile.store';
import { openProfileBench, type ProfileBench } from '../support/profiles';

const PROFILE_COUNT = 5_000;
const workspaceId = newId();
const otherWorkspaceId = newId();
let bench: ProfileBench;

beforeAll(async () => {
  bench = await openProfileBench();
  await givenProfiles(workspaceId);
  await givenProfiles(otherWorkspaceId);
  await bench.database.pools.api.query('analyze profile; analyze identity');
});
afterAll(() => bench.close());

/** Profile n has the user id un and the number n; of every thousand one is rare, every other one is in a segment. */
async function givenProfiles(workspace: string): Promise<void> {
  const ids = Array.from({ length: PROFILE_COUNT }, () => newId()).sort();
  await bench.database.pools.api.query(
    `with inserted as (
       insert into profile (workspace_id, id, user_id, properties, segments, first_seen_at, last_seen_at)
       select $1, id, 'u' || n, jsonb_build_object('n', n, 'address', jsonb_build_object('rare', n % 1000 = 0)),
         case when n % 2 = 0 then array['even'] else '{}' end, $3, $3::timestamptz + make_interval(mins => n::int)
       from unnest($2::uuid[]) with ordinality as new (id, n)
       returning id, user_id)
     insert into identity (workspace_id, kind, value, profile_id, claimed_at)
     select $1, 'user', user_id, id, $3 from inserted`,
    [workspace, ids, bench.now],
  );
}

const ALL = {
  workspaceId,
  beforeId: null,
  propertiesContain: null,
  segment: null,
  lastSeenAfter: null,
  limit: 3,
};
const list = (conditions: object) => listProfiles(bench.database.pools.api, { ...ALL, ...conditions });
const userIdsOf = (rows: readonly ProfileRow[]) => rows.map(({ userId }) => userId);

/** The plan of a store's own statement, with its own values. */
async function explain(run: (db: Sql & PreparableSql) => Promise<unknown>): Promise<string> {
  let plan = '';
  const db = {
    query: async (query: string | QueryConfig, values?: unknown[]) => {
      const { text, ...config } = typeof query === 'string' ? { text: query, values } : query;
      const result = await bench.database.pools.api.query({ ...config, text: `explain ${text}` });
      plan = result.rows.map((row) => Object.values(row as object).join('')).join('\n');
      return { ...result, rows: [] };
    },
  };
  await run(db);
  return plan;
}

test('the newest come first, and a page goes on below the last one', async () => {
  const first = await list({});
  expect(userIdsOf(first)).toEqual(['u5000', 'u4999', 'u4998']);
  expect(userIdsOf(await list({ beforeId: first.at(-1)?.id }))).toEqual(['u4997', 'u4996', 'u4995']);
});

test('a condition on properties finds what contains the object, nested too, in this workspace only', async () => {
  expect(userIdsOf(await list({ propertiesContain: { n: 7 } }))).toEqual(['u7']);
  expect(userIdsOf(await list({ propertiesContain: { address: { rare: true } }, limit: 10 }))).toEqual([
    'u5000',
    'u4000',
    'u3000',
    'u2000',
    'u1000',
  ]);
  expect(await list({ propertiesContain: { n: 7, address: { rare: true } } })).toEqual([]);
});

test('conditions on the segment and on the time last seen hold together', async () => {
  const lastSeenAfter = new Date(bench.now.getTime() + 4_996 * 60_000);
  expect(userIdsOf(await list({ segment: 'even', lastSeenAfter }))).toEqual(['u5000', 'u4998']);
});

test('a condition on properties uses the GIN index', async () => {
  const plan = await explain((db) => listProfiles(db, { ...ALL, propertiesContain: { n: 7 } }));
  expect(plan).toContain('Bitmap Index Scan on profile_properties');
});

test('a page without conditions reads along the primary key', async () => {
  const plan = await explain((db) => listProfiles(db, { ...ALL, beforeId: newId() }));
  expect(plan).toContain('Index Scan Backward using profile_pkey');
  expect(plan).not.toContain('Seq Scan');
});

test('reading many profiles by their ids uses the primary keys', async () => {
  const keys = Array.from({ length: 100 }, (_, n) => ({
    workspaceId,
    kind: 'user' as const,
    value: `u${n + 1}`,
  }));
  const plan = await explain((db) => findProfiles(db, keys, { isPrepared: false }));
  expect(plan).toContain('identity_pkey');
  expect(plan).toContain('profile_pkey');
  expect(plan).not.toContain('Seq Scan');
});
