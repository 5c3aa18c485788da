import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { clientOf } from '../support/app';
import { createTestDatabase, query, type TestDatabase } from '../support/database';
import { postJson, sendHttp } from '../support/http';
import { readSamples } from '../support/metrics';
import { ProfileDocument, TrackEventDocument, TrackEventsDocument } from '../support/operations';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver';
import { killServers, ServerProcess, startServer } from '../support/server-process';
import { within } from '../support/within';

// In a process of its own, because the exporter imports in a way that Jest's sandbox does not know.
jest.setTimeout(120_000);

const PATIENCE_MS = 30_000;
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT_ID = 'b7ad6b7169203331';

let database: TestDatabase;
let receiver: OtlpReceiver;
let server: ServerProcess;
let keys: { writeOnlyKey: string; readWriteKey: string };

beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await startOtlpReceiver();
  server = await start({ OTEL_BSP_SCHEDULE_DELAY: '50', TELEMETRY_PORT: '0' });
  keys = server.firstStart!;
});
afterEach(() => receiver.forget());
afterAll(async () => {
  await killServers();
  await receiver.close();
  await database.drop();
});

function start(settings: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const { endpoint } = receiver;
  return startServer({ DATABASE_URL: database.url, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...settings });
}

/** As many spans as are expected, and those that nobody expects. */
async function spansOf(count: number, work: () => Promise<unknown>): Promise<readonly ReceivedSpan[]> {
  await work();
  await within(PATIENCE_MS, () => Promise.resolve(receiver.spans.length >= count));
  await sleep(200);
  return receiver.spans;
}

const track = (name: string, headers: Record<string, string> = {}, to = server) =>
  clientOf(to).send(
    TrackEventDocument,
    { input: { name, userId: 'canary_user' } },
    { bearer: keys.writeOnlyKey, headers },
  );
const ofRequests = (spans: readonly ReceivedSpan[]) => spans.filter(({ kind }) => kind === 2);

test('a request is a span with its operation and outcome, and its flush a span below it', async () => {
  const spans = await spansOf(2, () => track('traced'));

  const [request] = ofRequests(spans);
  expect(request).toMatchObject({ name: 'graphql trackEvent', parentSpanId: undefined });
  expect(request?.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': '/graphql',
    'http.response.status_code': 200,
    'fluxgate.operation': 'trackEvent',
    'fluxgate.outcome': 'OK',
  });
  const [flush, ...others] = spans.filter(({ name }) => name === 'flush');
  expect(others).toEqual([]);
  expect(flush).toMatchObject({
    traceId: request?.traceId,
    parentSpanId: request?.spanId,
    kind: 3,
    links: [],
  });
  expect(flush?.attributes).toEqual({ 'db.system.name': 'postgresql', 'fluxgate.event_count': 1 });
  expect(receiver.resource).toMatchObject({ 'service.name': 'fluxgate' });
});

test('one flush that serves several requests is linked to all of them', async () => {
  const spans = await spansOf(5, async () => {
    const lock = new Client(database.url);
    await lock.connect();
    await lock.query('begin; lock table event in exclusive mode');
    const sending = [track('first')];
    const metricsUrl = /Metrics +(\S+)/.exec(server.output)![1]!;
    const isWaiting = async (count: number) =>
      (await readSamples(metricsUrl)).get('fluxgate_queue_events') === count;
    await within(5_000, () => isWaiting(1));
    sending.push(track('second'), track('third'));
    await within(5_000, () => isWaiting(3));
    await lock.end();
    await Promise.all(sending);
  });

  const requests = ofRequests(spans).map(({ spanId }) => spanId);
  const flushes = spans.filter(({ name }) => name === 'flush');
  const shared = flushes.find(({ attributes }) => attributes['fluxgate.event_count'] === 2);
  expect([requests.length, flushes.length]).toEqual([3, 2]);
  expect(shared?.links).toHaveLength(1);
  const served = flushes.flatMap(({ parentSpanId, links }) => [
    parentSpanId,
    ...links.map(({ spanId }) => spanId),
  ]);
  expect(served.sort()).toEqual(requests.sort());
});

test("a caller's traceparent is honoured: its trace goes on, and what it does not record is not recorded", async () => {
  const spans = await spansOf(4, async () => {
    await track('recorded', { traceparent: `00-${TRACE_ID}-${PARENT_ID}-01` });
    await track('not_recorded', { traceparent: `00-${TRACE_ID.replace('0', '1')}-${PARENT_ID}-00` });
    await track('malformed', { traceparent: `00-canary-${PARENT_ID}-01` });
  });

  const [recorded, malformed, ...others] = ofRequests(spans);
  expect(others).toEqual([]);
  expect(recorded).toMatchObject({ traceId: TRACE_ID, parentSpanId: PARENT_ID });
  expect(malformed).toMatchObject({ parentSpanId: undefined });
  expect(spans.filter(({ name }) => name === 'flush').map(({ parentSpanId }) => parentSpanId)).toEqual([
    recorded?.spanId,
    malformed?.spanId,
  ]);
});

