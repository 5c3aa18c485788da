import type { Pool } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { idleErrorHandler, poolConfig, type PoolOptions } from './pools';

/** Classes of a DataSource, as TypeORM wants them. */
export type Entities = NonNullable<DataSourceOptions['entities']>;
type Migrations = NonNullable<DataSourceOptions['migrations']>;

/** TypeORM on a pool with our own settings; it never changes the schema by itself. */
export function openDataSource(
  pool: PoolOptions,
  { entities = [], migrations = [] }: { entities?: Entities; migrations?: Migrations },
): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    entities,
    migrations,
    migrationsTableName: 'migration',
    installExtensions: false,
    logging: false,
    poolErrorHandler: idleErrorHandler(pool),
    extra: poolConfig(pool),
  }).initialize();
}

/** The pool inside, so that entities and raw SQL share one set of connections. */
export function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as PostgresDriver).master as Pool;
}
