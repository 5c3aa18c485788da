import { setTimeout as sleep } from 'node:timers/promises';
import { migrate, type MigrateOptions } from '../../src/database/migrate';
import { createRemoteServer } from '../../src/database/server';
import { createLogger } from '../../src/log';
import { createEmptyDatabase, query, type TestDatabase } from '../support/database';

let database: TestDatabase;

beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(() => database.drop());

const migrateHere = (prepare?: MigrateOptions['prepare']) =>
  migrate({ connection: createRemoteServer(database.url).connection, log: createLogger('silent'), prepare });

test('processes that start at once on an empty database migrate it once', async () => {
  await Promise.all([migrateHere(), migrateHere(), migrateHere()]);

  const applied = await query<{ name: string }>(database.url, 'select name from migration order by id');
  expect(applied.map(({ name }) => name)).toEqual([...new Set(applied.map(({ name }) => name))]);
  expect(await query(database.url, 'select version from policy_version')).toEqual([
    { version: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  ]);
});

test('the preparation runs after the migrations, in one process at a time', async () => {
  let running = 0;
  const seen: number[] = [];
  const prepare: MigrateOptions['prepare'] = async (db) => {
    running += 1;
    await db.query('select from workspace');
    await sleep(50);
    seen.push(running);
    running -= 1;
  };

  await Promise.all([migrateHere(prepare), migrateHere(prepare), migrateHere(prepare)]);

  expect(seen).toEqual([1, 1, 1]);
});

test('a preparation that fails stops the start and lets the next process in', async () => {
  await expect(migrateHere(() => Promise.reject(new Error('not today')))).rejects.toThrow('not today');

  await expect(migrateHere()).resolves.toBeUndefined();
});

test('a process that dies while it migrates leaves no lock behind', async () => {
  const killed = migrateHere(async () => {
    await query(
      database.url,
      `select pg_terminate_backend(pid) from pg_locks join pg_database on oid = database
       where locktype = 'advisory' and datname = current_database()`,
    );
  });

  await expect(killed).rejects.toThrow();
  await expect(migrateHere()).resolves.toBeUndefined();
});

test('a server whose migrations are newer than the program is left alone', async () => {
  await migrateHere();
  await query(
    database.url,
    `insert into migration (timestamp, name) values (9999999999999, 'Future9999999999999')`,
  );

  await expect(migrateHere()).resolves.toBeUndefined();
});