test('a refusal is no error of ours, and tells its code', async () => {
  const spans = await spansOf(3, async () => {
    await clientOf(server).send(ProfileDocument, { key: { userId: 'ada' } }, { bearer: keys.writeOnlyKey });
    await postJson(`${server.url}/event/ingest`, { name: 'x' }, { bearer: keys.writeOnlyKey });
    await sendHttp(`${server.url}/no/such/canary`);
  });

  expect(
    ofRequests(spans).map(({ name, attributes, statusCode }) => [name, attributes, statusCode ?? 0]),
  ).toEqual([
    [
      'graphql profile',
      expect.objectContaining({ 'http.response.status_code': 403, 'fluxgate.outcome': 'FORBIDDEN' }),
      0,
    ],
    [
      'POST /event/ingest',
      expect.objectContaining({ 'http.response.status_code': 400, 'fluxgate.outcome': 'BAD_USER_INPUT' }),
      0,
    ],
    [
      'GET',
      expect.objectContaining({ 'http.response.status_code': 404, 'fluxgate.outcome': 'NOT_FOUND' }),
      0,
    ],
  ]);
});

test('a flush that fails is an error, and so is its request', async () => {
  const spans = await spansOf(2, async () => {
    await query(database.url, 'alter table event rename to event_away');
    await track('fails');
    await query(database.url, 'alter table event_away rename to event');
  });

  expect(spans.map(({ name, statusCode }) => [name, statusCode]).sort()).toEqual([
    ['flush', 2],
    ['graphql trackEvent', 2],
  ]);
});

test('no key, id or value is in a trace', async () => {
  const profile = `${server.url}/profile/canary_path?canary=query`;
  await spansOf(5, async () => {
    await track('canary_event', { 'user-agent': 'canary_agent' });
    const events = [{ name: 'canary_event', userId: 'canary_user', messageId: 'canary_message' }];
    await clientOf(server).send(TrackEventsDocument, { input: { events } }, { bearer: keys.writeOnlyKey });
    await sendHttp(profile, { headers: { authorization: `Bearer ${keys.readWriteKey}` } });
  });

  expect(receiver.text).toContain('GET /profile/:userId');
  for (const value of [keys.writeOnlyKey, keys.readWriteKey, 'canary', 'fg_', '127.0.0.1'])
    expect(receiver.text).not.toContain(value);
});

test('a stop sends what is not sent yet', async () => {
  const other = await start({ OTEL_BSP_SCHEDULE_DELAY: '600000' });
  await track('last_words', {}, other);
  expect(receiver.spans).toEqual([]);

  other.kill('SIGTERM');

  expect(await other.exit).toBe(0);
  expect(ofRequests(receiver.spans).map(({ name }) => name)).toEqual(['graphql trackEvent']);
});

test("OpenTelemetry's own variables hold: what is recorded, and under which name", async () => {
  const traceparent = `00-${TRACE_ID}-${PARENT_ID}-01`;
  const strict = await start({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' });
  await track('unwanted', { traceparent }, strict);
  strict.kill('SIGTERM');
  await strict.exit;
  expect(receiver.spans).toEqual([]);

  const named = await start({ OTEL_SERVICE_NAME: 'events-eu' });
  await track('named', {}, named);
  named.kill('SIGTERM');
  await named.exit;
  expect(receiver.resource).toMatchObject({ 'service.name': 'events-eu' });
});

test('a receiver that is away holds up neither requests nor the stop, and is in the log', async () => {
  const gone = await startOtlpReceiver();
  await gone.close();
  const other = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: gone.endpoint,
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
  expect((await track('nobody_listens', {}, other)).status).toBe(200);
  const hasWarned = () =>
    Promise.resolve(/"level":"warn".*"msg":"traces could not be sent"/.test(other.output));
  await within(PATIENCE_MS, hasWarned);

  const startedAtMs = performance.now();
  other.kill('SIGTERM');

  expect(await other.exit).toBe(0);
  expect(performance.now() - startedAtMs).toBeLessThan(10_000);
});

test('without OpenTelemetry, the start says how to get it, and goes without it when nobody asks for traces', async () => {
  const NODE_OPTIONS = `--require ${path.join(__dirname, '../support/without-opentelemetry.cjs')}`;
  const settings = { DATABASE_URL: database.url, NODE_OPTIONS };
  const refused = new ServerProcess({ ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });

  expect(await refused.exit).toBe(1);
  expect(refused.output).toContain('but the packages of OpenTelemetry are missing. Run npm ci, or unset it.');
  await startServer(settings);
});
