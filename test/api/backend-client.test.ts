import axios, { type InternalAxiosRequestConfig } from 'axios';
import UserFlux from '@userflux/backend-js';
import { startTestApp, type TestApp } from '../support/app';
import { EventsDocument, ProfileDocument } from '../support/operations';

/** The address that is built into the published client. */
const BUILT_IN = 'https://integration-api.userflux.co';

describe('the published back-end client', () => {
  let app: TestApp;
  let interceptor: number;
  const sent: string[] = [];

  beforeAll(async () => {
    app = await startTestApp();
    interceptor = axios.interceptors.request.use((config: InternalAxiosRequestConfig) => {
      sent.push(config.url ?? '');
      config.url = config.url?.replace(BUILT_IN, app.url) ?? '';
      return config;
    });
  });
  afterAll(async () => {
    axios.interceptors.request.eject(interceptor);
    await app.close();
  });

  test('tracks and identifies through the REST doors, and GraphQL reads what it sent', async () => {
    const client = new UserFlux(app.readWriteKey, { defaultTrackingProperties: { plan: 'pro' } });
    const timestamp = Date.UTC(2026, 10, 20, 12);
    const tracked = await client.track({
      event: 'order_placed',
      userId: 'ada',
      properties: { total: 12.5 },
      timestamp,
    });
    const identified = await client.identify({ userId: 'ada', properties: { email: 'ada@example.com' } });
    expect([tracked, identified]).toMatchObject([{ status: 204 }, { status: 204 }]);
    expect(sent).toEqual([
      `${BUILT_IN}/event/ingest?locationEnrichment=false`,
      `${BUILT_IN}/profile?locationEnrichment=false`,
    ]);

    const { events } = await app.get(EventsDocument, {}, { bearer: app.readWriteKey });
    expect(events.edges.map(({ node }) => node)).toMatchObject([
      {
        name: 'order_placed',
        userId: 'ada',
        anonymousId: null,
        timestamp: new Date(timestamp).toISOString(),
        properties: { plan: 'pro', total: 12.5 },
        context: null,
      },
    ]);
    const { profile } = await app.get(
      ProfileDocument,
      { key: { userId: 'ada' } },
      { bearer: app.readWriteKey },
    );
    expect(profile).toMatchObject({ userId: 'ada', properties: { email: 'ada@example.com' } });
  });

  test('stores once what it sends again after a lost answer', async () => {
    const client = new UserFlux(app.writeOnlyKey);
    const event = { event: 'retried', anonymousId: 'browser-1', timestamp: Date.UTC(2026, 10, 21) };
    await client.track(event);
    await client.track(event);
    const { events } = await app.get(EventsDocument, { names: ['retried'] }, { bearer: app.readWriteKey });
    expect(events.edges).toHaveLength(1);
  });
});
