import { openEmbeddedPostgres } from '../../src/database/embedded-postgres';
import { createLogger } from '../../src/log';

/** A server process as far as the embedded database is concerned: opens it, says so, and closes it when told to. */
async function run(dataDir: string): Promise<void> {
  const server = await openEmbeddedPostgres({ dataDir, log: createLogger('silent') });
  process.once('message', () => void server.close().then(() => process.disconnect()));
  process.send?.(server.connection);
}

void run(process.argv[2]!);
