import { OWNER_EMAIL, OWNER_PASSWORD, startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson, sendHttp } from '../support/http';

const SIGN_IN = {
  query: 'mutation ($input: SignInInput!) { signIn(input: $input) { expiresAt } }',
  variables: { input: { email: OWNER_EMAIL, password: OWNER_PASSWORD } },
};
const VIEWER = { query: '{ viewer { credentialKind } }' };

describe('the session cookie', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const ask = (body: object, headers: Record<string, string>) =>
    postJson(`${app.url}/graphql`, body, { headers });
  const signIn = async () => {
    const { headers } = await ask(SIGN_IN, { origin: app.url });
    return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  };

  test('is set for a page of our own origin only, out of reach of scripts and of other sites', async () => {
    const own = await ask(SIGN_IN, { origin: app.url });
    expect(own.headers['set-cookie']).toEqual([
      expect.stringMatching(/^fluxgate_session=fg_ss_\w+; HttpOnly; SameSite=Lax; Path=\/; Max-Age=\d+$/),
    ]);
    for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }]) {
      expect((await ask(SIGN_IN, headers as Record<string, string>)).headers['set-cookie']).toBeUndefined();
    }
  });

  test('signs in a JSON POST of our own origin', async () => {
    const { text } = await ask(VIEWER, { origin: app.url, cookie: `other=1; ${await signIn()}` });
    expect(text).toBe('{"data":{"viewer":{"credentialKind":"SESSION"}}}\n');
  });

  test('counts for nothing from another origin, without one, and in a GET', async () => {
    const cookie = await signIn();
    for (const headers of [
      { cookie, origin: 'https://evil.example' },
      { cookie },
      { cookie, origin: 'null' },
    ]) {
      const answer = await ask(VIEWER, headers);
      expect([answer.status, codeOf(answer)]).toEqual([401, 'UNAUTHENTICATED']);
    }
    const url = `${app.url}/graphql?query=${encodeURIComponent(VIEWER.query)}`;
    const headers = { cookie, origin: app.url, 'content-type': 'application/json' };
    expect((await sendHttp(url, { headers })).status).toBe(401);
  });

  test('that has ended does not keep its owner from signing in', async () => {
    const cookie = await signIn();
    await app.sql('delete from session');
    expect((await ask(VIEWER, { cookie, origin: app.url })).status).toBe(401);
    expect((await ask(SIGN_IN, { cookie, origin: app.url })).status).toBe(200);
  });

  test('is taken back at sign-out, and the session with it', async () => {
    const cookie = await signIn();
    const headers = { cookie, origin: app.url };
    const answer = await ask({ query: 'mutation { signOut { signedOut } }' }, headers);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^fluxgate_session=;.*Max-Age=0/);
    expect((await ask(VIEWER, headers)).status).toBe(401);
  });
});

test('behind https the cookie is Secure, and the origin is that of PUBLIC_URL', async () => {
  const app = await startTestApp({ settings: { PUBLIC_URL: 'https://flux.example' } });
  const ask = (origin: string) => postJson(`${app.url}/graphql`, SIGN_IN, { headers: { origin } });
  const [own, direct] = [await ask('https://flux.example'), await ask(app.url)];
  await app.close();
  expect(own.headers['set-cookie']?.[0]).toMatch(/; Secure$|; Secure;/);
  expect(direct.headers['set-cookie']).toBeUndefined();
});
