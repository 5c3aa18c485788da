import type { Database } from '../../src/database/database';
import { expireMessageIds } from '../../src/events/event-expiry.worker';
import { deleteOldKeys } from '../../src/events/event-retention.store';
import { createEventWriter } from '../../src/events/event-writer';
import { newId } from '../../src/lib/uuid';
import { testConfig } from '../support/config';
import { newEvent } from '../support/new-event';
import { openTestDatabase } from '../support/open-database';

const RECEIVED_AT = new Date('2026-11-24T12:00:00.000Z');
const HOUR_MS = 3_600_000;
const WINDOW_MS = 7 * 24 * HOUR_MS;

let database: Database;
let workspaceId: string;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pools.worker.query('truncate event_key, workspace cascade');
  workspaceId = newId();
  await database.pools.worker.query(
    `insert into workspace (id, name, created_at) values ($1, 'Shop', now())`,
    [workspaceId],
  );
});

const trimAfter = (ms: number, stopping = new AbortController().signal) =>
  expireMessageIds({
    db: database.pools.worker,
    now: new Date(RECEIVED_AT.getTime() + ms),
    days: 7,
    stopping,
  });

test('a message id is a duplicate for all of the window after its receipt, whatever the time of its event', async () => {
  const write = createEventWriter({ pool: database.pools.ingest, config: testConfig() });
  const event = newEvent(workspaceId, {
    occurredAt: new Date('2020-01-01T00:00:00Z'),
    receivedAt: RECEIVED_AT,
  });
  const again = { ...event, id: newId(), receivedAt: new Date(RECEIVED_AT.getTime() + WINDOW_MS) };
  expect(await write([event])).toEqual(['ACCEPTED']);

  await trimAfter(WINDOW_MS);
  expect(await write([again])).toEqual(['DUPLICATE']);

  await trimAfter(WINDOW_MS + 2 * HOUR_MS);
  expect(await write([again])).toEqual(['ACCEPTED']);
});

test('a repeat does not lengthen the time, which counts from the first receipt', async () => {
  const write = createEventWriter({ pool: database.pools.ingest, config: testConfig() });
  const event = newEvent(workspaceId, { receivedAt: RECEIVED_AT });
  await write([event]);
  await write([{ ...event, receivedAt: new Date(RECEIVED_AT.getTime() + WINDOW_MS) }]);

  await trimAfter(WINDOW_MS + 2 * HOUR_MS);

  expect(await count()).toBe(0);
});

test('ids of every workspace are forgotten, and younger ones stay', async () => {
  await givenKeys(3, RECEIVED_AT);
  await givenKeys(2, new Date(RECEIVED_AT.getTime() + 2 * HOUR_MS));
  const first = workspaceId;
  workspaceId = newId();
  await database.pools.worker.query(
    `insert into workspace (id, name, created_at) values ($1, 'Other', now())`,
    [workspaceId],
  );
  await givenKeys(3, RECEIVED_AT);

  await trimAfter(WINDOW_MS + 2 * HOUR_MS);

  expect(await count()).toBe(0);
  workspaceId = first;
  expect(await count()).toBe(2);
});

test('a step deletes no more than it may, the oldest first', async () => {
  await givenKeys(4, new Date(RECEIVED_AT.getTime() + HOUR_MS));
  await givenKeys(3, RECEIVED_AT);
  const before = new Date(RECEIVED_AT.getTime() + WINDOW_MS);

  const step = { workspaceId, before, from: null, limit: 3 };
  expect(await deleteOldKeys(database.pools.worker, step)).toEqual({
    deletedCount: 3,
    reachedAt: RECEIVED_AT,
  });

  const { rows } = await database.pools.api.query('select distinct received_at from event_key');
  expect(rows).toEqual([{ received_at: new Date(RECEIVED_AT.getTime() + HOUR_MS) }]);
});

test('three processes at once delete more than a step between them', async () => {
  await givenKeys(2_500, RECEIVED_AT);

  await Promise.all([1, 2, 3].map(() => trimAfter(WINDOW_MS + 2 * HOUR_MS)));

  expect(await count()).toBe(0);
});

test('nothing more is deleted once the process stops', async () => {
  await givenKeys(1, RECEIVED_AT);

  await trimAfter(WINDOW_MS + 2 * HOUR_MS, AbortSignal.abort());

  expect(await count()).toBe(1);
});

test('old ids are found by their time, without a look at the others', async () => {
  await givenKeys(20_000, new Date(RECEIVED_AT.getTime() + WINDOW_MS));
  await givenKeys(10, RECEIVED_AT);
  await database.pools.worker.query('analyze event_key');

  const { rows } = await database.pools.worker.query<{ 'QUERY PLAN': string }>(
    `explain (analyze, timing off, costs off, buffers off)
     select ctid from event_key where workspace_id = '${workspaceId}' and received_at < '2026-11-25' order by received_at
     limit 1000`,
  );
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('event_key_received');
  expect(plan).not.toContain('Rows Removed');
});

async function givenKeys(amount: number, receivedAt: Date): Promise<void> {
  await database.pools.worker.query(
    `insert into event_key (workspace_id, message_id, received_at)
     select $1, gen_random_uuid()::text, $2 from generate_series(1, $3)`,
    [workspaceId, receivedAt, amount],
  );
}

async function count(): Promise<number> {
  const { rows } = await database.pools.api.query<{ count: number }>(
    'select count(*)::int as count from event_key where workspace_id = $1',
    [workspaceId],
  );
  return rows[0]!.count;
}
