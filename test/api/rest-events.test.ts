import { newId } from '../../src/lib/uuid';
import { givenKey, givenMember, startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson, type HttpAnswer } from '../support/http';
import { EventsDocument, TrackEventDocument } from '../support/operations';

const AT = '2026-11-24T06:00:00.123Z';
const AT_MS = Date.parse(AT);

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

function ingest(
  body: unknown,
  { bearer = app.writeOnlyKey, search = '?locationEnrichment=true' } = {},
): Promise<HttpAnswer> {
  return postJson(`${app.url}/event/ingest${search}`, body, { bearer });
}

function ingestBatch(events: unknown, bearer = app.writeOnlyKey): Promise<HttpAnswer> {
  return postJson(`${app.url}/event/ingest/batch?locationEnrichment=false`, { events }, { bearer });
}

async function storedEvents(name: string) {
  const { events } = await app.get(EventsDocument, { names: [name] }, { bearer: app.readWriteKey });
  return events.edges.map(({ node }) => node);
}

describe('POST /event/ingest', () => {
  test('stores everything that was sent and answers 204 without a body', async () => {
    const answer = await ingest({
      userId: 'ada',
      anonymousId: 'phone-1',
      externalId: 'crm-1',
      sessionId: 'visit-1',
      name: 'everything',
      timestamp: AT_MS,
      properties: { total: 12.5, items: ['a', { b: null }], __proto__x: 1 },
      deviceData: { os: 'linux', screen: { width: 800 } },
    });
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([204, '', undefined]);
    expect(await storedEvents('everything')).toEqual([
      {
        id: expect.any(String),
        messageId: expect.any(String),
        name: 'everything',
        userId: 'ada',
        anonymousId: 'phone-1',
        externalId: 'crm-1',
        sessionId: 'visit-1',
        timestamp: AT,
        receivedAt: expect.any(String),
        properties: { total: 12.5, items: ['a', { b: null }], __proto__x: 1 },
        context: { device: { os: 'linux', screen: { width: 800 } } },
      },
    ]);
  });

  test.each([
    ['epoch milliseconds', AT_MS, AT],
    ['epoch milliseconds with a fraction', AT_MS + 0.7, AT],
    ['RFC 3339', AT, AT],
    ['RFC 3339 of another zone', '2026-11-24T07:00:00.123+01:00', AT],
  ])('takes a timestamp in %s', async (what, timestamp, stored) => {
    const name = `at ${what}`.replaceAll(' ', '_');
    expect((await ingest({ name, userId: 'ada', timestamp })).status).toBe(204);
    expect((await storedEvents(name)).map((event) => event.timestamp)).toEqual([stored]);
  });

  test.each([
    ['absent', undefined],
    ['null', null],
  ])('takes the time of receipt when the timestamp is %s', async (what, timestamp) => {
    const before = Date.now();
    await ingest({ name: `received_${what}`, userId: 'ada', timestamp });
    const [event] = await storedEvents(`received_${what}`);
    expect(event?.timestamp).toBe(event?.receivedAt);
    expect(Date.parse(event?.timestamp ?? '')).toBeGreaterThanOrEqual(before);
  });

  test.each([
    ['epoch seconds', AT_MS / 1000],
    ['digits as text', String(AT_MS)],
    ['no zone', '2026-11-24T06:00:00'],
    ['30 February', '2026-02-30T06:00:00Z'],
    ['a number beyond all dates', 1e300],
    ['true', true],
    ['a list', [AT_MS]],
    ['an object', {}],
    ['an empty text', ''],
  ])('refuses a timestamp of %s', async (_what, timestamp) => {
    const answer = await ingest({ name: 'bad_time', userId: 'ada', timestamp });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_USER_INPUT']);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { path: ['timestamp'] } });
    expect(await storedEvents('bad_time')).toEqual([]);
  });

  test.each(['null', 'undefined', '', '[object Object]', null])(
    'takes ids and deviceData of %j for absent',
    async (absent) => {
      const name = `absent_${newId()}`;
      const ids = { userId: absent, externalId: absent, sessionId: absent, deviceData: absent };
      expect((await ingest({ name, anonymousId: 'phone-2', ...ids })).status).toBe(204);
      expect(await storedEvents(name)).toEqual([
        expect.objectContaining({
          userId: null,
          externalId: null,
          sessionId: null,
          anonymousId: 'phone-2',
          context: null,
        }),
      ]);
      const nobody = await ingest({ name, anonymousId: absent, ...ids });
      expect([nobody.status, codeOf(nobody)]).toEqual([400, 'BAD_USER_INPUT']);
    },
  );

  test('takes a number for an id as its digits', async () => {
    await ingest({ name: 'numbers', userId: 42, anonymousId: 0, externalId: 1.5, sessionId: -7 });
    expect(await storedEvents('numbers')).toEqual([
      expect.objectContaining({ userId: '42', anonymousId: '0', externalId: '1.5', sessionId: '-7' }),
    ]);
  });

  test('takes ids as they are, white space and all', async () => {
    await ingest({ name: 'odd_ids', userId: ' Null ', anonymousId: 'a b', sessionId: '🙂' });
    expect(await storedEvents('odd_ids')).toEqual([
      expect.objectContaining({ userId: ' Null ', anonymousId: 'a b', sessionId: '🙂' }),
    ]);
  });

  test('ignores fields that it does not know, a message id among them', async () => {
    const event = {
      name: 'unknown_fields',
      userId: 'ada',
      messageId: 'mine',
      context: { a: 1 },
      type: 'track',
      traits: null,
    };
    expect((await ingest(event)).status).toBe(204);
    expect((await ingest(event)).status).toBe(204);
    const events = await storedEvents('unknown_fields');
    expect(events).toHaveLength(2);
    expect(events.map(({ messageId, context }) => [messageId === 'mine', context])).toEqual([
      [false, null],
      [false, null],
    ]);
  });

  test.each([
    '',
    '?',
    '?locationEnrichment=false',
    '?locationEnrichment=undefined',
    '?locationEnrichment=%zz',
    '?locationEnrichment=1&locationEnrichment=2',
    '?other=1',
  ])('does not mind the search %j', async (search) => {
    expect((await ingest({ name: 'searched', userId: 'ada' }, { search })).status).toBe(204);
  });

  test.each(['page_view', 'page_leave', 'click', 'screen_view', 'app_open', 'app_background'])(
    'takes the automatic event %s',
    async (name) => {
      expect(
        (await ingest({ name, anonymousId: 'phone-3', timestamp: AT_MS, properties: {}, deviceData: null }))
          .status,
      ).toBe(204);
    },
  );

  test.each([
    ['without a name', { userId: 'ada' }, ['name']],
    ['with a name that is no text', { name: 7, userId: 'ada' }, ['name']],
    ['with a name with white space', { name: 'a b', userId: 'ada' }, ['name']],
    ['with an id that is no text', { name: 'bad', userId: { a: 1 } }, ['userId']],
    ['with an id that is true', { name: 'bad', anonymousId: true }, ['anonymousId']],
    ['with a session id that is a list', { name: 'bad', userId: 'ada', sessionId: [] }, ['sessionId']],
    ['with properties that are a list', { name: 'bad', userId: 'ada', properties: [] }, ['properties']],
    ['with properties that are text', { name: 'bad', userId: 'ada', properties: 'a' }, ['properties']],
    ['with deviceData that is a number', { name: 'bad', userId: 'ada', deviceData: 7 }, ['deviceData']],
    [
      'with NUL in a property',
      { name: 'bad', userId: 'ada', properties: { a: ['\0'] } },
      ['properties', 'a', 0],
    ],
    [
      'with half a surrogate pair in deviceData',
      { name: 'bad', userId: 'ada', deviceData: { os: '\ud800' } },
      ['context', 'device', 'os'],
    ],
  ])('refuses an event %s, at its place', async (_what, event, path) => {
    const answer = await ingest(event);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_USER_INPUT']);
    expect(JSON.parse(answer.text)).toEqual({
      error: {
        code: 'BAD_USER_INPUT',
        message: expect.any(String),
        path,
        requestId: answer.headers['x-request-id'],
      },
    });
    expect(await storedEvents('bad')).toEqual([]);
  });
});

