import type { OutgoingHttpHeaders } from 'node:http';
import { OWNER_EMAIL, OWNER_PASSWORD, givenKey, startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson, sendHttp, type HttpAnswer } from '../support/http';

const RATE_LIMIT = 40;
const ORIGIN = 'https://shop.example';
const EVENT = { name: 'page_view', userId: 'ada' };
const TRACK = 'mutation ($input: TrackEventInput!) { trackEvent(input: $input) { status } }';

let app: TestApp;
let keys: { elsewhere: string; signupOnly: string; busy: string };
beforeAll(async () => {
  app = await startTestApp({ settings: { RATE_LIMIT_PER_SECOND: String(RATE_LIMIT) } });
  const given = async (input: object) =>
    (await givenKey(app, app.session, { kind: 'WRITE_ONLY', ...input })).secret;
  keys = {
    elsewhere: await given({ ipRanges: [{ range: '192.0.2.1' }] }),
    signupOnly: await given({ allowedEvents: ['signup'] }),
    busy: await given({}),
  };
});
afterAll(() => app.close());

/** What a page of another origin sends with a write-only key. */
function fromPage(
  path: string,
  body: unknown,
  bearer: string | undefined,
  headers: OutgoingHttpHeaders = {},
) {
  return postJson(`${app.url}${path}`, body, {
    bearer,
    headers: { origin: ORIGIN, 'sec-fetch-site': 'cross-site', ...headers },
  });
}

function expectReadable({ headers }: HttpAnswer): void {
  expect(headers['access-control-allow-origin']).toBe('*');
  expect(headers['access-control-expose-headers']).toBe(
    'Retry-After, RateLimit, RateLimit-Policy, X-Request-Id',
  );
  expect(headers).not.toHaveProperty('access-control-allow-credentials');
}

function expectUnreadable({ headers }: HttpAnswer): void {
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
}

describe('a preflight', () => {
  const asked = {
    origin: ORIGIN,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type',
  };

  test.each(['/graphql', '/event/ingest', '/event/ingest/batch', '/profile'])(
    'of %s permits a POST with a key for a day, before any key or body is looked at',
    async (path) => {
      for (const headers of [
        asked,
        { ...asked, authorization: 'Bearer wrong' },
        { ...asked, 'content-type': 'a/b', 'content-encoding': 'x' },
      ]) {
        const answer = await sendHttp(`${app.url}${path}?locationEnrichment=true`, {
          method: 'OPTIONS',
          headers,
          body: 'x',
        });
        expect([answer.status, answer.text]).toEqual([204, '']);
        expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
        expect(answer.headers).toMatchObject({
          'access-control-allow-origin': '*',
          'access-control-allow-methods': 'POST',
          'access-control-allow-headers': 'Authorization, Content-Type',
          'access-control-max-age': '86400',
        });
      }
    },
  );

  test.each(['/profile/ada', '/healthz', '/readyz', '/nothing'])('of %s permits nothing', async (path) => {
    expectUnreadable(await sendHttp(`${app.url}${path}`, { method: 'OPTIONS', headers: asked }));
  });
});

