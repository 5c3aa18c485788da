import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/database/database';
import { isConflict } from '../../src/database/faults';
import { expireEvents } from '../../src/events/event-expiry.worker';
import { dropOldPartitions, ensureEventPartitions } from '../../src/events/event-partition.store';
import { deleteOldEvents } from '../../src/events/event-retention.store';
import { newId } from '../../src/lib/uuid';
import { openTestDatabase } from '../support/open-database';

/** The partitions are November 2026 to February 2027, and one for all that was before. */
const FIRST_START = new Date('2026-11-24T12:00:00Z');

let database: Database;
let workspaceId: string;

beforeEach(async () => {
  database = await openTestDatabase();
  const { worker } = database.pools;
  const { rows } = await worker.query<{ name: string }>(
    `select relname as name from pg_class where relispartition and relkind = 'r'`,
  );
  for (const { name } of rows) await worker.query(`drop table ${name}`);
  await ensureEventPartitions(worker, FIRST_START);
  workspaceId = await givenWorkspaceRow();
});
afterEach(() => database.close());

const expireAt = (now: string, days: number, stopping = new AbortController().signal) =>
  expireEvents({ db: database.pools.worker, now: new Date(now), days, stopping });

test('a month is dropped once all of it is older than the retention, and not an instant sooner', async () => {
  await givenEvents('2026-11-30T23:59:59.999Z', '2026-12-31T23:59:59.999Z');

  await dropOldPartitions(database.pools.worker, new Date('2026-11-30T23:59:59.999Z'));
  expect(await partitions()).toContain('event_2026_11');

  await dropOldPartitions(database.pools.worker, new Date('2026-12-01T00:00:00Z'));
  expect(await partitions()).toEqual(['event_2026_12', 'event_2027_01', 'event_2027_02', 'event_history']);
  expect(await times()).toEqual(['2026-12-31T23:59:59.999Z']);
});

test('what came before the first month goes with it, and events of that time are still taken', async () => {
  await givenEvents('2019-01-01T00:00:00.000Z', '2026-11-10T00:00:00.000Z');

  await dropOldPartitions(database.pools.worker, new Date('2027-01-01T00:00:00Z'));
  expect(await times()).toEqual([]);

  await givenEvents('2019-01-01T00:00:00.000Z', '2026-11-10T00:00:00.000Z', '2026-12-31T23:59:59.999Z');
  expect(await countIn('event_history')).toBe(3);
});

test('months go on being made after some were dropped', async () => {
  await dropOldPartitions(database.pools.worker, new Date('2027-01-01T00:00:00Z'));
  await ensureEventPartitions(database.pools.worker, new Date('2027-03-01T00:00:00Z'));

  expect(await partitions()).toEqual([
    'event_2027_01',
    'event_2027_02',
    'event_2027_03',
    'event_2027_04',
    'event_2027_05',
    'event_2027_06',
    'event_history',
  ]);
  await givenEvents('2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z', '2027-06-30T00:00:00.000Z');
});

test('in a month that is partly old, and before the first, exactly what is older is deleted', async () => {
  await givenEvents(
    '2026-10-01T00:00:00.000Z',
    '2026-11-20T11:59:59.999Z',
    '2026-11-20T12:00:00.000Z',
    '2026-11-24T00:00:00.000Z',
  );

  await expireAt('2026-11-24T12:00:00Z', 4);

  expect(await times()).toEqual(['2026-11-20T12:00:00.000Z', '2026-11-24T00:00:00.000Z']);
  expect(await partitions()).toContain('event_2026_11');
});

test('events of every workspace are deleted', async () => {
  await givenEvents('2026-11-01T00:00:00.000Z');
  workspaceId = await givenWorkspaceRow();
  await givenEvents('2026-11-01T00:00:00.000Z');

  await expireAt('2026-11-24T12:00:00Z', 4);

  expect(await times()).toEqual([]);
});

