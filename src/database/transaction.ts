import { setTimeout as sleep } from 'node:timers/promises';
import type * as pg from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { isConflict, isConnectionFault } from './faults';

/** Whatever a store can send SQL to: a pool, or the client of a transaction. */
export interface Sql {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
}

/** The same for a statement that may have a name, so that the server plans it once per connection. */
export interface PreparableSql {
  query<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<Row>>;
}

const MAX_ATTEMPTS = 5;

/**
 * An acknowledged event must be on disk (security.md rule 1), so the transaction does not rely on the server's default.
 * LOCAL, because behind PgBouncer in transaction mode a setting of the session may belong to another connection.
 * `remote_apply` promises more than `on` and stays. One round trip.
 */
const BEGIN = `/* database.begin */ begin;
  select set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') <> 'remote_apply'`;

/**
 * Runs the work in one transaction (READ COMMITTED) and commits it. The work runs again, from the start and at most
 * 5 times in all, when it lost against another transaction; it must not leave traces outside the transaction.
 */
export function inTransaction<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  return retryConflicts(() => runOnce(pool, work));
}

/** The same for entities, on the API's pool. */
export function inEntityTransaction<T>(
  dataSource: DataSource,
  work: (tx: EntityManager) => Promise<T>,
): Promise<T> {
  return retryConflicts(() => runEntitiesOnce(dataSource, work));
}

/** For a single statement, which is a transaction of its own. */
export async function retryConflicts<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isConflict(error) || attempt === MAX_ATTEMPTS) throw error;
      // Apart from one another, else the same transactions collide again.
      await sleep(Math.random() * 10 * 2 ** attempt);
    }
  }
}

async function runOnce<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // Without a listener, a connection that dies between two statements ends the process. The next statement fails anyway.
  const ignore = () => undefined;
  client.on('error', ignore);
  let broken = false;
  try {
    await client.query(BEGIN);
    const result = await work(client);
    const { command } = await client.query('commit');
    if (command !== 'COMMIT') throw new SwallowedFailure();
    return result;
  } catch (error) {
    broken = isConnectionFault(error) || !(await succeeds(client.query('rollback')));
    throw error;
  } finally {
    client.removeListener('error', ignore);
    client.release(broken);
  }
}

async function runEntitiesOnce<T>(
  dataSource: DataSource,
  work: (tx: EntityManager) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  const client = (await runner.connect()) as pg.PoolClient;
  try {
    await runner.startTransaction();
    const result = await work(runner.manager);
    await runner.query(`/* database.findSwallowedFailure */ select 1`).catch((cause: unknown) => {
      throw isConnectionFault(cause) ? cause : new SwallowedFailure();
    });
    await runner.commitTransaction();
    return result;
  } catch (error) {
    const broken = isConnectionFault(error) || !(await succeeds(runner.rollbackTransaction()));
    // The pool throws an ended client away; TypeORM would hand a broken one to the next caller.
    if (broken) void client.end();
    throw error;
  } finally {
    await runner.release();
  }
}

/** COMMIT after a statement that failed rolls back, and says so only in its command tag, which TypeORM hides. */
class SwallowedFailure extends Error {
  constructor() {
    super('The work caught an error of SQL and went on.');
    this.name = 'SwallowedFailure';
  }
}

function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}
