import type * as pg from 'pg';
import { DataSource, type MixedList } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import type { Logger } from '../log';
import { poolOptions, type PoolSettings } from './pools';
import type { Server } from './server';

export interface DataSourceOptions extends PoolSettings {
  readonly server: Server;
  readonly log: Logger;
  readonly entities: MixedList<Function>;
  readonly migrations: MixedList<Function>;
}

/** TypeORM on our own connection settings; it never changes the schema by itself. */
export function openDataSource({
  server,
  log,
  entities,
  migrations,
  ...settings
}: DataSourceOptions): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    entities,
    migrations,
    migrationsTableName: 'migration',
    installExtensions: false,
    logging: false,
    poolErrorHandler: (error: unknown) =>
      log.warn({ pool: 'api', err: error }, 'an idle database connection broke'),
    extra: poolOptions(server, settings),
  }).initialize();
}

/** The pool inside, so that entities and raw SQL share one set of API connections. */
export function poolOf(dataSource: DataSource): pg.Pool {
  return (dataSource.driver as PostgresDriver).master as pg.Pool;
}
