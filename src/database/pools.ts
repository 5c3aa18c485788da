import { Pool, type ClientBase, type PoolConfig } from 'pg';
import type { Logger } from '../log';
import type { Connection } from './server';

export interface PoolOptions {
  readonly connection: Connection;
  /** For the log. */
  readonly name: string;
  readonly log: Logger;
  readonly size: number;
  /** Longest run of one statement, in milliseconds; 0 is without end. */
  readonly statementTimeoutMs: number;
  /** Longest wait for the answer to one statement, after which its connection is taken for dead; 0 is without end. */
  readonly answerTimeoutMs: number;
}

/** Longest wait for a connection, a free or a new one, before the caller is answered 503. */
const CONNECTION_TIMEOUT_MS = 5_000;
/** A process that hangs inside a transaction must not hold its row locks for ever. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
/** No connection stays for ever with a server that a failover left behind. */
const MAX_LIFETIME_SECONDS = 900;

export function openPool(options: PoolOptions): Pool {
  return new Pool(poolConfig(options)).on('error', idleErrorHandler(options));
}

/** The pool replaces an idle connection that breaks; without a listener the error would end the process. */
export function idleErrorHandler({ name, log }: PoolOptions): (error: unknown) => void {
  return (error) => log.warn({ pool: name, err: error }, 'an idle database connection broke');
}

export function poolConfig(options: PoolOptions): PoolConfig {
  const { connection, size, statementTimeoutMs, answerTimeoutMs } = options;
  return {
    ...connection,
    max: size,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
    // When a host or a line goes silently, the system waits a quarter of an hour for an answer.
    query_timeout: answerTimeoutMs,
    // pg-pool waits for it before it hands the client out; its types do not know that yet.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    onConnect: (client) => applySettings(client, statementTimeoutMs),
  };
}

/**
 * By a statement and not by start-up parameters, because PgBouncer refuses connections with parameters that it does not
 * track, and it tracks none of these. (In its transaction mode a session's settings reach whoever gets the server
 * connection next: there, set statement_timeout on the role. `inTransaction` sees to synchronous_commit itself.)
 */
async function applySettings(client: ClientBase, statementTimeoutMs: number): Promise<void> {
  await client.query(
    `/* database.applySettings */
     select set_config('statement_timeout', $1, false),
       set_config('idle_in_transaction_session_timeout', $2, false),
       set_config('synchronous_commit',
         case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end, false)`,
    [String(statementTimeoutMs), String(IDLE_IN_TRANSACTION_TIMEOUT_MS)],
  );
}
