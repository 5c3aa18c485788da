import { openDatabase, type Database } from '../../src/database/database';
import { createLogger } from '../../src/log';
import { testConfig } from '../support/config';
import { createTestDatabase, type TestDatabase } from '../support/database';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({
    config: testConfig({ DATABASE_URL: testDatabase.url }),
    log: createLogger('silent'),
    entities: [],
  });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

test('works', async () => {
  const { rows } = await database.pools.api.query('select count(*) from event');
  expect(rows).toEqual([{ count: '0' }]);
});
