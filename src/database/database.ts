import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { Config } from '../config';
import type { Logger } from '../log';
import { openDataSource, poolOf, type Entities } from './data-source';
import { openEmbeddedPostgres } from './embedded-postgres';
import { isConnectionFault } from './faults';
import { migrate, type MigrateOptions } from './migrate';
import { openPool } from './pools';
import { createRemoteServer, type Connection, type Server } from './server';

/** Apart, so that slow reads never starve ingestion (security.md rule 23). `api` is also TypeORM's. */
export interface Pools {
  readonly api: Pool;
  readonly ingest: Pool;
  readonly worker: Pool;
}

export interface Database {
  readonly dataSource: DataSource;
  readonly pools: Pools;
  /** For a connection of one's own, e.g. to LISTEN. */
  readonly connection: Connection;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly entities: Entities;
  /** Runs after the migrations, in one process at a time. */
  readonly prepare?: MigrateOptions['prepare'];
}

/**
 * Connects to the server of DATABASE_URL, or joins or starts the embedded one, and migrates it. Throws an Error that
 * whoever started the process understands when there is no server, or it does not let us in.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { config, log, prepare } = options;
  const server = config.DATABASE_URL
    ? createRemoteServer(config.DATABASE_URL)
    : await openEmbeddedPostgres({ dataDir: config.DATA_DIR, binDir: config.POSTGRES_BIN, log });
  try {
    await migrate({ connection: server.connection, log, prepare });
    return await connect(server, options);
  } catch (error) {
    await server.close();
    throw config.DATABASE_URL && isNoEntry(error) ? noEntry(error) : error;
  }
}

/** For a statement that the server has just cut off to be reported as such. */
const ANSWER_MARGIN_MS = 2_000;

/** Class 28: wrong user or password; 3D000: no such database. */
function isNoEntry(error: unknown): boolean {
  return isConnectionFault(error) || /^(28...|3D000)$/.test((error as { code?: string }).code ?? '');
}

function noEntry(cause: unknown): Error {
  // A host name with several addresses fails with one error for each, and says nothing by itself.
  const { message } = (cause instanceof AggregateError ? cause.errors[0] : cause) as Error;
  return new Error(`The database of DATABASE_URL cannot be used: ${message}`, { cause });
}

async function connect(server: Server, { config, log, entities }: DatabaseOptions): Promise<Database> {
  const { connection } = server;
  const api = {
    connection,
    log,
    name: 'api',
    size: config.API_POOL_SIZE,
    statementTimeoutMs: config.STATEMENT_TIMEOUT_MS,
    answerTimeoutMs: config.STATEMENT_TIMEOUT_MS + ANSWER_MARGIN_MS,
  };
  const dataSource = await openDataSource(api, { entities });
  // No statement limit: neither a batch of events nor background work must be undone just before its end. Whoever sent
  // the batch is told in time all the same, and may send it again.
  const ingest = openPool({ ...api, name: 'ingest', size: config.INGEST_POOL_SIZE, statementTimeoutMs: 0 });
  const worker = openPool({
    ...api,
    name: 'worker',
    size: config.WORKER_POOL_SIZE,
    statementTimeoutMs: 0,
    answerTimeoutMs: 0,
  });
  return {
    dataSource,
    pools: { api: poolOf(dataSource), ingest, worker },
    connection,
    close: async () => {
      await Promise.all([dataSource.destroy(), ingest.end(), worker.end()]);
      await server.close();
    },
  };
}