describe('the same event', () => {
  const event = {
    name: 'again',
    userId: 'ada',
    sessionId: 'v',
    timestamp: AT_MS,
    properties: { a: 1, b: { c: 2, d: 3 } },
  };

  test('sent again is stored once, whatever door and order of keys', async () => {
    for (let n = 0; n < 2; n += 1) expect((await ingest(event)).status).toBe(204);
    await ingest({
      properties: { b: { d: 3, c: 2 }, a: 1 },
      timestamp: AT,
      name: 'again',
      sessionId: 'v',
      userId: 'ada',
      anonymousId: 'null',
      deviceData: { a: 1 },
    });
    const batch = await ingestBatch([event, event]);
    expect(JSON.parse(batch.text)).toEqual({ acceptedCount: 0, duplicateCount: 2, rejected: [] });
    const input = { ...event, timestamp: AT };
    const byGraphQL = await app.get(TrackEventDocument, { input }, { bearer: app.writeOnlyKey });
    expect(byGraphQL.trackEvent.status).toBe('DUPLICATE');
    expect(await storedEvents('again')).toHaveLength(1);
  });

  test.each([
    ['another name', { name: 'again_2' }],
    ['another user', { userId: 'bob' }],
    ['another session', { sessionId: 'w' }],
    ['another device', { anonymousId: 'phone' }],
    ['another time', { timestamp: AT_MS + 1 }],
    ['other properties', { properties: { a: '1', b: { c: 2, d: 3 } } }],
  ])('with %s is another event', async (_what, change) => {
    const answer = await ingestBatch([{ ...event, ...change }]);
    expect(JSON.parse(answer.text)).toMatchObject({ acceptedCount: 1, duplicateCount: 0 });
  });

  test('without a timestamp is new every time', async () => {
    const timeless = { name: 'timeless', userId: 'ada' };
    await ingest(timeless);
    await ingestBatch([timeless, timeless]);
    expect(await storedEvents('timeless')).toHaveLength(3);
  });

  test('of another workspace is another event', async () => {
    const { session } = await givenMember(app, { role: 'OWNER' });
    const answer = await ingestBatch([event], session);
    expect(JSON.parse(answer.text)).toMatchObject({ acceptedCount: 1 });
  });
});

