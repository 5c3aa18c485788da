import { givenKey, startTestApp, type TestApp } from '../support/app';
import { postJson } from '../support/http';

describe('POST /event/ingest', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const send = (body: unknown, { bearer = app.writeOnlyKey, query = '' } = {}) =>
    postJson(`${app.url}/event/ingest${query}`, body, { bearer });
  const sendBatch = (body: unknown, bearer = app.writeOnlyKey) =>
    postJson(`${app.url}/event/ingest/batch`, body, { bearer });
  const stored = (name: string) =>
    app.sql<Record<string, unknown>>(`select * from event where name = '${name}'`);

  test('stores what a client sends, and answers 204 without a body', async () => {
    const answer = await send({
      userId: 'ada',
      anonymousId: 'a-1',
      externalId: 'x-1',
      sessionId: 's-1',
      name: 'rest',
      timestamp: 1_795_000_000_000,
      properties: { total: 1 },
      deviceData: { os: 'linux' },
      somethingNew: true,
    });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await stored('rest')).toMatchObject([
      {
        user_id: 'ada',
        anonymous_id: 'a-1',
        external_id: 'x-1',
        session_id: 's-1',
        occurred_at: new Date(1_795_000_000_000),
        properties: { total: 1 },
        context: { device: { os: 'linux' } },
      },
    ]);
  });

  test.each([[null], [undefined], [''], ['null'], ['undefined'], ['[object Object]']])(
    'takes the id %j for none',
    async (none) => {
      const name = `none-${String(none).replace(/\W/g, '')}-${typeof none}`;
      const ids = { userId: none, externalId: none, sessionId: none, deviceData: null };
      expect((await send({ ...ids, anonymousId: 'a-1', name })).status).toBe(204);
      expect(await stored(name)).toMatchObject([
        { user_id: null, external_id: null, session_id: null, context: null },
      ]);
      expect((await send({ ...ids, anonymousId: none, name })).status).toBe(400);
    },
  );

  test('takes RFC 3339 text for a time and a number for an id', async () => {
    await send({ userId: 42, name: 'forms', timestamp: '2026-11-01T12:00:00+02:00' });
    expect(await stored('forms')).toMatchObject([
      { user_id: '42', occurred_at: new Date('2026-11-01T10:00:00Z') },
    ]);
  });

  test.each(['?locationEnrichment=true', '?locationEnrichment=nonsense', '?locationEnrichment'])(
    'ignores %s',
    async (query) => {
      expect((await send({ userId: 'ada', name: 'enriched' }, { query })).status).toBe(204);
    },
  );

  test('stores the same content with the same time once, and without a time each time', async () => {
    const event = { userId: 'ada', name: 'again', properties: { a: 1, b: 2 } };
    for (let round = 0; round < 2; round += 1) {
      await send({ ...event, name: 'timed', timestamp: 1_795_000_000_000 });
      await send(event);
    }
    expect([(await stored('timed')).length, (await stored('again')).length]).toEqual([1, 2]);
  });

  test.each([
    ['a list', [], undefined],
    ['text', '"text"', undefined],
    ['no name', { userId: 'ada' }, ['name']],
    ['a name that is no text', { userId: 'ada', name: 5 }, ['name']],
    ['a time that is none', { userId: 'ada', name: 'bad', timestamp: 'yesterday' }, ['timestamp']],
    ['properties that are a list', { userId: 'ada', name: 'bad', properties: [] }, ['properties']],
    ['deviceData that is text', { userId: 'ada', name: 'bad', deviceData: 'linux' }, ['deviceData']],
    ['an id that is an object', { userId: {}, name: 'bad' }, ['userId']],
    ['no id', { name: 'bad' }, undefined],
  ])('refuses %s', async (_what, body, path) => {
    const { status, text } = await send(body);
    const { error } = JSON.parse(text) as { error: { code: string; path?: string[]; requestId: string } };
    expect([status, error.code, error.path]).toEqual([400, 'BAD_USER_INPUT', path]);
    expect(await stored('bad')).toEqual([]);
  });

  test('answers 403 EVENT_NOT_ALLOWED when the key may not send the event', async () => {
    const { secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: ['signup'] });
    const { status, text } = await send({ userId: 'ada', name: 'purchase' }, { bearer: secret });
    expect([status, text]).toEqual([403, expect.stringContaining('"code":"EVENT_NOT_ALLOWED"')]);
    expect(await stored('purchase')).toEqual([]);
  });

  test('takes a batch and reports each bad or disallowed item by itself', async () => {
    const { secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: ['batch'] });
    const { status, text } = await sendBatch(
      {
        events: [
          { userId: 'ada', name: 'batch', timestamp: 1_795_000_000_000 },
          { userId: 'ada', name: 'other' },
          'no object',
          { userId: 'ada', name: 'batch', timestamp: 'yesterday' },
          { userId: 'ada', name: 'batch', timestamp: 1_795_000_000_000 },
        ],
      },
      secret,
    );
    const message = expect.any(String) as string;
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        acceptedCount: 1,
        duplicateCount: 1,
        rejected: [
          { index: 1, code: 'EVENT_NOT_ALLOWED', message },
          { index: 2, code: 'BAD_USER_INPUT', message },
          { index: 3, code: 'BAD_USER_INPUT', message },
        ],
      },
    ]);
    expect(await stored('batch')).toHaveLength(1);
  });

  test('answers 200 to a batch of which nothing is stored', async () => {
    const { status, text } = await sendBatch({ events: [{ name: 'no id' }] });
    expect([status, (JSON.parse(text) as { rejected: unknown[] }).rejected.length]).toEqual([200, 1]);
  });

  test.each([[{}], [{ events: {} }], [{ events: [] }]])('refuses %j as a batch', async (body) => {
    expect((await sendBatch(body)).status).toBe(400);
  });

  test.each(['/event/ingest', '/event/ingest/batch'])(
    '%s takes nothing without a valid key',
    async (path) => {
      for (const bearer of [undefined, 'fg_wo_nonsense']) {
        const { status, text, headers } = await postJson(
          app.url + path,
          { userId: 'ada', name: 'sneaky' },
          { bearer },
        );
        expect([status, headers['www-authenticate'], text]).toEqual([
          401,
          'Bearer',
          expect.stringMatching(/^\{"error":\{"code":"UNAUTHENTICATED"/),
        ]);
      }
      expect(await stored('sneaky')).toEqual([]);
    },
  );
});
