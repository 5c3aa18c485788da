import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as pg from 'pg';
import type { PreparableSql, Sql } from '../../src/database/transaction';
import { insertEvents } from '../../src/events/event.store';
import { newId } from '../../src/lib/uuid';
import type { ProfileIds } from '../../src/profiles/input.rules';
import { newEvent } from '../support/new-event';
import { openProfileBench, type ProfileBench } from '../support/profiles';

let bench: ProfileBench;
let pool: pg.Pool;
let workspaceId: string;

beforeAll(async () => {
  bench = await openProfileBench();
  pool = bench.database.pools.api;
});
afterAll(() => bench.close());
beforeEach(() => {
  workspaceId = newId();
});

const identify = (ids: ProfileIds) => bench.profiles.identifyProfile(workspaceId, ids, ['input']);
const find = (key: ProfileIds) => bench.profiles.findProfile(workspaceId, key, ['key']);
const erase = (key: ProfileIds) => bench.profiles.deleteProfile(workspaceId, key, ['input', 'key']);

async function givenEvents(db: Sql, profileId: string | undefined, count: number): Promise<void> {
  await db.query(
    `insert into event (workspace_id, occurred_at, id, received_at, message_id, name, profile_id, properties)
     select $1, now(), gen_random_uuid(), now(), 'm' || n, 'click', $2, '{}' from generate_series(1, $3) as n`,
    [workspaceId, profileId, count],
  );
}

/** As a flush does; at a time at which the person was seen already, so that the profile is not written. */
async function storeEventOf(user: string, db: PreparableSql): Promise<void> {
  // A name of its own: flushes of one process never run side by side, and so never wait for one counter.
  const event = newEvent(workspaceId, { user, name: user, occurredAt: bench.now });
  await insertEvents(db, { events: [event], newProfileIds: [event.id] }, { stripe: 0, isPrepared: false });
}

async function countOf(table: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from ${table} where workspace_id = $1`,
    [workspaceId],
  );
  return rows[0]?.count ?? 0;
}

const hashOf = (identity: string) => createHash('sha256').update(identity).digest('hex');

test('an unknown id erases nothing', async () => {
  expect(await erase({ userId: 'nobody' })).toEqual({ deletedProfileCount: 0, deletedEventCount: 0 });
});

test('a person is erased by any id: profile, links, merged profiles and events; others stay', async () => {
  await identify({ userId: 'other', anonymousId: 'o' });
  await identify({ anonymousId: 'a' });
  const merged = await find({ anonymousId: 'a' });
  await identify({ userId: 'u', externalId: 'e' });
  await identify({ userId: 'u', anonymousId: 'a' });
  await givenEvents(pool, (await find({ userId: 'u' }))?.id, 3);
  await givenEvents(pool, merged?.id, 2);
  await givenEvents(pool, (await find({ userId: 'other' }))?.id, 4);

  expect(await erase({ externalId: 'e' })).toEqual({ deletedProfileCount: 1, deletedEventCount: 5 });
  for (const key of [{ userId: 'u' }, { externalId: 'e' }, { anonymousId: 'a' }])
    expect(await find(key)).toBeNull();
  expect(await find({ userId: 'other' })).toMatchObject({ anonymousIds: ['o'] });
  expect(await countOf('event')).toBe(4);
  expect([await countOf('profile_alias'), await countOf('profile_erasure')]).toEqual([0, 0]);
});

test('each id leaves a tombstone that is a hash with the time of the deletion', async () => {
  await identify({ userId: 'u', anonymousId: 'ä' });
  await erase({ userId: 'u' });
  const { rows } = await pool.query(
    `select encode(identity_hash, 'hex') as hash, deleted_at from deleted_identity where workspace_id = $1`,
    [workspaceId],
  );
  const tombstones = ['user:u', 'anonymous:ä'].map((text) => ({ hash: hashOf(text), deleted_at: bench.now }));
  expect(new Set(rows)).toEqual(new Set(tombstones));
});

test('an identify after the deletion makes a new profile, and a second deletion moves the tombstone on', async () => {
  await identify({ userId: 'u' });
  const before = await find({ userId: 'u' });
  await erase({ userId: 'u' });
  await identify({ userId: 'u' });
  expect((await find({ userId: 'u' }))?.id).not.toBe(before?.id);

  bench.now = new Date(bench.now.getTime() + 60_000);
  expect(await erase({ userId: 'u' })).toMatchObject({ deletedProfileCount: 1 });
  const { rows } = await pool.query('select deleted_at from deleted_identity where workspace_id = $1', [
    workspaceId,
  ]);
  expect(rows).toEqual([{ deleted_at: bench.now }]);
});

test('an event that a flush was still storing for the person is erased too', async () => {
  await identify({ userId: 'u' });
  const flush = await pool.connect();
  try {
    await flush.query('begin');
    await storeEventOf('u', flush);
    const erasing = erase({ userId: 'u' });
    while ((await find({ userId: 'u' })) !== null) await sleep(10);
    await flush.query('commit');
    expect(await erasing).toEqual({ deletedProfileCount: 1, deletedEventCount: 1 });
  } finally {
    flush.release();
  }
  expect(await countOf('event')).toBe(0);
});

test('flushes go through between two attempts of a deletion to wait for a long one', async () => {
  await identify({ userId: 'u' });
  const long = await pool.connect();
  try {
    await long.query('begin');
    await storeEventOf('other', long);
    const erasing = erase({ userId: 'u' });
    while ((await countOf('profile_erasure')) === 0) await sleep(10);
    const startedAt = performance.now();
    await storeEventOf('another', bench.database.pools.ingest);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await long.query('commit');
    expect(await erasing).toMatchObject({ deletedProfileCount: 1 });
  } finally {
    long.release();
  }
});

test('a deletion waits neither for an autovacuum of the message ids nor for a backup', async () => {
  await identify({ userId: 'u' });
  const [vacuum, backup] = [await pool.connect(), await pool.connect()];
  try {
    await vacuum.query('begin; lock table event_key in share update exclusive mode');
    await backup.query('begin; lock table event_key, deleted_identity, event in access share mode');
    expect(await erase({ userId: 'u' })).toMatchObject({ deletedProfileCount: 1 });
  } finally {
    for (const client of [vacuum, backup]) {
      await client.query('rollback');
      client.release();
    }
  }
});

describe('a deletion that was cut off', () => {
  async function givenCutOffDeletion(requestedAt: Date): Promise<void> {
    const profileId = newId();
    await givenEvents(pool, profileId, 2);
    await pool.query('insert into profile_erasure values ($1, $2, $3)', [
      workspaceId,
      profileId,
      requestedAt,
    ]);
  }

  test('is completed later', async () => {
    await givenCutOffDeletion(new Date(bench.now.getTime() - 60_000));
    await bench.profiles.finishErasures(bench.now);
    expect([await countOf('event'), await countOf('profile_erasure')]).toEqual([0, 0]);
  });

  test('is left alone while it may still be running', async () => {
    await givenCutOffDeletion(bench.now);
    await bench.profiles.finishErasures(new Date(bench.now.getTime() - 60_000));
    expect([await countOf('event'), await countOf('profile_erasure')]).toEqual([2, 1]);
  });
});
