import { createRequire } from 'node:module';
import UserFlux from '@userflux/backend-js';
import { startTestApp, givenKey, type TestApp } from '../support/app';
import { EventsDocument, ProfileDocument } from '../support/operations';

/** The part of the client's own axios that we need. */
interface Axios {
  readonly interceptors: {
    readonly request: { use(change: (request: { url?: string }) => object): number; eject(id: number): void };
  };
}

const axios = createRequire(require.resolve('@userflux/backend-js'))('axios') as Axios;

let app: TestApp;
let interceptor: number;
beforeAll(async () => {
  app = await startTestApp();
  // Its host name stands in the published code; the rest of the request is as the client makes it.
  interceptor = axios.interceptors.request.use((request) => ({
    ...request,
    url: request.url?.replace(/^https:\/\/[^/]+/, app.url),
  }));
});
afterAll(async () => {
  axios.interceptors.request.eject(interceptor);
  await app.close();
});

async function storedEvents(name: string) {
  const { events } = await app.get(EventsDocument, { names: [name] }, { bearer: app.readWriteKey });
  return events.edges.map(({ node }) => node);
}

test('tracks an event with all that it knows, which GraphQL then reads', async () => {
  const client = new UserFlux(app.readWriteKey, {
    defaultTrackingProperties: { app: 'shop' },
    autoEnrich: true,
  });
  const timestamp = Date.parse('2026-11-24T06:00:00.123Z');
  const answer = (await client.track({
    event: 'order_placed',
    userId: 'ada',
    anonymousId: 'phone-1',
    sessionId: 'visit-1',
    properties: { total: 12.5, items: ['a'] },
    timestamp,
  })) as { status: number; data: unknown };
  expect([answer.status, answer.data]).toEqual([204, '']);
  expect(await storedEvents('order_placed')).toMatchObject([
    {
      userId: 'ada',
      anonymousId: 'phone-1',
      externalId: null,
      sessionId: 'visit-1',
      timestamp: '2026-11-24T06:00:00.123Z',
      properties: { app: 'shop', total: 12.5, items: ['a'] },
      context: null,
    },
  ]);
});

test('tracks an event of which it knows the person only, with the time of its own clock', async () => {
  const client = new UserFlux(app.writeOnlyKey);
  await client.track({ event: 'opened', anonymousId: 'phone-2' });
  expect(await storedEvents('opened')).toMatchObject([
    { userId: null, anonymousId: 'phone-2', sessionId: null, properties: {} },
  ]);
});

test('sends an event again after a lost answer, and it is stored once', async () => {
  const client = new UserFlux(app.writeOnlyKey);
  const event = { event: 'retried', userId: 'ada', timestamp: Date.parse('2026-11-24T06:00:00Z') };
  await Promise.all([client.track(event), client.track(event), client.track(event)]);
  expect(await storedEvents('retried')).toHaveLength(1);
});

test('sends many events side by side, each in a request of its own', async () => {
  const client = new UserFlux(app.writeOnlyKey);
  await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      client.track({ event: 'side_by_side', userId: `user-${index}`, locationEnrichEnabled: true }),
    ),
  );
  const [{ count } = { count: 0 }] = await app.sql<{ count: number }>(
    `select count(*)::int as count from event where name = 'side_by_side'`,
  );
  expect(count).toBe(50);
});

test('identifies a person, whom GraphQL then reads with the events of before', async () => {
  const client = new UserFlux(app.writeOnlyKey);
  await client.track({ event: 'before', anonymousId: 'phone-3' });
  const answer = (await client.identify({
    userId: 'eve',
    anonymousId: 'phone-3',
    properties: { plan: 'free' },
  })) as { status: number };
  expect(answer.status).toBe(204);
  await client.identify({ userId: 'eve', properties: { city: 'Wien' } });
  const { profile } = await app.get(
    ProfileDocument,
    { key: { anonymousId: 'phone-3' } },
    { bearer: app.readWriteKey },
  );
  expect(profile).toMatchObject({
    userId: 'eve',
    anonymousIds: ['phone-3'],
    properties: { plan: 'free', city: 'Wien' },
  });
});

test('gives up quietly where it is refused, and nothing is stored', async () => {
  const { secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: ['signup'] });
  const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    expect(await new UserFlux(secret).track({ event: 'other', userId: 'ada' })).toBeUndefined();
    expect(await new UserFlux('wrong').track({ event: 'other', userId: 'ada' })).toBeUndefined();
    const refusals = printed.mock.calls.map(
      ([, error]) => (error as { response: { status: number; data: unknown } }).response,
    );
    expect(refusals.map(({ status, data }) => [status, data])).toEqual([
      [403, { error: expect.objectContaining({ code: 'EVENT_NOT_ALLOWED' }) as object }],
      [401, { error: expect.objectContaining({ code: 'UNAUTHENTICATED' }) as object }],
    ]);
  } finally {
    printed.mockRestore();
  }
  expect(await storedEvents('other')).toEqual([]);
});
