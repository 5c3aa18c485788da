import { Client } from 'pg';
import { givenKey, startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson, type HttpAnswer } from '../support/http';
import { readSamples } from '../support/metrics';
import { within } from '../support/within';

const QUEUE_EVENTS = 300;
const BATCH_EVENTS = 10;

let app: TestApp;
let calmKey: string;
let lock: Client;

beforeAll(async () => {
  app = await startTestApp({
    settings: { INGEST_QUEUE_EVENTS: String(QUEUE_EVENTS), INGEST_MAX_BATCH: '20', TELEMETRY_PORT: '0' },
  });
  calmKey = (await givenKey(app, app.session, { kind: 'WRITE_ONLY' })).secret;
  lock = new Client(app.database.url);
  await lock.connect();
});
afterAll(async () => {
  await lock.end();
  await app.close();
});

function sendBatch(name: string): Promise<HttpAnswer> {
  const events = Array.from({ length: BATCH_EVENTS }, () => ({ name, userId: 'ada' }));
  return postJson(`${app.url}/event/ingest/batch`, { events }, { bearer: app.writeOnlyKey });
}

function sendOne(name: string): Promise<HttpAnswer> {
  return postJson(`${app.url}/event/ingest`, { name, userId: 'ada' }, { bearer: calmKey });
}

const namesInOrder = () =>
  app.sql<{ name: string }>('select name from event group by name order by min(xmin::text::bigint)');

test('a key that floods the queue is refused beyond its share, at once; another one is served before its backlog', async () => {
  await lock.query('begin; lock table event in exclusive mode');
  const first = sendOne('first');
  await within(10_000, async () => (await readSamples(app.metricsUrl)).get('fluxgate_queue_events') === 1);

  let refusedCount = 0;
  const flood = Array.from({ length: 30 }, async (_, index) => {
    const answer = await sendBatch(`flood_${index}`);
    if (answer.status === 503) refusedCount += 1;
    return answer;
  });
  const queued = async () => (await readSamples(app.metricsUrl)).get('fluxgate_queue_events') ?? 0;
  // Every batch is refused or in the queue, while nothing can be stored.
  await within(10_000, async () => refusedCount * BATCH_EVENTS + (await queued()) - 1 === 30 * BATCH_EVENTS);
  const refusedWhileLocked = refusedCount;
  const before = await queued();
  const calm = sendOne('calm');
  await within(10_000, async () => (await queued()) === before + 1);
  await lock.query('rollback');

  expect((await first).status).toBe(204);
  expect((await calm).status).toBe(204);
  const answers = await Promise.all(flood);
  const accepted = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 503);
  // A third of the room, or a batch more or less: one event is being stored.
  expect(accepted.length * BATCH_EVENTS).toBeGreaterThanOrEqual(QUEUE_EVENTS / 3 - BATCH_EVENTS);
  expect(accepted.length * BATCH_EVENTS).toBeLessThanOrEqual(QUEUE_EVENTS / 3 + BATCH_EVENTS);
  expect(accepted.length + refused.length).toBe(flood.length);
  expect(refusedWhileLocked).toBe(refused.length);
  for (const answer of refused) {
    expect(codeOf(answer)).toBe('SERVICE_UNAVAILABLE');
    expect(answer.headers['retry-after']).toBe('1');
  }
  // The flush after the lock takes 20 events: of the flood 19, and the calm key's.
  const names = (await namesInOrder()).map(({ name }) => name);
  expect(names[0]).toBe('first');
  expect(names.indexOf('calm')).toBeLessThanOrEqual(3);
});
