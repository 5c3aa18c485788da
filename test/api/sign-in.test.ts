import { OWNER_EMAIL, OWNER_PASSWORD, startTestApp, type TestApp } from '../support/app';
import { GetViewerDocument, SignInDocument, SignOutDocument } from '../support/operations';

const START_MS = Date.parse('2026-11-24T09:30:00.000Z');
const MINUTE_MS = 60_000;
const IDLE_MINUTES = 60;
const MAX_MINUTES = 120;
const RIGHT = { input: { email: OWNER_EMAIL, password: OWNER_PASSWORD } };

let app: TestApp;
let nowMs = START_MS;
beforeAll(async () => {
  app = await startTestApp({
    clock: () => new Date(nowMs),
    settings: {
      SESSION_IDLE_MINUTES: String(IDLE_MINUTES),
      SESSION_MAX_MINUTES: String(MAX_MINUTES),
      TRUSTED_PROXIES: '127.0.0.1',
      FAILED_SIGN_INS_PER_MINUTE: '3',
    },
  });
});
afterAll(() => app.close());
beforeEach(() => {
  nowMs = START_MS;
});

let lastHost = 0;
/** Each test calls from an address of its own, so that the failures of one don't close another. */
function fromNewAddress(): Record<string, string> {
  lastHost += 1;
  return { 'x-forwarded-for': `192.0.2.${lastHost}` };
}

async function signIn(): Promise<string> {
  const { signIn: payload } = await app.get(SignInDocument, RIGHT, { headers: fromNewAddress() });
  return payload.sessionToken;
}

async function isSignedIn(bearer: string): Promise<boolean> {
  return (await app.send(GetViewerDocument, {}, { bearer })).status === 200;
}

test('the session token works as a Bearer credential', async () => {
  const { signIn: payload } = await app.get(SignInDocument, RIGHT, { headers: fromNewAddress() });
  expect(payload.sessionToken).toMatch(/^fg_ss_/);
  expect(payload.expiresAt).toBe(new Date(START_MS + MAX_MINUTES * MINUTE_MS).toISOString());
  expect(payload.viewer).toMatchObject({
    credentialKind: 'SESSION',
    workspace: { id: app.workspaceId },
    member: { email: OWNER_EMAIL, role: 'OWNER', lastSignedInAt: new Date(START_MS).toISOString() },
  });
  expect(await isSignedIn(payload.sessionToken)).toBe(true);
});

test('an unknown account answers like a wrong password', async () => {
  const headers = fromNewAddress();
  const wrong = await app.send(
    SignInDocument,
    { input: { email: OWNER_EMAIL, password: 'wrong' } },
    { headers },
  );
  const unknown = await app.send(
    SignInDocument,
    { input: { email: 'nobody@x', password: 'wrong' } },
    { headers },
  );
  expect(wrong).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  expect(wrong.headers.get('www-authenticate')).toBe('Bearer');
  expect({ ...unknown, headers: undefined }).toEqual({ ...wrong, headers: undefined });
});

test.each(['nul\0@x', '\ud800@x', '', 'x'.repeat(100_000)])(
  'the e-mail %.10j is a wrong one',
  async (email) => {
    const input = { email, password: OWNER_PASSWORD };
    expect(await app.send(SignInDocument, { input }, { headers: fromNewAddress() })).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  },
);

test('a password of very many combining marks is a wrong one, and takes no longer', async () => {
  const input = { email: 'marks@x', password: 'a' + '\u0301\u0316'.repeat(80_000) };
  const startedAtMs = performance.now();
  expect(await app.send(SignInDocument, { input }, { headers: fromNewAddress() })).toMatchObject({
    status: 401,
    code: 'UNAUTHENTICATED',
  });
  expect(performance.now() - startedAtMs).toBeLessThan(1_000);
});

