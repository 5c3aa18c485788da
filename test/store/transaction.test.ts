import { once } from 'node:events';
import type { PoolClient } from 'pg';
import type { EntityManager } from 'typeorm';
import type { Database } from '../../src/database/database';
import { isConnectionFault, RetryableConflict } from '../../src/database/faults';
import { inEntityTransaction, inTransaction } from '../../src/database/transaction';
import { openTestDatabase } from '../support/open-database';

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase({ WORKER_POOL_SIZE: '1', STATEMENT_TIMEOUT_MS: '7000' });
  await database.pools.worker.query('create table counter (id int primary key, value int not null)');
});
beforeEach(() => database.pools.worker.query('truncate counter; insert into counter values (1, 0), (2, 0)'));
afterAll(() => database.close());

/** Both kinds of transaction keep the same promises. */
type Tx = (sql: string) => Promise<unknown>;
const KINDS: [string, (work: (query: Tx) => Promise<unknown>) => Promise<unknown>][] = [
  ['SQL', (work) => inTransaction(database.pools.ingest, (tx: PoolClient) => work((sql) => tx.query(sql)))],
  [
    'entities',
    (work) => inEntityTransaction(database.dataSource, (tx: EntityManager) => work((sql) => tx.query(sql))),
  ],
];

describe.each(KINDS)('a transaction of %s', (_name, transact) => {
  test('commits what it did, and gives back what the work gave', async () => {
    const result = await transact(async (query) => {
      await query('update counter set value = 5 where id = 1');
      return 'done';
    });

    expect(result).toBe('done');
    expect(await readCounters()).toEqual([5, 0]);
  });

  test('leaves nothing behind when the work throws', async () => {
    const attempt = transact(async (query) => {
      await query('update counter set value = 5 where id = 1');
      throw new Error('no');
    });

    await expect(attempt).rejects.toThrow('no');
    expect(await readCounters()).toEqual([0, 0]);
  });

  test('runs again after a deadlock, so that both sides commit', async () => {
    let attempts = 0;
    const bothHoldOne = meeting(2);
    const addToBoth = (first: number, second: number) =>
      transact(async (query) => {
        attempts += 1;
        await query(`update counter set value = value + 1 where id = ${first}`);
        await bothHoldOne();
        await query(`update counter set value = value + 1 where id = ${second}`);
      });

    await Promise.all([addToBoth(1, 2), addToBoth(2, 1)]);

    expect(await readCounters()).toEqual([2, 2]);
    expect(attempts).toBe(3);
  }, 15_000);

  test('gives up after five attempts', async () => {
    let attempts = 0;
    const attempt = transact(() => {
      attempts += 1;
      throw new RetryableConflict();
    });

    await expect(attempt).rejects.toBeInstanceOf(RetryableConflict);
    expect(attempts).toBe(5);
  });

  test('does not run again after another error', async () => {
    let attempts = 0;
    const attempt = transact((query) => {
      attempts += 1;
      return query('insert into counter values (1, 0)');
    });

    await expect(attempt).rejects.toMatchObject({ code: '23505' });
    expect(attempts).toBe(1);
  });

  test('never says that it committed when an error that the work swallowed has undone it', async () => {
    const attempt = transact(async (query) => {
      await query('update counter set value = 5 where id = 1');
      await query('select 1 / 0').catch(() => undefined);
    });

    await expect(attempt).rejects.toThrow('The work caught an error of SQL and went on.');
    expect(await readCounters()).toEqual([0, 0]);
  });

  test('throws a connection away that broke, and the next one works', async () => {
    const attempt = transact((query) => query('select pg_terminate_backend(pg_backend_pid())'));

    await expect(attempt).rejects.toMatchObject({ code: '57P01' });
    expect(await attempt.catch(isConnectionFault)).toBe(true);
    for (let i = 0; i < 3; i += 1) await transact((query) => query('select 1'));
  });

  test('throws a connection away whose server does not accept writes any more', async () => {
    const pidOf = async (query: Tx) => JSON.stringify(await query('select pg_backend_pid() as pid'));
    let demoted = '';
    const attempt = transact(async (query) => {
      demoted = await pidOf(query);
      await query('set transaction read only');
      await query('update counter set value = 5');
    });

    await expect(attempt).rejects.toMatchObject({ code: '25006' });
    for (let i = 0; i < 3; i += 1) expect(await transact(pidOf)).not.toBe(demoted);
  });
});

test('a commit is on disk before it is acknowledged, whatever the server or the session says', async () => {
  const setting = `select current_setting('synchronous_commit') as value`;
  const { ingest, worker } = database.pools;
  expect((await ingest.query(setting)).rows).toEqual([{ value: 'on' }]);

  // Behind PgBouncer the session can be one with the settings of somebody else.
  await worker.query('set synchronous_commit = off');
  const { rows } = await inTransaction(worker, (tx) => tx.query(setting));
  expect(rows).toEqual([{ value: 'on' }]);
});

test('a stronger promise than that is left alone', async () => {
  const { worker } = database.pools;
  await worker.query('set synchronous_commit = remote_apply');

  const { rows } = await inTransaction(worker, (tx) =>
    tx.query(`select current_setting('synchronous_commit') as value`),
  );

  expect(rows).toEqual([{ value: 'remote_apply' }]);
});

test('statements of the API have a time limit, those of ingestion and of background work have none', async () => {
  const { api, ingest, worker } = database.pools;
  const limits = [api, ingest, worker].map(async (pool) => {
    const { rows } = await pool.query<{ limit: string }>(
      `select current_setting('statement_timeout') as limit`,
    );
    return rows[0]?.limit;
  });

  expect(await Promise.all(limits)).toEqual(['7s', '0', '0']);
});

test('an idle connection that is cut does not end the process, and the pool goes on', async () => {
  const { api, ingest, worker } = database.pools;
  await Promise.all([api.query('select 1'), ingest.query('select 1')]);
  const broken = [api, ingest].map((pool) => once(pool, 'error'));

  await worker.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`);

  await Promise.all(broken);
  await expect(api.query('select 1')).resolves.toBeDefined();
  await expect(ingest.query('select 1')).resolves.toBeDefined();
});

async function readCounters(): Promise<number[]> {
  const { rows } = await database.pools.worker.query<{ value: number }>(
    'select value from counter order by id',
  );
  return rows.map(({ value }) => value);
}

/** Lets nobody pass before all have come. Who comes later passes. */
function meeting(size: number): () => Promise<void> {
  let missing = size;
  let open: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return () => {
    missing -= 1;
    if (missing === 0) open();
    return opened;
  };
}
