import type { OutgoingHttpHeaders } from 'node:http';
import { OWNER_EMAIL, OWNER_PASSWORD, startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson, sendHttp, type HttpAnswer } from '../support/http';

const SIGN_IN = {
  query: 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }',
  variables: { input: { email: OWNER_EMAIL, password: OWNER_PASSWORD } },
};
const VIEWER = { query: '{ viewer { credentialKind } }' };

let app: TestApp;
let origin: string;

function ask(body: object, headers: OutgoingHttpHeaders, bearer?: string): Promise<HttpAnswer> {
  return postJson(`${app.url}/graphql`, body, { headers, bearer });
}

async function signIn(): Promise<string> {
  const { headers } = await ask(SIGN_IN, { origin });
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

describe('without PUBLIC_URL', () => {
  beforeAll(async () => {
    app = await startTestApp();
    origin = app.url;
  });
  afterAll(() => app.close());

  test('the host that was asked is our own, and the cookie goes over http', async () => {
    const own = await ask(SIGN_IN, { origin });
    expect(own.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^fluxgate_session=fg_ss_\w{36}; HttpOnly; SameSite=Lax; Path=\/; Max-Age=604800$/,
      ),
    ]);
    const byName = await ask(SIGN_IN, { origin: 'https://fluxgate.example', host: 'fluxgate.example' });
    expect(byName.headers['set-cookie']).toHaveLength(1);
  });

  test.each(['https://evil.example', 'null', '', 'not a URL', 'http://127.0.0.1', 'http://localhost:4000'])(
    'signing in from the origin %j sets no cookie',
    async (foreign) => {
      const answer = await ask(SIGN_IN, { origin: foreign });
      expect([answer.status, answer.headers['set-cookie']]).toEqual([200, undefined]);
    },
  );

  test('signing in without an origin or with a wrong password sets no cookie', async () => {
    expect((await ask(SIGN_IN, {})).headers['set-cookie']).toBeUndefined();
    const wrong = { ...SIGN_IN, variables: { input: { email: OWNER_EMAIL, password: 'wrong' } } };
    expect((await ask(wrong, { origin })).headers['set-cookie']).toBeUndefined();
  });

  test('the cookie is believed among others, in a JSON POST of our own pages', async () => {
    const cookie = await signIn();
    for (const text of [cookie, `a=b; ${cookie}`, `${cookie}; c=d`, `a=b;${cookie};c=d`]) {
      for (const type of ['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON']) {
        const answer = await ask(VIEWER, { origin, cookie: text, 'content-type': type });
        expect([answer.status, answer.headers['set-cookie']]).toEqual([200, undefined]);
      }
    }
  });

  test.each(['https://evil.example', 'null', undefined])(
    'the cookie is not believed from the origin %j',
    async (foreign) => {
      const cookie = await signIn();
      const answer = await ask(VIEWER, { cookie, ...(foreign !== undefined && { origin: foreign }) });
      expect([answer.status, codeOf(answer)]).toEqual([401, 'UNAUTHENTICATED']);
    },
  );

  test.each(['xfluxgate_session', 'fluxgate_sessionx', 'FLUXGATE_SESSION', 'session'])(
    'a cookie named %s is not believed',
    async (name) => {
      const cookie = (await signIn()).replace('fluxgate_session', name);
      expect((await ask(VIEWER, { origin, cookie })).status).toBe(401);
    },
  );

  test('the cookie is not believed in a GET, a DELETE or a body that a form can send', async () => {
    const cookie = await signIn();
    const headers = { origin, cookie, 'content-type': 'application/json' };
    const search = new URLSearchParams(VIEWER).toString();
    expect((await sendHttp(`${app.url}/graphql?${search}`, { headers })).status).toBe(401);
    expect((await sendHttp(`${app.url}/profile/ada`, { headers })).status).toBe(401);
    expect((await sendHttp(`${app.url}/profile/ada`, { method: 'DELETE', headers })).status).toBe(401);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await ask(VIEWER, { origin, cookie, 'content-type': type });
      expect(answer.status).toBe(415);
    }
  });

  test('the cookie is believed on REST under the same conditions', async () => {
    const cookie = await signIn();
    const post = (headers: OutgoingHttpHeaders) =>
      postJson(`${app.url}/event/ingest`, { name: 'a', userId: 'b' }, { headers });
    expect((await post({ cookie, origin })).status).toBe(204);
    expect((await post({ cookie, origin: 'https://evil.example' })).status).toBe(401);
    expect((await post({ cookie })).status).toBe(401);
  });

  test('a Bearer credential decides, whatever the cookie says', async () => {
    const cookie = await signIn();
    expect((await ask(VIEWER, { origin, cookie }, 'wrong')).status).toBe(401);
    expect((await ask(VIEWER, { origin, cookie }, '')).status).toBe(401);
    expect((await ask(VIEWER, { origin, cookie, authorization: 'Basic YTpi' })).status).toBe(401);
    expect((await ask(VIEWER, { origin, cookie }, app.writeOnlyKey)).text).toContain('WRITE_ONLY_KEY');
  });

  test('a key is no session, and is believed in no other place than the Bearer credential', async () => {
    for (const key of [app.writeOnlyKey, app.readWriteKey]) {
      const places: OutgoingHttpHeaders[] = [
        { origin, cookie: `fluxgate_session=${key}` },
        { 'x-api-key': key },
        { authorization: key },
        { authorization: `Token ${key}` },
        { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
        { authorization: `Bearer ${key} x` },
      ];
      for (const headers of places) expect((await ask(VIEWER, headers)).status).toBe(401);
      const answer = await postJson(`${app.url}/graphql?api_key=${key}&access_token=${key}`, VIEWER);
      expect(answer.status).toBe(401);
    }
  });

  test('an old cookie is no credential, and keeps nobody from signing in', async () => {
    const cookie = await signIn();
    const out = await ask({ query: 'mutation { signOut { signedOut } }' }, { origin, cookie });
    expect(out.headers['set-cookie']).toEqual([
      'fluxgate_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0',
    ]);
    expect((await ask(VIEWER, { origin, cookie })).status).toBe(401);
    const again = await ask(SIGN_IN, { origin, cookie });
    expect([again.status, again.headers['set-cookie']?.length]).toEqual([200, 1]);
  });
});