describe('a page of any origin can read', () => {
  test('what its write-only key is answered', async () => {
    for (const answer of [
      await fromPage('/graphql', { query: TRACK, variables: { input: EVENT } }, app.writeOnlyKey),
      await fromPage('/graphql', { query: '{ viewer { clientIp } }' }, app.writeOnlyKey),
      await fromPage('/event/ingest', EVENT, app.writeOnlyKey),
      await fromPage('/event/ingest/batch', { events: [EVENT] }, app.writeOnlyKey),
      await fromPage('/profile', { userId: 'ada' }, app.writeOnlyKey),
    ]) {
      expect([200, 204]).toContain(answer.status);
      expectReadable(answer);
    }
  });

  const REST = [
    ['/event/ingest', EVENT],
    ['/event/ingest/batch', { events: [EVENT] }],
    ['/profile', { userId: 'ada' }],
  ] as const;
  const GRAPHQL = ['/graphql', { query: TRACK, variables: { input: EVENT } }] as const;

  test.each([...REST, GRAPHQL])('every refusal of %s', async (path, body) => {
    const refusals: [HttpAnswer, number, string][] = [
      [await fromPage(path, body, undefined), 401, 'UNAUTHENTICATED'],
      [await fromPage(path, body, 'wrong'), 401, 'UNAUTHENTICATED'],
      [await fromPage(path, body, `${app.writeOnlyKey.slice(0, -1)}_`), 401, 'UNAUTHENTICATED'],
      [await fromPage(path, body, keys.elsewhere), 403, 'IP_NOT_ALLOWED'],
      [await fromPage(path, body, app.readWriteKey), 403, 'BROWSER_NOT_ALLOWED'],
      [await fromPage(path, 'no JSON', app.writeOnlyKey), 400, 'BAD_USER_INPUT'],
      [await fromPage(path, '[]', app.writeOnlyKey), 400, 'BAD_USER_INPUT'],
      [await fromPage(path, body, app.writeOnlyKey, { 'content-type': 'text/plain' }), 415, 'BAD_USER_INPUT'],
      [await fromPage(path, body, app.writeOnlyKey, { 'content-encoding': 'x' }), 415, 'BAD_USER_INPUT'],
      [await fromPage(path, body, app.writeOnlyKey, { 'content-encoding': 'gzip' }), 400, 'BAD_USER_INPUT'],
      [await fromPage(path, ' '.repeat(1_048_577), app.writeOnlyKey), 413, 'PAYLOAD_TOO_LARGE'],
      [
        await sendHttp(`${app.url}${path}`, { method: 'PUT', headers: { origin: ORIGIN } }),
        405,
        'BAD_USER_INPUT',
      ],
    ];
    for (const [answer, status, code] of refusals) {
      expect([answer.status, codeOf(answer)]).toEqual([status, code]);
      expectReadable(answer);
    }
  });

  test.each([...REST, GRAPHQL])('that there were too many requests to %s', async (path, body) => {
    const answers = await Promise.all(
      Array.from({ length: 2 * RATE_LIMIT }, () => fromPage(path, body, keys.busy)),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    refused.forEach(expectReadable);
  });

  test('that its event is not allowed', async () => {
    for (const answer of [
      await fromPage('/graphql', { query: TRACK, variables: { input: EVENT } }, keys.signupOnly),
      await fromPage('/event/ingest', EVENT, keys.signupOnly),
    ]) {
      expect([answer.status, codeOf(answer)]).toEqual([403, 'EVENT_NOT_ALLOWED']);
      expectReadable(answer);
    }
    const batch = await fromPage('/event/ingest/batch', { events: [EVENT] }, keys.signupOnly);
    expect(batch.status).toBe(200);
    expectReadable(batch);
  });

  test.each([
    ['a scope', '{ apiSettings { workspace { id } } }', 403],
    ['a field', '{ nothing }', 400],
    ['a document', '{', 400],
    ['a limit', `{ ${Array.from({ length: 21 }, (_, i) => `a${i}: __typename`).join(' ')} }`, 400],
  ])('what is wrong with %s of its GraphQL', async (_what, query, status) => {
    const answer = await fromPage('/graphql', { query }, app.writeOnlyKey);
    expect(answer.status).toBe(status);
    expectReadable(answer);
  });
});

describe('no page can read', () => {
  const headers = { origin: ORIGIN };

  test('what a read & write key or a session is answered', async () => {
    const query = '{ viewer { clientIp } }';
    for (const answer of [
      await postJson(`${app.url}/graphql`, { query }, { bearer: app.readWriteKey }),
      await postJson(
        `${app.url}/graphql`,
        { query: '{ apiSettings { workspace { id } } }' },
        { bearer: app.readWriteKey },
      ),
      await postJson(`${app.url}/graphql`, { query }, { bearer: app.session, headers }),
      await postJson(`${app.url}/graphql`, { query: '{ nothing }' }, { bearer: app.session, headers }),
      await sendHttp(`${app.url}/profile/nobody`, {
        headers: { ...headers, authorization: `Bearer ${app.session}` },
      }),
      await sendHttp(`${app.url}/profile/nobody`, {
        headers: { authorization: `Bearer ${app.readWriteKey}` },
      }),
      await postJson(`${app.url}/event/ingest`, EVENT, { bearer: app.readWriteKey }),
      await postJson(`${app.url}/event/ingest`, EVENT, { bearer: app.session, headers }),
      await postJson(`${app.url}/event/ingest`, {}, { bearer: app.session, headers }),
    ]) {
      expect([200, 204, 400, 403, 404]).toContain(answer.status);
      expectUnreadable(answer);
    }
  });

  test('the session token that signing in answers', async () => {
    const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }';
    const variables = { input: { email: OWNER_EMAIL, password: OWNER_PASSWORD } };
    for (const origin of [ORIGIN, app.url, 'null']) {
      const answer = await postJson(`${app.url}/graphql`, { query, variables }, { headers: { origin } });
      expect(answer.text).toContain('fg_ss_');
      expectUnreadable(answer);
    }
  });

  test('health', async () => {
    expectUnreadable(await sendHttp(`${app.url}/healthz`, { headers }));
    expectUnreadable(await sendHttp(`${app.url}/readyz`, { headers }));
  });
});
