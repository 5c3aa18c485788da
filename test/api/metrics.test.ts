import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startApp } from '../../src/app';
import { createLogger } from '../../src/log';
import { givenKey, startTestApp, type TestApp } from '../support/app';
import { testConfig } from '../support/config';
import { postJson, sendBytes, sendHttp } from '../support/http';
import { growthDuring, readSamples } from '../support/metrics';
import {
  GetViewerDocument,
  ProfileDocument,
  TrackEventDocument,
  TrackEventsDocument,
} from '../support/operations';
import { within } from '../support/within';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ settings: { TELEMETRY_PORT: '0', INGEST_QUEUE_EVENTS: '60' } });
});
afterAll(() => app.close());

/** Names without the prefix that all of ours have. */
async function growth(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const grown = await growthDuring(app.metricsUrl, work);
  return Object.fromEntries(Object.entries(grown).map(([name, by]) => [name.replace(/^fluxgate_/, ''), by]));
}

const requests = (door: string, operation: string, outcome: string) =>
  `requests_total{door="${door}",operation="${operation}",outcome="${outcome}"}`;
const acknowledged = (status: string) => `events_acknowledged_total{status="${status}"}`;
const refused = (code: string) => `events_refused_total{code="${code}"}`;

const track = (input: { name: string; userId?: string; messageId?: string }, bearer = app.writeOnlyKey) =>
  app.send(TrackEventDocument, { input: { userId: 'ada', ...input } }, { bearer });
const ingest = (body: unknown, bearer = app.writeOnlyKey) =>
  postJson(`${app.url}/event/ingest`, body, { bearer });

describe('requests and events', () => {
  test('an accepted event and its repeat are counted apart', async () => {
    const event = { name: 'counted', messageId: 'once' };
    expect(await growth(() => track(event))).toEqual({
      [requests('graphql', 'trackEvent', 'OK')]: 1,
      [acknowledged('ACCEPTED')]: 1,
    });
    expect(await growth(() => track(event))).toEqual({
      [requests('graphql', 'trackEvent', 'OK')]: 1,
      [acknowledged('DUPLICATE')]: 1,
    });
  });

  test('a batch counts each of its events: stored, repeated, not allowed, malformed', async () => {
    const { secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: ['allowed'] });
    const names = ['allowed', 'allowed', 'other', 'allowed'];
    const events = names.map((name, index) => ({ name, userId: 'ada', messageId: `batch-${index % 3}` }));
    const malformed = { name: 'allowed', userId: '' };

    const grown = await growth(() =>
      app.send(TrackEventsDocument, { input: { events: [...events, malformed] } }, { bearer: secret }),
    );

    expect(grown).toEqual({
      [requests('graphql', 'trackEvents', 'OK')]: 1,
      [acknowledged('ACCEPTED')]: 2,
      [acknowledged('DUPLICATE')]: 1,
      [refused('EVENT_NOT_ALLOWED')]: 1,
      [refused('BAD_USER_INPUT')]: 1,
    });
  });

  test('an event that its key may not send is refused at either door', async () => {
    const { secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: ['allowed'] });

    expect(await growth(() => track({ name: 'other' }, secret))).toEqual({
      [requests('graphql', 'trackEvent', 'EVENT_NOT_ALLOWED')]: 1,
      [refused('EVENT_NOT_ALLOWED')]: 1,
    });
    expect(await growth(() => ingest({ name: 'other', userId: 'ada' }, secret))).toEqual({
      [requests('rest', 'POST /event/ingest', 'EVENT_NOT_ALLOWED')]: 1,
      [refused('EVENT_NOT_ALLOWED')]: 1,
    });
  });

  test('events that find no room in the queue are counted as such', async () => {
    const events = Array.from({ length: 61 }, () => ({ name: 'too_many', userId: 'ada' }));

    const grown = await growth(() =>
      postJson(`${app.url}/event/ingest/batch`, { events }, { bearer: app.writeOnlyKey }),
    );

    expect(grown).toEqual({
      [requests('rest', 'POST /event/ingest/batch', 'SERVICE_UNAVAILABLE')]: 1,
      [refused('SERVICE_UNAVAILABLE')]: 61,
    });
  });

  test('events whose flush failed are counted once each', async () => {
    const events = [1, 2, 3].map(() => ({ name: 'lost', userId: 'ada' }));
    await app.sql('alter table event rename to event_away');

    const grown = await growth(() =>
      app.send(TrackEventsDocument, { input: { events } }, { bearer: app.writeOnlyKey }),
    );

    await app.sql('alter table event_away rename to event');
    expect(grown).toEqual({
      [requests('graphql', 'trackEvents', 'INTERNAL_SERVER_ERROR')]: 1,
      [refused('INTERNAL_SERVER_ERROR')]: 3,
    });
  });

  test('a REST route is counted by its pattern', async () => {
    const bearer = app.readWriteKey;

    const grown = await growth(async () => {
      await ingest({ name: 'rest', userId: 'ada' });
      await sendHttp(`${app.url}/profile/nobody-1`, { headers: { authorization: `Bearer ${bearer}` } });
    });

    expect(grown).toEqual({
      [requests('rest', 'POST /event/ingest', 'OK')]: 1,
      [acknowledged('ACCEPTED')]: 1,
      [requests('rest', 'GET /profile/:userId', 'NOT_FOUND')]: 1,
    });
  });

  test('a refusal is counted by its code, under the operation when that is known', async () => {
    const bearer = app.writeOnlyKey;
    const key = { userId: 'ada' };

    expect(await growth(() => app.send(ProfileDocument, { key }, { bearer }))).toEqual({
      [requests('graphql', 'profile', 'FORBIDDEN')]: 1,
    });
    expect(await growth(() => app.send(GetViewerDocument, {}, { bearer: 'fg_wo_wrong' }))).toEqual({
      [requests('graphql', 'unknown', 'UNAUTHENTICATED')]: 1,
    });
    expect(await growth(() => app.sendText('{', {}, { bearer }))).toEqual({
      [requests('graphql', 'unknown', 'GRAPHQL_PARSE_FAILED')]: 1,
    });
    expect(await growth(() => sendHttp(`${app.url}/somewhere/else`))).toEqual({
      [requests('other', 'unknown', 'NOT_FOUND')]: 1,
    });
    expect(await growth(() => sendBytes(app.url, 'no HTTP\r\n\r\n'))).toEqual({
      [requests('other', 'unknown', 'BAD_USER_INPUT')]: 1,
    });
  });

  test('what a client calls its operation, its fields and its fragments becomes no series', async () => {
    const text = `query chosen_by_client { alias_by_client: viewer { ...fragment_by_client } again: viewer { clientIp } }
      fragment fragment_by_client on Viewer { clientIp }`;

    const grown = await growth(async () => {
      await app.sendText(text, {}, { bearer: app.writeOnlyKey });
      await app.sendText('{ invented_by_client }', {}, { bearer: app.writeOnlyKey });
      await app.sendText('{ __typename viewer { clientIp } }', {}, { bearer: app.writeOnlyKey });
    });

    expect(grown).toEqual({
      [requests('graphql', 'viewer', 'OK')]: 1,
      [requests('graphql', 'unknown', 'GRAPHQL_VALIDATION_FAILED')]: 1,
      [requests('graphql', 'several', 'OK')]: 1,
    });
    expect((await sendHttp(app.metricsUrl ?? '')).text).not.toContain('by_client');
  });

  test('an operation is counted alike when it comes from the store of prepared documents', async () => {
    const text = '{ viewer { scopes clientIp } }';
    const grown = await growth(async () => {
      for (let i = 0; i < 3; i += 1) await app.sendText(text, {}, { bearer: app.writeOnlyKey });
    });

    expect(grown).toEqual({ [requests('graphql', 'viewer', 'OK')]: 3 });
  });
});