describe('with PUBLIC_URL https://fluxgate.example', () => {
  beforeAll(async () => {
    app = await startTestApp({ settings: { PUBLIC_URL: 'https://fluxgate.example' } });
    origin = 'https://fluxgate.example';
  });
  afterAll(() => app.close());

  test('the cookie goes over https only', async () => {
    const { headers } = await ask(SIGN_IN, { origin });
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^fluxgate_session=fg_ss_\w{36}; HttpOnly; SameSite=Lax; Path=\/; Max-Age=604800; Secure$/,
      ),
    ]);
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    const out = await ask({ query: 'mutation { signOut { signedOut } }' }, { origin, cookie });
    expect(out.headers['set-cookie']).toEqual([
      'fluxgate_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0; Secure',
    ]);
  });

  test.each([
    'http://fluxgate.example',
    'https://fluxgate.example:444',
    'https://fluxgate.example.evil.example',
    'https://evil.example/https://fluxgate.example',
    'https://sub.fluxgate.example',
    'https://fluxgate.example@evil.example',
  ])('%s is not our own origin, even when it was asked', async (foreign) => {
    const cookie = await signIn();
    const { host } = new URL(foreign);
    expect((await ask(SIGN_IN, { origin: foreign, host })).headers['set-cookie']).toBeUndefined();
    expect((await ask(VIEWER, { origin: foreign, host, cookie })).status).toBe(401);
  });

  test('the address that the server listens on is not our own origin', async () => {
    expect((await ask(SIGN_IN, { origin: app.url })).headers['set-cookie']).toBeUndefined();
  });
});
