import { execFileSync } from 'node:child_process';
import { openDatabase, type Database } from '../../src/database/database';
import { isConnectionFault } from '../../src/database/faults';
import type { Server } from '../../src/database/server';
import { inTransaction } from '../../src/database/transaction';
import { createLogger } from '../../src/log';
import { testConfig } from '../support/config';
import { EmbeddedFolder, run } from '../support/embedded-launcher';

// Making a database takes a second, and many on a busy machine.
jest.setTimeout(60_000);

/** Two servers that take turns at accepting writes; a third host is down. */
const folders = [new EmbeddedFolder(), new EmbeddedFolder()] as const;
let servers: Server[];
let database: Database;

beforeAll(async () => {
  await folders[0].close(await folders[0].open());
  execFileSync('cp', ['-a', folders[0].cluster, folders[1].dataDir]);
  servers = await Promise.all(folders.map((folder) => folder.open()));
  await setWritable(0);
  const hosts = ['/nobody', ...servers.map(({ connection }) => connection.host ?? '')].map(
    encodeURIComponent,
  );
  const { user, password } = servers[0]!.connection;
  const url = `postgresql://${user}:${String(password)}@${hosts.join(',')}/postgres`;
  database = await openDatabase({
    config: testConfig({ DATABASE_URL: url }),
    log: createLogger('silent'),
    entities: [],
  });
});
afterAll(async () => {
  await database.close();
  for (const folder of folders) await folder.remove();
});

test('connections go to the host that accepts writes', async () => {
  expect(await whereWritesGo()).toBe(folders[0].cluster);
});

test('after a failover the next transaction but one works, on the new host', async () => {
  await inTransaction(database.pools.ingest, (tx) => tx.query('create table kept (value int)'));
  await setWritable(1);

  const refused = inTransaction(database.pools.ingest, (tx) => tx.query('insert into kept values (1)'));
  await expect(refused).rejects.toMatchObject({ code: '25006' });
  expect(await refused.catch(isConnectionFault)).toBe(true);

  expect(await whereWritesGo()).toBe(folders[1].cluster);
  const listener = new database.connection.Client(database.connection);
  await listener.connect();
  expect((await listener.query('show data_directory')).rows).toEqual([
    { data_directory: folders[1].cluster },
  ]);
  await listener.end();
});

test('while no host accepts writes, the error says so and is a connection fault', async () => {
  await setWritable(undefined);
  const client = new database.connection.Client(database.connection);

  const error: unknown = await client.connect().catch((reason: unknown) => reason);

  expect(error).toMatchObject({ message: 'No host of DATABASE_URL accepts writes.' });
  expect(isConnectionFault(error)).toBe(true);
});

async function setWritable(index: number | undefined): Promise<void> {
  for (const [at, { connection }] of servers.entries()) {
    await run(connection, `alter system set default_transaction_read_only = ${at === index ? 'off' : 'on'}`);
    await run(connection, 'select pg_reload_conf()');
  }
}

async function whereWritesGo(): Promise<string | undefined> {
  const { rows } = await inTransaction(database.pools.ingest, (tx) =>
    tx.query<{ data_directory: string }>('show data_directory'),
  );
  return rows[0]?.data_directory;
}
