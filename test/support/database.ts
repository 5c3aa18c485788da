import { randomBytes } from 'node:crypto';
import { Client, type QueryResultRow } from 'pg';

export interface TestDatabase {
  /** For `testConfig({ DATABASE_URL: url })`. */
  readonly url: string;
  drop: () => Promise<void>;
}

/** A database of one's own: migrated, with partitions for the present, and empty. One for each test file. */
export function createTestDatabase(): Promise<TestDatabase> {
  return createDatabase(readVariable('TEST_TEMPLATE'));
}

/** A database without any table. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase('template1');
}

async function createDatabase(template: string): Promise<TestDatabase> {
  const server = readVariable('TEST_SERVER_URL');
  const name = `${readVariable('TEST_TEMPLATE')}_${randomBytes(4).toString('hex')}`;
  await query(server, `create database ${name} template ${template}`);
  // A pooler keeps connections, so databases are made and dropped without it: neither works while somebody is connected.
  return {
    url: withDatabase(process.env['TEST_POOLER_URL'] ?? server, name),
    drop: async () => void (await query(server, `drop database ${name} with (force)`)),
  };
}

function readVariable(name: 'TEST_SERVER_URL' | 'TEST_TEMPLATE'): string {
  const value = process.env[name];
  if (!value) throw new Error('The global set-up of the tests did not run.');
  return value;
}

/** The same server, another database. */
export function withDatabase(url: string, name: string): string {
  return url.replace(/^([a-z]+:\/\/[^/?]*)(\/[^?]*)?/, `$1/${name}`);
}

/** One statement on a connection of its own. */
export async function query<Row extends QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}