describe('flushes, durations and gauges', () => {
  test('a flush is measured: how many events, how long', async () => {
    const before = await readSamples(app.metricsUrl);
    const events = [1, 2, 3].map((index) => ({
      name: 'flushed',
      userId: 'ada',
      messageId: `flushed-${index}`,
    }));
    await app.get(TrackEventsDocument, { input: { events } }, { bearer: app.writeOnlyKey });
    const after = await readSamples(app.metricsUrl);
    const grown = (name: string) => (after.get(name) ?? NaN) - (before.get(name) ?? 0);

    expect(grown('fluxgate_flush_events_count')).toBe(1);
    expect(grown('fluxgate_flush_events_sum')).toBe(3);
    expect(grown('fluxgate_flush_events_bucket{le="2"}')).toBe(0);
    expect(grown('fluxgate_flush_events_bucket{le="5"}')).toBe(1);
    expect(grown('fluxgate_flush_duration_seconds_count{outcome="stored"}')).toBe(1);
    expect(grown('fluxgate_flush_duration_seconds_sum{outcome="stored"}')).toBeGreaterThan(0);
    const duration = 'fluxgate_request_duration_seconds_count{door="graphql",operation="trackEvents"}';
    expect(grown(duration)).toBe(1);
  });

  test('pools, queue and the age of the access rules are shown as they are now', async () => {
    const samples = await readSamples(app.metricsUrl);

    expect(samples.get('fluxgate_pool_max_connections{pool="api"}')).toBe(8);
    expect(samples.get('fluxgate_pool_max_connections{pool="ingest"}')).toBe(2);
    expect(samples.get('fluxgate_pool_connections{pool="ingest"}')).toBeGreaterThanOrEqual(1);
    expect(samples.get('fluxgate_pool_waiting{pool="ingest"}')).toBe(0);
    expect(samples.get('fluxgate_queue_events')).toBe(0);
    expect(samples.get('fluxgate_queue_max_events')).toBe(60);
    // Polled every 400 ms, on a machine that may be busy.
    expect(samples.get('fluxgate_policy_age_seconds')).toBeLessThan(10);
    expect(samples.get('fluxgate_policy_age_seconds')).toBeGreaterThanOrEqual(0);
  });

  test('while the event table is locked, events wait in the queue and its gauge', async () => {
    const lock = new Client(app.database.url);
    await lock.connect();
    await lock.query('begin; lock table event in exclusive mode');
    const sending = [track({ name: 'waits' }), track({ name: 'waits' })];
    try {
      await within(5_000, async () => (await readSamples(app.metricsUrl)).get('fluxgate_queue_events') === 2);
      const samples = await readSamples(app.metricsUrl);
      expect(samples.get('fluxgate_queue_bytes')).toBeGreaterThan(0);
      expect(samples.get('fluxgate_pool_idle_connections{pool="ingest"}')).toBe(
        (samples.get('fluxgate_pool_connections{pool="ingest"}') ?? 0) - 1,
      );
    } finally {
      await lock.end();
    }
    expect((await Promise.all(sending)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await readSamples(app.metricsUrl)).get('fluxgate_queue_events')).toBe(0);
  });

  test('an event loop that stood still is seen', async () => {
    await readSamples(app.metricsUrl);
    // Reading forgets what was, also when the loop was seen last.
    await sleep(100);
    const end = performance.now() + 200;
    while (performance.now() < end);

    await within(5_000, async () => {
      const max = (await readSamples(app.metricsUrl)).get('nodejs_eventloop_lag_max_seconds') ?? 0;
      return max >= 0.19;
    });
  });
});

