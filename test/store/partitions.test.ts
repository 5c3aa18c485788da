import type { Database } from '../../src/database/database';
import { ensureEventPartitions } from '../../src/events/event-partition.store';
import { newId } from '../../src/lib/uuid';
import { openTestDatabase } from '../support/open-database';

let database: Database;

beforeEach(async () => {
  database = await openTestDatabase();
  // Those of the template are made for the real present.
  for (const name of await partitions()) await database.pools.worker.query(`drop table ${name}`);
});
afterEach(() => database.close());

test('the first call makes the present month, three more, and one partition for all before', async () => {
  await ensureAt('2026-11-24T12:00:00Z');

  expect(await bounds()).toEqual({
    event_history: ['MINVALUE', '2026-11-01'],
    event_2026_11: ['2026-11-01', '2026-12-01'],
    event_2026_12: ['2026-12-01', '2027-01-01'],
    event_2027_01: ['2027-01-01', '2027-02-01'],
    event_2027_02: ['2027-02-01', '2027-03-01'],
  });
});

test('months are those of UTC', async () => {
  await database.pools.worker.query(`set timezone = 'Asia/Tokyo'`);
  await ensureAt('2026-10-31T20:00:00Z');

  expect(Object.keys(await bounds())).toEqual([
    'event_2026_10',
    'event_2026_11',
    'event_2026_12',
    'event_2027_01',
    'event_history',
  ]);
  await insertEvent('2026-10-31T23:59:59.999Z');
  expect(await countIn('event_2026_10')).toBe(1);
});

test('a later call adds what is missing, also the months of a long stop', async () => {
  await ensureAt('2026-11-24T12:00:00Z');
  await ensureAt('2027-08-01T00:00:00Z');

  expect(await partitions()).toHaveLength(14);
  await insertEvent('2027-05-05T05:05:05Z');
  expect(await countIn('event_2027_05')).toBe(1);
});

test('a second call, and one with a clock that runs behind, change nothing', async () => {
  await ensureAt('2026-11-24T12:00:00Z');
  const before = await bounds();

  await ensureAt('2026-11-24T12:00:00Z');
  await ensureAt('2026-09-24T12:00:00Z');

  expect(await bounds()).toEqual(before);
});

test('processes that call at once, on both sides of a new month too, agree', async () => {
  const dates = [
    '2026-11-30T23:59:59Z',
    '2026-12-01T00:00:01Z',
    '2026-11-30T23:59:59Z',
    '2026-12-01T00:00:01Z',
  ];

  await Promise.all(dates.map(ensureAt));

  expect(await partitions()).toContain('event_2027_03');
  await insertEvent('2000-01-01T00:00:00Z');
  await insertEvent('2026-11-30T23:59:59Z');
  await insertEvent('2027-03-31T23:59:59Z');
});

test('events are stored while partitions are made, and partitions are made while events are stored', async () => {
  await ensureAt('2026-11-24T12:00:00Z');
  const ingest = await database.pools.ingest.connect();
  try {
    await ingest.query('begin');
    await insertEvent('2026-11-24T12:00:00Z', ingest);

    await ensureAt('2027-01-24T12:00:00Z');

    await ingest.query('commit');
  } finally {
    ingest.release();
  }
  expect(await partitions()).toContain('event_2027_04');

  const maker = await database.pools.worker.connect();
  try {
    await maker.query('begin');
    await ensureEventPartitions(maker, new Date('2027-02-24T12:00:00Z'));

    await insertEvent('2026-11-24T12:00:00Z');

    await maker.query('commit');
  } finally {
    maker.release();
  }
  expect(await countIn('event_2026_11')).toBe(2);
});

test('a partition has the keys and indexes of its parent, attached to them', async () => {
  await ensureAt('2026-11-24T12:00:00Z');

  const { rows } = await database.pools.worker.query<{ parent: string }>(
    `select inhparent::regclass::text as parent from pg_inherits join pg_index on indexrelid = inhrelid
     where indrelid = 'event_2026_11'::regclass order by 1`,
  );
  expect(rows.map(({ parent }) => parent)).toEqual(['event_pkey', 'event_profile']);
});

function ensureAt(now: string): Promise<void> {
  return ensureEventPartitions(database.pools.worker, new Date(now));
}

async function partitions(): Promise<string[]> {
  return Object.keys(await bounds());
}

/** Partition → its first and its last month. */
async function bounds(): Promise<Record<string, string[]>> {
  const { rows } = await database.pools.api.query<{ name: string; bound: string }>(
    `select relname as name, pg_get_expr(relpartbound, oid) as bound from pg_class
     where relispartition and relkind = 'r' order by relname`,
  );
  return Object.fromEntries(
    rows.map(({ name, bound }) => [name, bound.match(/MINVALUE|\d{4}-\d\d-\d\d/g) ?? []]),
  );
}

async function insertEvent(
  occurredAt: string,
  db: Pick<Database['pools']['api'], 'query'> = database.pools.ingest,
): Promise<void> {
  await db.query(
    `insert into event (workspace_id, occurred_at, id, received_at, message_id, name, profile_id, properties)
     values ($1, $2, $1, now(), $1::uuid::text, 'Opened', $1, '{}')`,
    [newId(), occurredAt],
  );
}

async function countIn(partition: string): Promise<number> {
  const { rows } = await database.pools.api.query<{ count: number }>(
    `select count(*)::int as count from ${partition}`,
  );
  return rows[0]!.count;
}
