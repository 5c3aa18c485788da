import { openDatabase, type Database } from '../../src/database/database';
import { createLogger } from '../../src/log';
import { testConfig } from './config';
import { createTestDatabase } from './database';

/** The database layer on a database of its own, which goes when it is closed. */
export async function openTestDatabase(
  settings: Readonly<Record<string, string>> = {},
): Promise<Database & { readonly url: string }> {
  const { url, drop } = await createTestDatabase();
  const config = testConfig({ DATABASE_URL: url, ...settings });
  const database = await openDatabase({ config, log: createLogger('silent'), entities: [] });
  const close = async () => {
    await database.close();
    await drop();
  };
  return { ...database, url, close };
}
