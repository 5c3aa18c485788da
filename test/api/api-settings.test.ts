import { givenKey, givenMember, startTestApp, type TestApp } from '../support/app';
import { GetApiSettingsDocument, RevokeIntegrationKeyDocument } from '../support/operations';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

test('the keys of the first start are listed', async () => {
  const { apiSettings } = await app.get(GetApiSettingsDocument, {}, { bearer: app.session });
  expect(apiSettings.workspace.id).toBe(app.workspaceId);
  expect(apiSettings.integrationKeys).toMatchObject([
    {
      kind: 'WRITE_ONLY',
      preview: `fg_wo_…${app.writeOnlyKey.slice(-4)}`,
      scopes: ['events:write', 'profiles:write'],
      ipAccess: { mode: 'ANYWHERE', enforcement: 'ENFORCE', entries: [] },
      allowedEvents: { mode: 'ALL', enforcement: 'ENFORCE', names: [] },
      createdBy: 'setup',
      expiresAt: null,
      revokedAt: null,
    },
    { kind: 'READ_WRITE', preview: `fg_rw_…${app.readWriteKey.slice(-4)}` },
  ]);
});

test('revoked keys are listed on demand', async () => {
  const { session } = await givenMember(app, { role: 'ADMIN' });
  const { id } = await givenKey(app, session, { kind: 'WRITE_ONLY' });
  await app.get(RevokeIntegrationKeyDocument, { input: { keyId: id } }, { bearer: session });
  const list = async (includeRevoked: boolean | null): Promise<string[]> => {
    const { apiSettings } = await app.get(GetApiSettingsDocument, { includeRevoked }, { bearer: session });
    return apiSettings.integrationKeys.map((key) => key.id);
  };
  expect(await list(null)).toEqual([]);
  expect(await list(false)).toEqual([]);
  expect(await list(true)).toEqual([id]);
});

test('a member sees the keys of the own workspace only', async () => {
  const stranger = await givenMember(app, { role: 'OWNER' });
  const { apiSettings } = await app.get(
    GetApiSettingsDocument,
    { includeRevoked: true },
    { bearer: stranger.session },
  );
  expect(apiSettings).toMatchObject({ workspace: { id: stranger.workspaceId }, integrationKeys: [] });
});

test('no secret is in the answer', async () => {
  const { apiSettings } = await app.get(GetApiSettingsDocument, {}, { bearer: app.session });
  const text = JSON.stringify(apiSettings);
  for (const key of [app.writeOnlyKey, app.readWriteKey]) expect(text).not.toContain(key.slice(6, 36));
});

test('keys may not read the settings', async () => {
  for (const bearer of [app.writeOnlyKey, app.readWriteKey]) {
    const answer = await app.send(GetApiSettingsDocument, {}, { bearer });
    expect(answer).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(answer.errors[0]?.extensions['missingScopes']).toEqual(['settings:read']);
  }
});