describe('POST /event/ingest/batch', () => {
  test('answers what became of each item, and stores the good ones', async () => {
    const good = { name: 'batched', userId: 'ada', timestamp: AT_MS, deviceData: { os: 'linux' } };
    const answer = await ingestBatch([
      good,
      { name: 'bat ched', userId: 'ada' },
      good,
      null,
      'text',
      [],
      { name: 'batched' },
      { name: 'batched', userId: 'ada', timestamp: 'yesterday' },
      { name: 'batched', userId: 'ada', properties: { a: '\0' } },
      { name: 'batched', userId: 'ada', properties: { a: 'x'.repeat(40_000) } },
      { ...good, userId: 'bob' },
    ]);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    const body = JSON.parse(answer.text) as { rejected: { index: number }[] };
    expect(body).toEqual({
      acceptedCount: 2,
      duplicateCount: 1,
      rejected: [1, 3, 4, 5, 6, 7, 8, 9].map((index) => ({
        index,
        code: 'BAD_USER_INPUT',
        message: expect.any(String),
      })),
    });
    expect((await storedEvents('batched')).map(({ userId, context }) => [userId, context]).sort()).toEqual([
      ['ada', { device: { os: 'linux' } }],
      ['bob', { device: { os: 'linux' } }],
    ]);
  });

  test('answers 200 to an empty batch, which one client would send again for ever', async () => {
    const answer = await ingestBatch([]);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      { acceptedCount: 0, duplicateCount: 0, rejected: [] },
    ]);
  });

  test('stores 500 events, and refuses 501 and what is no list', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ name: 'many', userId: `user-${index}` }));
    expect(JSON.parse((await ingestBatch(many(500))).text)).toEqual({
      acceptedCount: 500,
      duplicateCount: 0,
      rejected: [],
    });
    for (const events of [many(501), undefined, null, {}, 'text', 7]) {
      const answer = await ingestBatch(events);
      expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_USER_INPUT']);
      expect(JSON.parse(answer.text)).toMatchObject({ error: { path: ['events'] } });
    }
  });
});

