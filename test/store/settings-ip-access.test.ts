import { newId } from '../../src/lib/uuid';
import type { Actor } from '../../src/settings/actor';
import type { IpAccess } from '../../src/settings/ip-access.types';
import { openSettingsDatabase, type SettingsDatabase } from '../support/settings-database';

const MAX_IP_RANGES = 5;

let db: SettingsDatabase;
beforeAll(async () => {
  db = await openSettingsDatabase({ MAX_IP_RANGES: String(MAX_IP_RANGES) });
});
afterAll(() => db.close());

async function givenKey(): Promise<{ admin: Actor; keyId: string }> {
  const admin = await db.givenAdmin();
  const { key } = await db.keys.create(admin, { name: 'a', kind: 'READ_WRITE' });
  return { admin, keyId: key.id };
}

async function ipAccessOf({ workspaceId }: Actor): Promise<IpAccess | undefined> {
  return (await db.settings.listKeys(workspaceId, false))[0]?.ipAccess;
}

test('the list and the mode change independently, and the list outlives ANYWHERE', async () => {
  const { admin, keyId } = await givenKey();
  const added = await db.ipAccess.addRange(admin, { keyId, range: '10.0.0.0/8', description: 'Office' });
  expect(added).toMatchObject({
    mode: 'ANYWHERE',
    entries: [{ range: '10.0.0.0/8', description: 'Office' }],
  });
  const { entries } = added;
  expect(
    await db.ipAccess.setMode(admin, { keyId, mode: 'SPECIFIC_LOCATIONS', enforcement: 'OBSERVE' }),
  ).toEqual({
    mode: 'SPECIFIC_LOCATIONS',
    enforcement: 'OBSERVE',
    entries,
  });
  expect(await db.ipAccess.setMode(admin, { keyId, mode: 'ANYWHERE', enforcement: null })).toEqual({
    mode: 'ANYWHERE',
    enforcement: 'ENFORCE',
    entries,
  });
});

test('the last range may go, and the mode stays', async () => {
  const { admin, keyId } = await givenKey();
  const { entries } = await db.ipAccess.addRange(admin, { keyId, range: '10.0.0.1' });
  await db.ipAccess.setMode(admin, { keyId, mode: 'SPECIFIC_LOCATIONS' });
  const [entry] = entries;
  expect(await db.ipAccess.removeRange(admin, entry?.id.toUpperCase() ?? '')).toEqual({
    mode: 'SPECIFIC_LOCATIONS',
    enforcement: 'ENFORCE',
    entries: [],
  });
});

test('every change leaves an audit row with what was before and after', async () => {
  const { admin, keyId } = await givenKey();
  const { entries } = await db.ipAccess.addRange(admin, { keyId, range: '10.0.0.1', description: 'Door' });
  await db.ipAccess.setMode(admin, { keyId, mode: 'SPECIFIC_LOCATIONS' });
  await db.ipAccess.removeRange(admin, entries[0]?.id ?? '');
  const range = { range: '10.0.0.1', description: 'Door' };
  expect((await db.auditOf(keyId)).slice(1)).toMatchObject([
    { action: 'integrationKey.addIpRange', before: null, after: range },
    {
      action: 'integrationKey.setIpAccess',
      before: { mode: 'ANYWHERE', enforcement: 'ENFORCE' },
      after: { mode: 'SPECIFIC_LOCATIONS', enforcement: 'ENFORCE' },
    },
    { action: 'integrationKey.removeIpRange', before: range, after: null },
  ]);
});

test('a refused range leaves the list, the audit log and the policy version alone', async () => {
  const { admin, keyId } = await givenKey();
  await db.ipAccess.addRange(admin, { keyId, range: '10.0.0.0/8' });
  const before = {
    version: await db.policyVersion(),
    access: await ipAccessOf(admin),
    audit: await db.auditOf(keyId),
  };
  await expect(db.ipAccess.addRange(admin, { keyId, range: '10.0.0.1/8' })).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
  });
  await expect(db.ipAccess.addRange(admin, { keyId, range: '::ffff:10.0.0.0/104' })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  expect({
    version: await db.policyVersion(),
    access: await ipAccessOf(admin),
    audit: await db.auditOf(keyId),
  }).toEqual(before);
});

test('of many who add at once, none is lost and none gets past the limit', async () => {
  const { admin, keyId } = await givenKey();
  const answers = await Promise.allSettled(
    Array.from({ length: MAX_IP_RANGES + 3 }, (_, n) =>
      db.ipAccess.addRange(admin, { keyId, range: `10.0.0.${n}` }),
    ),
  );
  const refused = answers.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(3);
  expect(refused[0]).toMatchObject({ reason: { code: 'BAD_USER_INPUT', inputPath: ['input', 'range'] } });
  expect((await ipAccessOf(admin))?.entries).toHaveLength(MAX_IP_RANGES);
});

test('of several who add the same range at once, one succeeds', async () => {
  const { admin, keyId } = await givenKey();
  const answers = await Promise.allSettled(
    Array.from({ length: 4 }, () => db.ipAccess.addRange(admin, { keyId, range: '2001:db8::/32' })),
  );
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } });
});

test('of several who remove the same range at once, one succeeds', async () => {
  const { admin, keyId } = await givenKey();
  const { entries } = await db.ipAccess.addRange(admin, { keyId, range: '10.0.0.1' });
  const answers = await Promise.allSettled(
    Array.from({ length: 4 }, () => db.ipAccess.removeRange(admin, entries[0]?.id ?? '')),
  );
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'NOT_FOUND' },
  });
});

test('entries of another workspace answer like entries that never were', async () => {
  const { admin, keyId } = await givenKey();
  const { entries } = await db.ipAccess.addRange(admin, { keyId, range: '10.0.0.1' });
  const stranger = await db.givenAdmin();
  for (const entryId of [entries[0]?.id ?? '', newId(), 'no-uuid', 'nul\0']) {
    await expect(db.ipAccess.removeRange(stranger, entryId)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no such IP range in this workspace.',
    });
  }
  expect((await ipAccessOf(admin))?.entries).toEqual(entries);
});

test('without a key the metrics key is meant, which no workspace has yet', async () => {
  const { admin } = await givenKey();
  const missing = { code: 'NOT_FOUND', message: 'There is no such metrics key in this workspace.' };
  await expect(db.ipAccess.setMode(admin, { mode: 'ANYWHERE' })).rejects.toMatchObject(missing);
  await expect(db.ipAccess.addRange(admin, { keyId: null, range: '10.0.0.1' })).rejects.toMatchObject(
    missing,
  );
});
