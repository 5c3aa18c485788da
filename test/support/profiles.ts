import { openDatabase, type Database } from '../../src/database/database';
import { createLogger } from '../../src/log';
import { ProfileService } from '../../src/profiles/profile.service';
import { testConfig } from './config';
import { createTestDatabase } from './database';

export interface ProfileBench {
  readonly database: Database;
  readonly profiles: ProfileService;
  /** What the service takes for the present. */
  now: Date;
  close(): Promise<void>;
}

/** A profile service over an empty database of its own, with a clock that stands still. */
export async function openProfileBench(
  settings: Readonly<Record<string, string>> = {},
): Promise<ProfileBench> {
  const testDatabase = await createTestDatabase();
  const config = testConfig({ DATABASE_URL: testDatabase.url, ...settings });
  const database = await openDatabase({ config, log: createLogger('silent'), entities: [] });
  const bench: ProfileBench = {
    database,
    profiles: new ProfileService({ pools: database.pools, clock: () => bench.now, config }),
    now: new Date('2026-11-24T12:00:00Z'),
    close: async () => {
      await database.close();
      await testDatabase.drop();
    },
  };
  return bench;
}
