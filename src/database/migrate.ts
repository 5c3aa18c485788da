import { setTimeout as sleep } from 'node:timers/promises';
import type * as pg from 'pg';
import { CreateBase20261124070000 } from '../../migrations/20261124070000-create-base';
import { IndexEventKeyByTime20261124130000 } from '../../migrations/20261124130000-index-event-key-by-time';
import { SetVacuumSettings20261124130100 } from '../../migrations/20261124130100-set-vacuum-settings';
import type { Logger } from '../log';
import { openDataSource, poolOf } from './data-source';
import type { Connection } from './server';
import type { Sql } from './transaction';

/** All of them, in order. Named one by one, so that a stray file is never run. */
const MIGRATIONS = [
  CreateBase20261124070000,
  IndexEventKeyByTime20261124130000,
  SetVacuumSettings20261124130100,
];

/** Any number that no other program uses on this database. */
const LOCK_KEY = 4_180_020_261;
const LOCK_POLL_MS = 200;
const OLDEST_VERSION = 150_000;

/** Shared out by workspace under Citus; `event` first, as the others are put beside its shards. */
const LARGE_TABLES = [
  'event',
  'event_key',
  'event_definition',
  'profile',
  'identity',
  'profile_alias',
  'deleted_identity',
  'profile_erasure',
];

export interface MigrateOptions {
  readonly connection: Connection;
  readonly log: Logger;
  /** Runs after the migrations, under the same lock. */
  readonly prepare?: ((db: Sql) => Promise<void>) | undefined;
}

/** Brings the schema up to date. Several processes may start at once: one works, the others wait and find it done. */
export async function migrate(options: MigrateOptions): Promise<void> {
  const { connection, log } = options;
  const client = new connection.Client(connection);
  client.on('error', (error) =>
    log.warn({ err: error }, 'the connection that holds the migration lock broke'),
  );
  await client.connect();
  try {
    await requireSupportedServer(client);
    await takeLock(client, log);
    await runMigrations(options);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

async function requireSupportedServer(db: Sql): Promise<void> {
  const { rows } = await db.query<{ version: string }>(
    `/* database.serverVersion */ select current_setting('server_version_num') as version`,
  );
  requireSupportedVersion(Number(rows[0]?.version));
}

/** Takes server_version_num, e.g. 150004. Throws for a server that is too old. */
export function requireSupportedVersion(versionNumber: number): void {
  if (versionNumber >= OLDEST_VERSION) return;
  const major = Math.floor(versionNumber / 10_000);
  throw new Error(
    `PostgreSQL ${OLDEST_VERSION / 10_000} or newer is needed; this server is version ${major}.`,
  );
}

/**
 * Held by an open transaction, so that it works through PgBouncer in transaction mode and is free again when its holder
 * dies. Asked for again and again instead of waited for: a statement that waits holds a snapshot, and a migration that
 * creates an index concurrently waits for all snapshots. The two would wait for one another without end.
 */
async function takeLock(client: pg.Client, log: Logger): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    await client.query('begin');
    await client.query(`/* database.keepLock */ set local idle_in_transaction_session_timeout = 0`);
    // No parameters: with them the portal stays open, and with it a snapshot, for as long as the transaction.
    const { rows } = await client.query<{ taken: boolean }>(
      `/* database.takeLock */ select pg_try_advisory_xact_lock(${LOCK_KEY}) as taken`,
    );
    if (rows[0]?.taken) return;
    await client.query('rollback');
    if (attempt === 0) log.info('another process is migrating the database; waiting for it');
    await sleep(LOCK_POLL_MS);
  }
}

async function runMigrations({ connection, log, prepare }: MigrateOptions): Promise<void> {
  const pool = { connection, log, name: 'migrations', size: 1, statementTimeoutMs: 0, answerTimeoutMs: 0 };
  const dataSource = await openDataSource(pool, { migrations: MIGRATIONS });
  try {
    const done = await dataSource.runMigrations({ transaction: 'each' });
    if (done.length > 0) log.info({ migrations: done.map(({ name }) => name) }, 'the database was migrated');
    const db = poolOf(dataSource);
    await distribute(db);
    await prepare?.(db);
  } finally {
    await dataSource.destroy();
  }
}

/** All there is of Citus: without its extension it does nothing. Tables that are shared out already are left alone. */
async function distribute(db: Sql): Promise<void> {
  const { rows } = await db.query(
    `/* database.findCitus */ select 1 from pg_extension where extname = 'citus'`,
  );
  if (rows.length === 0) return;
  for (const table of LARGE_TABLES) {
    await db.query(
      `/* database.distribute */
       select create_distributed_table($1::regclass, 'workspace_id', colocate_with => $2)
       where not exists (select from pg_dist_partition where logicalrelid = $1::regclass)`,
      [table, table === LARGE_TABLES[0] ? 'none' : LARGE_TABLES[0]],
    );
  }
}
