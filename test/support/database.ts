import { randomBytes } from 'node:crypto';
import { Client, type QueryResultRow } from 'pg';

export interface TestDatabase {
  /** For `testConfig({ DATABASE_URL: url })`. */
  readonly url: string;
  drop(): Promise<void>;
}

/** A database of one's own: migrated, with partitions for the present, and empty. One for each test file. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { TEST_SERVER_URL: server, TEST_TEMPLATE: template } = process.env;
  if (!server || !template) throw new Error('The global set-up of the tests did not run.');
  const name = `${template}_${randomBytes(4).toString('hex')}`;
  await query(server, `create database ${name} template ${template}`);
  return {
    url: withDatabase(server, name),
    drop: async () => void (await query(server, `drop database ${name} with (force)`)),
  };
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
