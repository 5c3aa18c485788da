import type * as pg from 'pg';
import type { DataSource, MixedList } from 'typeorm';
import type { Config } from '../config';
import type { Logger } from '../log';
import { openDataSource, poolOf } from './data-source';
import { openEmbeddedPostgres } from './embedded-postgres';
import { migrate, type MigrateOptions } from './migrate';
import { apiPoolSettings, openPools, type Pools } from './pools';
import { createRemoteServer, type Server } from './server';

export type { Pools };

export interface Database {
  readonly dataSource: DataSource;
  readonly pools: Pools;
  /** For a connection of one's own, e.g. to LISTEN. */
  readonly connection: pg.ClientConfig;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly entities: MixedList<Function>;
  /** Runs after the migrations, in one process at a time. */
  readonly prepare?: MigrateOptions['prepare'];
}

/** Connects to the server of DATABASE_URL, or starts or joins the embedded one, and migrates it. */
export async function openDatabase({ config, log, entities, prepare }: DatabaseOptions): Promise<Database> {
  const server = config.DATABASE_URL
    ? createRemoteServer(config.DATABASE_URL)
    : await openEmbeddedPostgres({ dataDir: config.DATA_DIR, binDir: config.POSTGRES_BIN, log });
  try {
    await migrate({ server, log, prepare });
    const dataSource = await openDataSource({
      server,
      log,
      entities,
      migrations: [],
      ...apiPoolSettings(config),
    });
    return join(server, dataSource, openPools(server, config, log));
  } catch (error) {
    await server.close();
    throw error;
  }
}

function join(server: Server, dataSource: DataSource, { ingest, worker }: Omit<Pools, 'api'>): Database {
  return {
    dataSource,
    pools: { api: poolOf(dataSource), ingest, worker },
    connection: server.connection,
    close: async () => {
      await Promise.all([dataSource.destroy(), ingest.end(), worker.end()]);
      await server.close();
    },
  };
}
