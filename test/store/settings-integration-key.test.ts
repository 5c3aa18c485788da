import { hashSecret, parseSecretPrefix } from '../../src/lib/secret';
import { newId } from '../../src/lib/uuid';
import { openSettingsDatabase, type SettingsDatabase } from '../support/settings-database';

let db: SettingsDatabase;
beforeAll(async () => {
  db = await openSettingsDatabase();
});
afterAll(() => db.close());

test('a new key is open to every address and every event', async () => {
  const admin = await db.givenAdmin();
  const { key, secret } = await db.keys.create(admin, { name: 'Website', kind: 'WRITE_ONLY' });
  expect(parseSecretPrefix(secret)).toBe('fg_wo_');
  expect(key).toEqual({
    id: expect.any(String) as string,
    name: 'Website',
    kind: 'WRITE_ONLY',
    preview: `fg_wo_…${secret.slice(-4)}`,
    scopes: ['events:write', 'profiles:write'],
    ipAccess: { mode: 'ANYWHERE', enforcement: 'ENFORCE', entries: [] },
    allowedEvents: { mode: 'ALL', enforcement: 'ENFORCE', names: [] },
    createdAt: expect.any(Date) as Date,
    createdBy: admin.name,
    expiresAt: null,
    revokedAt: null,
  });
});

test('lists that are given restrict the key, even when they are empty', async () => {
  const admin = await db.givenAdmin();
  const { key: closed } = await db.keys.create(admin, {
    name: 'a',
    kind: 'READ_WRITE',
    allowedEvents: [],
    ipRanges: [],
  });
  expect(closed.ipAccess).toEqual({ mode: 'SPECIFIC_LOCATIONS', enforcement: 'ENFORCE', entries: [] });
  expect(closed.allowedEvents).toEqual({ mode: 'SPECIFIC', enforcement: 'ENFORCE', names: [] });

  const { key } = await db.keys.create(admin, {
    name: 'b',
    kind: 'READ_WRITE',
    allowedEvents: ['b', 'B', 'a'],
    ipRanges: [{ range: '10.0.0.0/8', description: 'Office' }],
  });
  expect(key.ipAccess.entries).toMatchObject([
    { range: '10.0.0.0/8', description: 'Office', createdBy: admin.name },
  ]);
  expect(key.allowedEvents.names).toEqual(['B', 'a', 'b']);
});

test('the secret is nowhere in the database, only its hash', async () => {
  const { key, secret } = await db.keys.create(await db.givenAdmin(), { name: 'a', kind: 'READ_WRITE' });
  const { rows } = await db.database.pools.api.query<{ secret_hash: Buffer; row: string; audit: string }>(
    `select secret_hash, integration_key::text as row, (select string_agg(audit_entry::text, ' ') from audit_entry) as audit
     from integration_key where id = $1`,
    [key.id],
  );
  expect(rows[0]?.secret_hash).toEqual(hashSecret(secret));
  expect(rows[0]?.row).not.toContain(secret.slice(6, 36));
  expect(rows[0]?.audit).not.toContain(secret.slice(6, 36));
});

test('one bad part of the input makes no key', async () => {
  const admin = await db.givenAdmin();
  const input = { name: 'a', kind: 'WRITE_ONLY' as const };
  const past = new Date(Date.now() - 1000);
  await expect(db.keys.create(admin, { ...input, name: ' ' })).rejects.toMatchObject({
    inputPath: ['input', 'name'],
  });
  await expect(db.keys.create(admin, { ...input, expiresAt: past })).rejects.toMatchObject({
    inputPath: ['input', 'expiresAt'],
  });
  await expect(db.keys.create(admin, { ...input, allowedEvents: ['a', ''] })).rejects.toMatchObject({
    inputPath: ['input', 'allowedEvents', 1],
  });
  await expect(
    db.keys.create(admin, { ...input, ipRanges: [{ range: '10.0.0.0/8' }, { range: '0.0.0.0/0' }] }),
  ).rejects.toMatchObject({ inputPath: ['input', 'ipRanges', 1, 'range'] });
  expect(await db.settings.listKeys(admin.workspaceId, true)).toEqual([]);
});

test('every change leaves one audit row and a policy version that was not there before', async () => {
  const admin = await db.givenAdmin();
  const versions = [await db.policyVersion()];
  const { key } = await db.keys.create(admin, { name: 'Old', kind: 'WRITE_ONLY' });
  versions.push(await db.policyVersion());
  await db.keys.rename(admin, { keyId: key.id, name: 'New' });
  versions.push(await db.policyVersion());
  const { revokedAt } = await db.keys.revoke(admin, key.id);
  versions.push(await db.policyVersion());
  expect(new Set(versions).size).toBe(4);
  const who = { workspaceId: admin.workspaceId, actor: admin.name, clientIp: '192.0.2.1', target: key.id };
  expect(await db.auditOf(key.id)).toMatchObject([
    { ...who, action: 'integrationKey.create', before: null, after: { name: 'Old', kind: 'WRITE_ONLY' } },
    { ...who, action: 'integrationKey.rename', before: { name: 'Old' }, after: { name: 'New' } },
    {
      ...who,
      action: 'integrationKey.revoke',
      before: { revokedAt: null },
      after: { revokedAt: revokedAt?.toJSON() },
    },
  ]);
});

