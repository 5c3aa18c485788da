import { givenKey, givenMember, startTestApp, type TestApp } from '../support/app';
import { GetViewerDocument } from '../support/operations';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ settings: { TRUSTED_PROXIES: '127.0.0.1' } });
});
afterAll(() => app.close());

test('a write-only key sees what it may do', async () => {
  const { viewer } = await app.get(GetViewerDocument, {}, { bearer: app.writeOnlyKey });
  expect(viewer).toEqual({
    credentialKind: 'WRITE_ONLY_KEY',
    workspace: {
      id: app.workspaceId,
      name: expect.any(String) as string,
      createdAt: expect.any(String) as string,
    },
    scopes: ['events:write', 'profiles:write'],
    clientIp: '127.0.0.1',
    allowedEvents: { mode: 'ALL', enforcement: 'ENFORCE', names: [] },
    expiresAt: null,
    member: null,
  });
});

test('a read & write key sees its allowed events and its end', async () => {
  const { secret } = await givenKey(app, app.session, {
    kind: 'READ_WRITE',
    allowedEvents: ['sale', 'Sale', 'a'],
    expiresAt: '2999-01-01T00:00:00.000Z',
  });
  const { viewer } = await app.get(GetViewerDocument, {}, { bearer: secret });
  expect(viewer).toMatchObject({
    credentialKind: 'READ_WRITE_KEY',
    allowedEvents: { mode: 'SPECIFIC', names: ['Sale', 'a', 'sale'] },
    expiresAt: '2999-01-01T00:00:00.000Z',
  });
  expect(viewer.scopes).toContain('profiles:delete');
});

test('a member sees the workspace and the role of the session', async () => {
  const { session, email, workspaceId } = await givenMember(app, { role: 'VIEWER' });
  const { viewer } = await app.get(GetViewerDocument, {}, { bearer: session });
  expect(viewer).toMatchObject({
    credentialKind: 'SESSION',
    workspace: { id: workspaceId },
    allowedEvents: null,
    member: { email, role: 'VIEWER' },
  });
  expect(viewer.scopes).toEqual([...viewer.scopes].sort());
  expect(viewer.scopes).not.toContain('settings:write');
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:DB8:0::1', '2001:db8::1'],
  ['198.51.100.1, 192.0.2.7', '192.0.2.7'],
  ['not an address', 'unknown'],
])('the caller of X-Forwarded-For %j is seen as %s', async (forwardedFor, clientIp) => {
  const headers = { 'x-forwarded-for': forwardedFor };
  const { viewer } = await app.get(GetViewerDocument, {}, { bearer: app.readWriteKey, headers });
  expect(viewer.clientIp).toBe(clientIp);
});

test('without a credential there is no viewer', async () => {
  expect(await app.send(GetViewerDocument, {})).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
});