describe('the listener', () => {
  test('answers in the format of Prometheus, and the Node process is in it', async () => {
    const { status, headers, text } = await sendHttp(app.metricsUrl ?? '');

    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toContain('# TYPE fluxgate_requests_total counter\n');
    expect(text).toContain('# TYPE process_resident_memory_bytes gauge\n');
  });

  test('listens on the loopback address by default, and knows no other path', async () => {
    const { hostname, origin } = new URL(app.metricsUrl ?? '');
    expect(hostname).toBe('127.0.0.1');
    for (const path of ['/', '/graphql', '/healthz', '/metrics/', '/metrics2']) {
      expect([path, (await sendHttp(origin + path)).status]).toEqual([path, 404]);
    }
    expect((await sendHttp(`${origin}/metrics`, { method: 'POST' })).status).toBe(405);
    expect((await sendHttp(`${origin}/metrics?a=b`)).status).toBe(200);
  });

  test('the port of the API does not serve metrics', async () => {
    expect((await sendHttp(`${app.url}/metrics`)).status).toBe(404);
  });

  test('shows no key, no id and no value of any request', async () => {
    const { secret, id } = await givenKey(app, app.session, {
      kind: 'WRITE_ONLY',
      name: 'Key of the canary',
    });
    await track({ name: 'canary_event', userId: 'canary_user', messageId: 'canary_message' }, secret);
    await app.send(ProfileDocument, { key: { userId: 'canary_user' } }, { bearer: app.readWriteKey });
    await sendHttp(`${app.url}/profile/canary_path`);
    const { text } = await sendHttp(app.metricsUrl ?? '');

    for (const value of [secret, id, app.workspaceId, app.session, 'canary', 'fg_', app.writeOnlyKey])
      expect(text).not.toContain(value);
  });
});

test('two servers of one process count apart, and without TELEMETRY_PORT none is opened', async () => {
  const other = await startTestApp({ settings: { TELEMETRY_PORT: '0' } });
  const off = await startTestApp();
  try {
    expect(off.metricsUrl).toBeNull();
    const grown = await growth(() =>
      other.get(
        TrackEventDocument,
        { input: { name: 'elsewhere', userId: 'ada' } },
        { bearer: other.writeOnlyKey },
      ),
    );
    expect(grown).toEqual({});
    const samples = await readSamples(other.metricsUrl);
    expect(samples.get('fluxgate_events_acknowledged_total{status="ACCEPTED"}')).toBe(1);
  } finally {
    await other.close();
    await off.close();
  }
});

test('a taken TELEMETRY_PORT stops the start and says what to do', async () => {
  const { port } = new URL(app.metricsUrl ?? '');
  const config = testConfig({ DATABASE_URL: app.database.url, TELEMETRY_PORT: port });

  await expect(startApp({ config, log: createLogger('silent') })).rejects.toThrow(
    `port ${port} of 127.0.0.1 is in use already. Each process needs one of its own; 0 picks a free one.`,
  );
});