test('many failures from one address close it for a while', async () => {
  const headers = fromNewAddress();
  for (let n = 0; n < 3; n += 1) {
    await app.send(SignInDocument, { input: { email: `${n}@y`, password: 'x' } }, { headers });
  }
  const closed = await app.send(SignInDocument, RIGHT, { headers });
  expect(closed).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
  expect(Number(closed.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await app.send(SignInDocument, RIGHT, { headers: fromNewAddress() })).status).toBe(200);
});

test('a page of our own gets a cookie that scripts cannot read, others get none', async () => {
  const own = await app.send(SignInDocument, RIGHT, { headers: { ...fromNewAddress(), origin: app.url } });
  expect(own.headers.getSetCookie()).toEqual([
    `fluxgate_session=${own.data?.signIn.sessionToken}; HttpOnly; SameSite=Lax; Path=/; Max-Age=${MAX_MINUTES * 60}`,
  ]);
  const foreign = { ...fromNewAddress(), origin: 'https://evil.example' };
  expect((await app.send(SignInDocument, RIGHT, { headers: foreign })).headers.getSetCookie()).toEqual([]);
  expect(
    (await app.send(SignInDocument, RIGHT, { headers: fromNewAddress() })).headers.getSetCookie(),
  ).toEqual([]);
});

test('the cookie is believed from our own pages only, and signing out clears it', async () => {
  const cookie = `fluxgate_session=${await signIn()}`;
  expect(await app.send(GetViewerDocument, {}, { headers: { cookie, origin: app.url } })).toMatchObject({
    status: 200,
  });
  expect(
    await app.send(GetViewerDocument, {}, { headers: { cookie, origin: 'https://evil.example' } }),
  ).toMatchObject({ status: 401 });
  expect(await app.send(GetViewerDocument, {}, { headers: { cookie } })).toMatchObject({ status: 401 });

  const out = await app.send(SignOutDocument, {}, { headers: { cookie, origin: app.url } });
  expect(out.data).toEqual({ signOut: { signedOut: true } });
  expect(out.headers.getSetCookie()).toEqual([
    'fluxgate_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0',
  ]);
  expect(await app.send(GetViewerDocument, {}, { headers: { cookie, origin: app.url } })).toMatchObject({
    status: 401,
  });
});

test('an old cookie does not keep anybody from signing in again', async () => {
  const bearer = await signIn();
  await app.get(SignOutDocument, {}, { bearer });
  const headers = { ...fromNewAddress(), cookie: `fluxgate_session=${bearer}`, origin: app.url };
  expect((await app.send(SignInDocument, RIGHT, { headers })).status).toBe(200);
});

test('signing out ends that session only', async () => {
  const [one, other] = [await signIn(), await signIn()];
  expect(await app.get(SignOutDocument, {}, { bearer: one })).toEqual({ signOut: { signedOut: true } });
  expect(await isSignedIn(one)).toBe(false);
  expect(await isSignedIn(other)).toBe(true);
});

test('a key has no session to end', async () => {
  for (const bearer of [app.writeOnlyKey, app.readWriteKey]) {
    expect(await app.send(SignOutDocument, {}, { bearer })).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  }
  expect(await app.send(SignOutDocument, {})).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
});

test('a session ends when it is not used for a while', async () => {
  const bearer = await signIn();
  nowMs += (IDLE_MINUTES - 1) * MINUTE_MS;
  expect(await isSignedIn(bearer)).toBe(true);
  nowMs += (IDLE_MINUTES - 1) * MINUTE_MS;
  expect(await isSignedIn(bearer)).toBe(true);
  const unused = await signIn();
  nowMs += IDLE_MINUTES * MINUTE_MS;
  expect(await isSignedIn(unused)).toBe(false);
});

test('a session that is used ends at its absolute end', async () => {
  const bearer = await signIn();
  for (let minutes = 0; minutes < MAX_MINUTES; minutes += 30) {
    nowMs = START_MS + minutes * MINUTE_MS;
    expect(await isSignedIn(bearer)).toBe(true);
  }
  nowMs = START_MS + MAX_MINUTES * MINUTE_MS;
  expect(await isSignedIn(bearer)).toBe(false);
});
