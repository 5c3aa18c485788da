import { Client } from 'pg';
import { startTestApp, type TestApp } from '../support/app';
import { postJson } from '../support/http';
import { within } from '../support/within';

let app: TestApp;
let lock: Client;

beforeAll(async () => {
  app = await startTestApp({ settings: { API_POOL_SIZE: '4' } });
  lock = new Client(app.database.url);
  await lock.connect();
});
afterAll(async () => {
  await lock.end();
  await app.close();
});

const sendEvent = () =>
  postJson(`${app.url}/event/ingest`, { name: 'sent', userId: 'ada' }, { bearer: app.writeOnlyKey });

test('queries of admins that hold all connections of the API do not hold up an event', async () => {
  // From here on the key is in memory.
  expect((await sendEvent()).status).toBe(204);
  await lock.query('begin; lock table ip_range in access exclusive mode');

  let answeredCount = 0;
  const query = '{ apiSettings { integrationKeys { ipAccess { entries { range } } } } }';
  const slow = Array.from({ length: 12 }, async () => {
    const answer = await app.sendText(query, {}, { bearer: app.session });
    answeredCount += 1;
    return answer;
  });
  const blocked = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%ip_range%'`;
  await within(10_000, async () => (await app.sql(blocked)).length >= 4);

  expect((await sendEvent()).status).toBe(204);
  expect(answeredCount).toBe(0);

  await lock.query('rollback');
  for (const answer of await Promise.all(slow)) expect(answer.errors).toEqual([]);
});
