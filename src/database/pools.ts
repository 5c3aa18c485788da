import * as pg from 'pg';
import type { Config } from '../config';
import type { Logger } from '../log';
import type { Server } from './server';

/** Apart, so that slow reads never starve ingestion (security.md rule 23). `api` is also TypeORM's. */
export interface Pools {
  readonly api: pg.Pool;
  readonly ingest: pg.Pool;
  readonly worker: pg.Pool;
}

/** Longest wait for a connection, a free or a new one, before the caller is answered 503. */
const CONNECTION_TIMEOUT_MS = 5_000;
/** A process that hangs inside a transaction must not hold its row locks for ever. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
/** No connection stays for ever with a server that was left behind by a failover. */
const MAX_LIFETIME_SECONDS = 900;

export interface PoolSettings {
  readonly size: number;
  /** Longest run of one statement, in milliseconds; 0 is without end. */
  readonly statementTimeoutMs: number;
}

export function apiPoolSettings(config: Config): PoolSettings {
  return { size: config.API_POOL_SIZE, statementTimeoutMs: config.STATEMENT_TIMEOUT_MS };
}

/** Ingestion and background work have no statement limit: a stored batch must not be cut off just before its end. */
export function openPools(server: Server, config: Config, log: Logger): Omit<Pools, 'api'> {
  const open = (name: string, size: number): pg.Pool => {
    const pool = new pg.Pool(poolOptions(server, { size, statementTimeoutMs: 0 }));
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    pool.on('error', (error) => log.warn({ pool: name, err: error }, 'an idle database connection broke'));
    return pool;
  };
  return { ingest: open('ingest', config.INGEST_POOL_SIZE), worker: open('worker', config.WORKER_POOL_SIZE) };
}

export function poolOptions(server: Server, { size, statementTimeoutMs }: PoolSettings): pg.PoolConfig {
  return {
    ...server.connection,
    Client: server.Client,
    max: size,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
    onConnect: (client) => applySettings(client, statementTimeoutMs),
  };
}

/**
 * By a statement and not by start-up parameters, because PgBouncer refuses connections with parameters that it does not
 * track, and it tracks none of these. (In its transaction mode a session's settings are shared by all clients: there,
 * set statement_timeout on the role; `inTransaction` cares for synchronous_commit itself.)
 */
async function applySettings(client: pg.ClientBase, statementTimeoutMs: number): Promise<void> {
  await client.query(
    `/* database.applySettings */
     select set_config('statement_timeout', $1, false),
       set_config('idle_in_transaction_session_timeout', $2, false),
       set_config('synchronous_commit',
         case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end, false)`,
    [String(statementTimeoutMs), String(IDLE_IN_TRANSACTION_TIMEOUT_MS)],
  );
}