test('a step deletes the oldest events and no more than it may, also when all have one time', async () => {
  await givenEvents(...Array.from({ length: 7 }, () => '2026-11-02T00:00:00.000Z'));
  await givenEvents('2026-11-01T00:00:00.000Z');
  const step = { workspaceId, before: new Date('2026-11-20T00:00:00Z'), from: null, limit: 3 };
  const reachedAt = new Date('2026-11-02T00:00:00Z');

  expect(await deleteOldEvents(database.pools.worker, step)).toEqual({ deletedCount: 3, reachedAt });
  expect(await times()).toEqual(Array.from({ length: 5 }, () => '2026-11-02T00:00:00.000Z'));
  expect(await deleteOldEvents(database.pools.worker, step)).toEqual({ deletedCount: 3, reachedAt });
  expect(await deleteOldEvents(database.pools.worker, { ...step, from: reachedAt })).toEqual({
    deletedCount: 2,
    reachedAt,
  });
});

test('more events than a step takes are deleted in several', async () => {
  await database.pools.worker.query(
    `insert into event (workspace_id, occurred_at, id, received_at, message_id, name, profile_id, properties)
     select $1, '2026-11-01', gen_random_uuid(), now(), n, 'Opened', $1, '{}' from generate_series(1, 2500) as n`,
    [workspaceId],
  );

  await expireAt('2026-11-24T12:00:00Z', 4);

  expect(await times()).toEqual([]);
});

test('nothing more is deleted once the process stops', async () => {
  await givenEvents('2026-11-01T00:00:00.000Z');

  await expireAt('2026-11-24T12:00:00Z', 4, AbortSignal.abort());

  expect(await times()).toHaveLength(1);
});

test('two processes at once delete and drop the same as one', async () => {
  await givenEvents('2026-10-01T00:00:00.000Z', '2026-11-10T00:00:00.000Z', '2026-12-02T00:00:00.000Z');
  await givenEvents('2026-12-20T00:00:00.000Z');

  await Promise.all(Array.from({ length: 3 }, () => expireAt('2026-12-24T00:00:00Z', 14)));

  expect(await times()).toEqual(['2026-12-20T00:00:00.000Z']);
  expect(await partitions()).not.toContain('event_2026_11');
});

test('a reader that takes long keeps a month from being dropped, and holds up nobody else', async () => {
  await givenEvents('2026-11-10T00:00:00.000Z');
  const reader = await database.pools.api.connect();
  try {
    await reader.query('begin');
    await reader.query('select count(*) from event');
    const dropping = dropOldPartitions(database.pools.worker, new Date('2026-12-01T00:00:00Z'));
    const refused = expect(dropping.catch((error: unknown) => isConflict(error))).resolves.toBe(true);
    let longestMs = 0;
    let isOver = false;
    void refused.finally(() => (isOver = true));
    while (!isOver) {
      const startedAt = performance.now();
      await givenEvents('2026-12-10T00:00:00.000Z');
      longestMs = Math.max(longestMs, performance.now() - startedAt);
      await sleep(1);
    }
    await refused;
    expect(longestMs).toBeLessThan(1_000);
    expect(await partitions()).toContain('event_2026_11');
    await reader.query('commit');
  } finally {
    reader.release();
  }
  await dropOldPartitions(database.pools.worker, new Date('2026-12-01T00:00:00Z'));
  expect(await partitions()).not.toContain('event_2026_11');
});

async function givenWorkspaceRow(): Promise<string> {
  const id = newId();
  await database.pools.worker.query(
    `insert into workspace (id, name, created_at) values ($1, 'Shop', now())`,
    [id],
  );
  return id;
}

async function givenEvents(...occurredAt: readonly string[]): Promise<void> {
  await database.pools.ingest.query(
    `insert into event (workspace_id, occurred_at, id, received_at, message_id, name, profile_id, properties)
     select $1, at, gen_random_uuid(), now(), gen_random_uuid()::text, 'Opened', $1, '{}' from unnest($2::timestamptz[]) as at`,
    [workspaceId, occurredAt],
  );
}

async function times(): Promise<string[]> {
  const { rows } = await database.pools.api.query<{ occurred_at: Date }>(
    'select occurred_at from event order by occurred_at',
  );
  return rows.map((row) => row.occurred_at.toISOString());
}

async function partitions(): Promise<string[]> {
  const { rows } = await database.pools.worker.query<{ name: string }>(
    `select relname as name from pg_class where relispartition and relkind = 'r' order by relname`,
  );
  return rows.map(({ name }) => name);
}

async function countIn(partition: string): Promise<number> {
  const { rows } = await database.pools.api.query<{ count: number }>(
    `select count(*)::int as count from ${partition}`,
  );
  return rows[0]!.count;
}