describe('a key that may send signup only', () => {
  let bearer: string;
  beforeAll(async () => {
    bearer = (
      await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: ['signup', 'caf\u00e9'] })
    ).secret;
  });

  test('is refused another event with 403, and nothing is stored', async () => {
    const answer = await ingest({ name: 'Signup', userId: 'ada' }, { bearer });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'EVENT_NOT_ALLOWED']);
    expect(await storedEvents('Signup')).toEqual([]);
    expect((await ingest({ name: 'signup', userId: 'ada' }, { bearer })).status).toBe(204);
    expect((await ingest({ name: 'cafe\u0301', userId: 'ada' }, { bearer })).status).toBe(204);
  });

  test('is told per item of a batch, also when no item is allowed', async () => {
    const [allowed, other] = [
      { name: 'signup', userId: 'ada' },
      { name: 'sign_up', userId: 'ada' },
    ];
    const refusal = { code: 'EVENT_NOT_ALLOWED', message: expect.any(String) as string };
    const mixed = await ingestBatch([other, allowed, other], bearer);
    expect([mixed.status, JSON.parse(mixed.text)]).toEqual([
      200,
      {
        acceptedCount: 1,
        duplicateCount: 0,
        rejected: [
          { index: 0, ...refusal },
          { index: 2, ...refusal },
        ],
      },
    ]);
    const none = await ingestBatch([other], bearer);
    expect([none.status, JSON.parse(none.text)]).toEqual([
      200,
      { acceptedCount: 0, duplicateCount: 0, rejected: [{ index: 0, ...refusal }] },
    ]);
    expect(await storedEvents('sign_up')).toEqual([]);
  });

  test('is told that an event is not allowed before what else is wrong with it', async () => {
    const answer = await ingest({ name: 'other', userId: 'ada', properties: { a: '\0' } }, { bearer });
    expect(codeOf(answer)).toBe('EVENT_NOT_ALLOWED');
  });
});

test('a member who may only look may not send', async () => {
  const { session: bearer } = await givenMember(app, { role: 'VIEWER', workspaceId: app.workspaceId });
  for (const answer of [
    await ingest({ name: 'viewed', userId: 'ada' }, { bearer }),
    await ingestBatch([{ name: 'viewed', userId: 'ada' }], bearer),
  ]) {
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      403,
      {
        error: {
          code: 'FORBIDDEN',
          message: 'The credential lacks events:write.',
          missingScopes: ['events:write'],
          requestId: expect.any(String),
        },
      },
    ]);
  }
  expect(await storedEvents('viewed')).toEqual([]);
});

test('both kinds of keys and members who may write are let in, nobody without a credential', async () => {
  for (const bearer of [app.writeOnlyKey, app.readWriteKey, app.session]) {
    expect((await ingest({ name: 'let_in', userId: 'ada' }, { bearer })).status).toBe(204);
  }
  const answer = await postJson(`${app.url}/event/ingest`, { name: 'let_in', userId: 'ada' });
  expect([answer.status, codeOf(answer), answer.headers['www-authenticate']]).toEqual([
    401,
    'UNAUTHENTICATED',
    'Bearer',
  ]);
  expect(await storedEvents('let_in')).toHaveLength(3);
});
