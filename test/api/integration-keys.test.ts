import { newId } from '../../src/lib/uuid';
import { givenKey, givenMember, startTestApp, type TestApp } from '../support/app';
import {
  CreateIntegrationKeyDocument,
  GetApiSettingsDocument,
  GetViewerDocument,
  RenameIntegrationKeyDocument,
  RevokeIntegrationKeyDocument,
} from '../support/operations';
import { within } from '../support/within';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function statusOf(bearer: string): Promise<number> {
  return (await app.send(GetViewerDocument, {}, { bearer })).status;
}

test('a new key works at once', async () => {
  const input = { name: 'Website', kind: 'WRITE_ONLY' as const };
  const { createIntegrationKey } = await app.get(
    CreateIntegrationKeyDocument,
    { input },
    { bearer: app.session },
  );
  const { key, secret } = createIntegrationKey;
  expect(secret).toMatch(/^fg_wo_[0-9A-Za-z]{36}$/);
  expect(key).toMatchObject({
    name: 'Website',
    createdBy: 'owner@example.com',
    preview: `fg_wo_…${secret.slice(-4)}`,
  });
  expect(await statusOf(secret)).toBe(200);
});

test('a revoked key is refused within a second, and revoking it again is no fault', async () => {
  const { id: keyId, secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY' });
  expect(await statusOf(secret)).toBe(200);
  const { revokeIntegrationKey: first } = await app.get(
    RevokeIntegrationKeyDocument,
    { input: { keyId } },
    { bearer: app.session },
  );
  await within(1000, async () => (await statusOf(secret)) === 401);
  const { revokeIntegrationKey: second } = await app.get(
    RevokeIntegrationKeyDocument,
    { input: { keyId } },
    { bearer: app.session },
  );
  expect(first.key.revokedAt).not.toBeNull();
  expect(second).toEqual(first);
});

test('a key ends when its time is over', async () => {
  const expiresAt = new Date(Date.now() + 1000).toISOString();
  const { secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY', expiresAt });
  expect(await statusOf(secret)).toBe(200);
  await within(2000, async () => (await statusOf(secret)) === 401);
});

test('a key gets another name, but not once it is revoked', async () => {
  const { id: keyId } = await givenKey(app, app.session, { kind: 'WRITE_ONLY' });
  const rename = (name: string) =>
    app.send(RenameIntegrationKeyDocument, { input: { keyId, name } }, { bearer: app.session });
  expect((await rename('Shop 🛒')).data?.renameIntegrationKey.key).toMatchObject({
    id: keyId,
    name: 'Shop 🛒',
  });
  await app.get(RevokeIntegrationKeyDocument, { input: { keyId } }, { bearer: app.session });
  expect(await rename('Other')).toMatchObject({ status: 409, code: 'CONFLICT' });
});

test.each(['', ' ', 'canary\0', 'canary\n', 'canary\ud800', 'canary'.repeat(40)])(
  'the name %.10j is refused',
  async (name) => {
    const input = { name, kind: 'WRITE_ONLY' as const };
    const answer = await app.send(CreateIntegrationKeyDocument, { input }, { bearer: app.session });
    expect(answer).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    expect(answer.errors[0]?.extensions.path).toEqual(['input', 'name']);
    expect(JSON.stringify(answer.errors)).not.toContain('canary');
  },
);

test('a key that would have ended already is refused', async () => {
  const input = { name: 'Late', kind: 'WRITE_ONLY' as const, expiresAt: '2020-01-01T00:00:00.000Z' };
  const answer = await app.send(CreateIntegrationKeyDocument, { input }, { bearer: app.session });
  expect(answer).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  expect(answer.errors[0]?.extensions.path).toEqual(['input', 'expiresAt']);
});

test('keys of another workspace answer like keys that never were', async () => {
  const { id: foreign, secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY' });
  const { session: bearer } = await givenMember(app, { role: 'OWNER' });
  const answers = [];
  for (const keyId of [foreign, newId(), 'no-uuid', 'nul\0']) {
    const { status, errors } = await app.send(RevokeIntegrationKeyDocument, { input: { keyId } }, { bearer });
    answers.push({ status, errors });
  }
  expect(answers[0]).toMatchObject({ status: 404, errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(await statusOf(secret)).toBe(200);
});

test('a viewer and a key may change nothing', async () => {
  const { session } = await givenMember(app, { role: 'VIEWER', workspaceId: app.workspaceId });
  const before = await app.get(GetApiSettingsDocument, { includeRevoked: true }, { bearer: app.session });
  for (const bearer of [session, app.readWriteKey, app.writeOnlyKey]) {
    const input = { name: 'Mine', kind: 'READ_WRITE' as const };
    const answer = await app.send(CreateIntegrationKeyDocument, { input }, { bearer });
    expect(answer).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(answer.errors[0]?.extensions['missingScopes']).toContain('settings:write');
  }
  expect(await app.get(GetApiSettingsDocument, { includeRevoked: true }, { bearer: app.session })).toEqual(
    before,
  );
});

test('who did what from where is in the audit log, without any secret', async () => {
  const { id, secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY' });
  await app.get(RenameIntegrationKeyDocument, { input: { keyId: id, name: 'New' } }, { bearer: app.session });
  const rows = await app.sql<{ action: string; actor: string; client_ip: string }>(
    `select action, actor, client_ip, before, after from audit_entry where target = '${id}' order by at, id`,
  );
  const who = { actor: 'owner@example.com', client_ip: '127.0.0.1' };
  expect(rows).toMatchObject([
    { ...who, action: 'integrationKey.create', before: null, after: { name: 'Test', kind: 'WRITE_ONLY' } },
    { ...who, action: 'integrationKey.rename', before: { name: 'Test' }, after: { name: 'New' } },
  ]);
  expect(JSON.stringify(rows)).not.toContain(secret.slice(6, 36));
});
