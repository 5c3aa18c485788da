import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/database/database';
import { ensureEventPartitions } from '../../src/events/event-partition.store';
import { createEventWriter } from '../../src/events/event-writer';
import { newId } from '../../src/lib/uuid';
import { testConfig } from '../support/config';
import { newEvent } from '../support/new-event';
import { openTestDatabase } from '../support/open-database';

const WRITTEN_ONCE = ['autovacuum_freeze_min_age=0', 'autovacuum_vacuum_insert_scale_factor=0.05'];

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test('every partition of event, also one that is made later, is frozen early', async () => {
  await ensureEventPartitions(database.pools.worker, new Date(Date.now() + 90 * 86_400_000));

  const { rows } = await database.pools.worker.query<{ options: string[] | null }>(
    `select reloptions as options from pg_class join pg_inherits on inhrelid = oid where inhparent = 'event'::regclass`,
  );
  expect(rows.length).toBeGreaterThan(6);
  for (const { options } of rows) expect(options?.sort()).toEqual(WRITTEN_ONCE);
});

test.each([
  ['event_key', [...WRITTEN_ONCE, 'autovacuum_vacuum_scale_factor=0.1']],
  ['identity', WRITTEN_ONCE],
  ['event_definition', ['fillfactor=50']],
  [
    'profile',
    ['autovacuum_analyze_scale_factor=0.05', 'autovacuum_vacuum_scale_factor=0.05', 'fillfactor=80'],
  ],
])('%s has the settings of its kind of growth', async (table, options) => {
  const { rows } = await database.pools.worker.query<{ options: string[] }>(
    `select reloptions as options from pg_class where oid = $1::regclass`,
    [table],
  );
  expect(rows[0]?.options.sort()).toEqual([...options].sort());
});

test('counters and the last time that a person was seen are updated within their page', async () => {
  const write = createEventWriter({ pool: database.pools.ingest, config: testConfig() });
  const workspaceId = newId();
  for (let minute = 0; minute < 40; minute += 1) {
    const at = new Date(Date.UTC(2026, 10, 24, 12, 2 * minute));
    await write([newEvent(workspaceId, { occurredAt: at, receivedAt: at })]);
  }

  for (const table of ['event_definition', 'profile']) {
    const { updates, inPage } = await updatesOf(table, 39);
    expect(updates).toBe(39);
    expect(inPage).toBeGreaterThanOrEqual(38);
  }
});

/** A connection reports its counts now and then, up to ten seconds late, unless it is told to. */
async function updatesOf(table: string, atLeast: number): Promise<{ updates: number; inPage: number }> {
  for (let attempt = 0; ; attempt += 1) {
    await database.pools.ingest.query('select pg_stat_force_next_flush()');
    const { rows } = await database.pools.worker.query<{ updates: number; inPage: number }>(
      `select n_tup_upd::int as updates, n_tup_hot_upd::int as "inPage" from pg_stat_user_tables where relname = $1`,
      [table],
    );
    if (rows[0]!.updates >= atLeast || attempt === 70) return rows[0]!;
    await sleep(200);
  }
}
