import { createHash, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { openDatabase } from '../../src/database/database';
import { openEmbeddedPostgres } from '../../src/database/embedded-postgres';
import type { Server } from '../../src/database/server';
import { ensureEventPartitions } from '../../src/events/event-partition.store';
import { createLogger } from '../../src/log';
import { testConfig } from './config';
import { query, withDatabase } from './database';

/** Test databases are named after the process of the test run, so that those of a killed run can be found. */
const PREFIX = 'fluxgate_test';
const NAME = new RegExp(`^${PREFIX}_(\\d+)_`);

export interface TestServer {
  /** Leads to the maintenance database. */
  readonly url: string;
  readonly template: string;
  close(): Promise<void>;
}

/** The server of `databaseUrl`, else an embedded one of this checkout, with one migrated database to clone. */
export async function startTestServer(databaseUrl: string | undefined): Promise<TestServer> {
  const embedded = databaseUrl ? undefined : await startEmbedded();
  const url = databaseUrl ?? urlOf(embedded!);
  if (embedded) await dropLeftovers(url);
  const template = `${PREFIX}_${process.pid}_${randomBytes(4).toString('hex')}`;
  await query(url, `create database ${template}`);
  await migrate(withDatabase(url, template));
  const close = async () => {
    await query(url, `drop database ${template} with (force)`);
    await embedded?.close();
  };
  return { url, template, close };
}

/** Kept from run to run, so that only the first one waits for initdb. No fsync: nothing here is worth it. */
function startEmbedded(): Promise<Server> {
  const checkout = path.resolve(__dirname, '../..');
  const key = createHash('sha256').update(`${checkout} ${process.getuid?.()}`).digest('hex').slice(0, 12);
  return openEmbeddedPostgres({
    dataDir: path.join(tmpdir(), `fluxgate-test-${key}`),
    log: createLogger('warn'),
    settings: { fsync: 'off', full_page_writes: 'off' },
  });
}

function urlOf({ connection }: Server): string {
  const { user = '', password, host = '', port } = connection;
  return `postgresql://${user}:${String(password)}@/postgres?host=${encodeURIComponent(host)}&port=${port}`;
}

async function migrate(url: string): Promise<void> {
  const database = await openDatabase({
    config: testConfig({ DATABASE_URL: url }),
    log: createLogger('warn'),
    entities: [],
    prepare: (db) => ensureEventPartitions(db, new Date()),
  });
  await database.close();
}

async function dropLeftovers(url: string): Promise<void> {
  const rows = await query<{ datname: string }>(
    url,
    `select datname from pg_database where datname like '${PREFIX}%'`,
  );
  for (const { datname } of rows) {
    const pid = Number(NAME.exec(datname)?.[1]);
    if (!isAlive(pid)) await query(url, `drop database if exists ${datname} with (force)`);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
