import 'reflect-metadata';
import * as path from 'node:path';
import { getMetadataArgsStorage } from 'typeorm';
import { createTestDatabase, query, type TestDatabase } from '../support/database';
import { listSourceFiles } from './source-tree';
import { LARGE_TABLES, SMALL_TABLES } from './tables';

/** The rules that keep it possible to share the large tables out by workspace, read off a migrated database. */

/** TypeORM's own table of the migrations that have run; it is none of ours. */
const IS_OURS = `relnamespace = 'public'::regnamespace and relname not like 'migration%'`;
/** Partitions count with their table, because each has keys and indexes of its own. */
const IS_LARGE = `coalesce(
  (select parent.relname from pg_inherits join pg_class parent on parent.oid = inhparent where inhrelid = pg_class.oid), relname
) in (${LARGE_TABLES.map((name) => `'${name}'`).join(', ')})`;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function list(text: string): Promise<string[]> {
  const rows = await query<{ name: string }>(database.url, text);
  return rows.map(({ name }) => name);
}

test('every table is known to be large or small', async () => {
  const tables = await list(
    `select relname as name from pg_class where relkind in ('r', 'p') and not relispartition and ${IS_OURS}`,
  );

  expect(tables.sort()).toEqual([...LARGE_TABLES, ...SMALL_TABLES].sort());
});

test('event has partitions, and the rules below see them', async () => {
  const large = await list(
    `select relname as name from pg_class where relkind in ('r', 'p') and ${IS_OURS} and ${IS_LARGE}`,
  );

  expect(large).toEqual(expect.arrayContaining(LARGE_TABLES));
  expect(large.length).toBeGreaterThan(LARGE_TABLES.length + 2);
});

test('each large table has a workspace_id that is a uuid and never null', async () => {
  const without = await list(
    `select relname as name from pg_class where relkind in ('r', 'p') and ${IS_OURS} and ${IS_LARGE} and not exists (
       select from pg_attribute
       where attrelid = pg_class.oid and attname = 'workspace_id' and atttypid = 'uuid'::regtype and attnotnull)`,
  );

  expect(without).toEqual([]);
});

test('each large table has a primary key', async () => {
  const without = await list(
    `select relname as name from pg_class where relkind in ('r', 'p') and ${IS_OURS} and ${IS_LARGE}
       and not exists (select from pg_constraint where conrelid = pg_class.oid and contype = 'p')`,
  );

  expect(without).toEqual([]);
});

test('each key and index of a large table begins with workspace_id', async () => {
  const wrong = await list(
    `select indexrelid::regclass::text as name from pg_index join pg_class on pg_class.oid = indrelid
     where ${IS_OURS} and ${IS_LARGE} and not exists (
       select from pg_attribute where attrelid = indrelid and attnum = indkey[0] and attname = 'workspace_id')`,
  );

  expect(wrong).toEqual([]);
});

test('foreign keys lead from large to large with workspace_id, or from small to small', async () => {
  const isLarge = (column: string) =>
    `exists (select from pg_class where pg_class.oid = ${column} and ${IS_LARGE})`;
  const wrong = await list(
    `select conname as name from pg_constraint where contype = 'f' and (
       ${isLarge('conrelid')} <> ${isLarge('confrelid')}
       or ${isLarge('conrelid')} and not exists (
         select from pg_attribute where attrelid = conrelid and attnum = any(conkey) and attname = 'workspace_id'))`,
  );

  expect(wrong).toEqual([]);
});

test('there are no triggers, rules or functions of our own', async () => {
  const objects = await list(
    `select tgname as name from pg_trigger join pg_class on pg_class.oid = tgrelid where ${IS_OURS} and not tgisinternal
     union all
     select rulename from pg_rules where schemaname = 'public'
     union all
     select proname from pg_proc where pronamespace = 'public'::regnamespace
       and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')`,
  );

  expect(objects).toEqual([]);
});

test('no id comes from a sequence', async () => {
  const sequences = await list(
    `select relname as name from pg_class where relkind = 'S' and ${IS_OURS}
     union all
     select attrelid::regclass || '.' || attname from pg_attribute join pg_class on pg_class.oid = attrelid
     where ${IS_OURS} and attidentity <> ''`,
  );

  expect(sequences).toEqual([]);
});

test('only event has partitions, by ranges of its time, and none is as short as a day', async () => {
  const parents = await query<{ name: string; key: string }>(
    database.url,
    `select partrelid::regclass::text as name, pg_get_partkeydef(partrelid) as key from pg_partitioned_table`,
  );
  const bounds = await list(
    `select pg_get_expr(relpartbound, oid) as name from pg_class where relispartition and relkind = 'r'`,
  );
  const days = bounds
    .map((bound) => [...bound.matchAll(/'([^']+)'/g)].map(([, time]) => Date.parse(time ?? '')))
    .filter((ends) => ends.length === 2)
    .map(([from = NaN, to = NaN]) => (to - from) / 86_400_000);

  expect(parents).toEqual([{ name: 'event', key: 'RANGE (occurred_at)' }]);
  expect(days.length).toBeGreaterThan(2);
  expect(Math.min(...days)).toBeGreaterThanOrEqual(7);
});

test('every table is logged, so that a crash empties none', async () => {
  const unlogged = await list(
    `select relname as name from pg_class where relkind in ('r', 'p') and ${IS_OURS} and relpersistence <> 'p'`,
  );

  expect(unlogged).toEqual([]);
});

test('the entities have exactly the columns of their tables, with type and nullability', async () => {
  for (const file of listSourceFiles('src').filter((name) => name.endsWith('.entity.ts'))) {
    await import(path.resolve(__dirname, '../..', file));
  }
  const { tables, columns } = getMetadataArgsStorage();
  const declared = tables.flatMap((table) =>
    columns
      .filter(({ target }) => target === table.target)
      .map(({ propertyName, options }) => {
        const isNullable = options.nullable === true ? 'null' : 'not null';
        return `${table.name}.${options.name ?? propertyName} ${String(options.type)} ${isNullable}`;
      }),
  );
  const names = tables.map(({ name }) => `'${name}'`).join(', ');
  const actual = await list(
    `select relname || '.' || attname || ' ' || format_type(atttypid, null)
       || case when attnotnull then ' not null' else ' null' end as name
     from pg_attribute join pg_class on pg_class.oid = attrelid
     where attnum > 0 and not attisdropped and relname in (${names})`,
  );
  const normal = (column: string) => column.replace('timestamp with time zone', 'timestamptz');

  expect(tables.length).toBeGreaterThan(4);
  expect(declared.sort()).toEqual(actual.map(normal).sort());
});