test('a change whose audit row cannot be written does not happen', async () => {
  const admin = await db.givenAdmin();
  const { key } = await db.keys.create(admin, { name: 'Old', kind: 'WRITE_ONLY' });
  const before = await db.policyVersion();
  const unwritable = { ...admin, name: 'no\0text' };
  await expect(db.keys.rename(unwritable, { keyId: key.id, name: 'New' })).rejects.toThrow();
  await expect(
    db.keys.create({ ...admin, clientIp: '\0' }, { name: 'Other', kind: 'WRITE_ONLY' }),
  ).rejects.toThrow();
  expect(await db.settings.listKeys(admin.workspaceId, true)).toEqual([key]);
  expect(await db.policyVersion()).toBe(before);
});

test('revoking twice, or twice at once, is one revocation', async () => {
  const admin = await db.givenAdmin();
  const { key } = await db.keys.create(admin, { name: 'a', kind: 'WRITE_ONLY' });
  const [first, second] = await Promise.all([db.keys.revoke(admin, key.id), db.keys.revoke(admin, key.id)]);
  const third = await db.keys.revoke(admin, key.id);
  expect(first.revokedAt).toBeInstanceOf(Date);
  expect([second, third]).toEqual([first, first]);
  expect((await db.auditOf(key.id)).map(({ action }) => action)).toEqual([
    'integrationKey.create',
    'integrationKey.revoke',
  ]);
});

test('a revoked key takes no other change and is listed only on demand', async () => {
  const admin = await db.givenAdmin();
  const { key } = await db.keys.create(admin, {
    name: 'a',
    kind: 'WRITE_ONLY',
    ipRanges: [{ range: '10.0.0.0/8' }],
  });
  const revoked = await db.keys.revoke(admin, key.id);
  const keyId = key.id;
  const entryId = key.ipAccess.entries[0]?.id ?? '';
  const conflict = { code: 'CONFLICT', message: 'This key is revoked.' };
  await expect(db.keys.rename(admin, { keyId, name: 'b' })).rejects.toMatchObject(conflict);
  await expect(db.allowedEvents.set(admin, { keyId, mode: 'ALL' })).rejects.toMatchObject(conflict);
  await expect(db.ipAccess.setMode(admin, { keyId, mode: 'ANYWHERE' })).rejects.toMatchObject(conflict);
  await expect(db.ipAccess.addRange(admin, { keyId, range: '10.0.0.1' })).rejects.toMatchObject(conflict);
  await expect(db.ipAccess.removeRange(admin, entryId)).rejects.toMatchObject(conflict);
  expect(await db.settings.listKeys(admin.workspaceId, false)).toEqual([]);
  expect(await db.settings.listKeys(admin.workspaceId, true)).toEqual([revoked]);
});

test('keys of another workspace answer like keys that never were, and stay as they are', async () => {
  const [owner, stranger] = [await db.givenAdmin(), await db.givenAdmin()];
  const { key } = await db.keys.create(owner, { name: 'a', kind: 'WRITE_ONLY' });
  for (const keyId of [key.id, newId(), 'no-uuid', '', 'nul\0', key.id.toUpperCase()]) {
    const missing = { code: 'NOT_FOUND', message: 'There is no such integration key in this workspace.' };
    await expect(db.keys.rename(stranger, { keyId, name: 'b' })).rejects.toMatchObject(missing);
    await expect(db.keys.revoke(stranger, keyId)).rejects.toMatchObject(missing);
    await expect(db.allowedEvents.set(stranger, { keyId, mode: 'SPECIFIC' })).rejects.toMatchObject(missing);
    await expect(db.ipAccess.setMode(stranger, { keyId, mode: 'SPECIFIC_LOCATIONS' })).rejects.toMatchObject(
      missing,
    );
    await expect(db.ipAccess.addRange(stranger, { keyId, range: '10.0.0.1' })).rejects.toMatchObject(missing);
  }
  expect(await db.settings.listKeys(owner.workspaceId, false)).toEqual([key]);
  expect(await db.settings.listKeys(stranger.workspaceId, true)).toEqual([]);
});

test('keys are listed oldest first', async () => {
  const admin = await db.givenAdmin();
  for (const name of ['c', 'a', 'b']) await db.keys.create(admin, { name, kind: 'WRITE_ONLY' });
  expect((await db.settings.listKeys(admin.workspaceId, false)).map(({ name }) => name)).toEqual([
    'c',
    'a',
    'b',
  ]);
});
