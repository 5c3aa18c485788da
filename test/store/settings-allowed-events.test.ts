import type { Actor } from '../../src/settings/actor';
import { openSettingsDatabase, type SettingsDatabase } from '../support/settings-database';

let db: SettingsDatabase;
beforeAll(async () => {
  db = await openSettingsDatabase();
});
afterAll(() => db.close());

async function givenKey(): Promise<{ admin: Actor; keyId: string }> {
  const admin = await db.givenAdmin();
  const { key } = await db.keys.create(admin, { name: 'a', kind: 'WRITE_ONLY' });
  return { admin, keyId: key.id };
}

test('the list is replaced as a whole', async () => {
  const { admin, keyId } = await givenKey();
  await db.allowedEvents.set(admin, { keyId, mode: 'SPECIFIC', names: ['a', 'b'] });
  const { allowedEvents } = await db.allowedEvents.set(admin, {
    keyId,
    mode: 'SPECIFIC',
    names: ['c', 'b'],
    enforcement: 'OBSERVE',
  });
  expect(allowedEvents).toEqual({ mode: 'SPECIFIC', enforcement: 'OBSERVE', names: ['b', 'c'] });
});

test('mode ALL keeps the names, so that going back needs no typing', async () => {
  const { admin, keyId } = await givenKey();
  const { allowedEvents } = await db.allowedEvents.set(admin, { keyId, mode: 'ALL', names: ['a'] });
  expect(allowedEvents).toEqual({ mode: 'ALL', enforcement: 'ENFORCE', names: ['a'] });
});

test('absent names are an empty list, which allows nothing in mode SPECIFIC', async () => {
  const { admin, keyId } = await givenKey();
  await db.allowedEvents.set(admin, { keyId, mode: 'SPECIFIC', names: ['a'] });
  const { allowedEvents } = await db.allowedEvents.set(admin, { keyId, mode: 'SPECIFIC', names: null });
  expect(allowedEvents).toEqual({ mode: 'SPECIFIC', enforcement: 'ENFORCE', names: [] });
});

test('a refused list leaves the old one', async () => {
  const { admin, keyId } = await givenKey();
  const { allowedEvents } = await db.allowedEvents.set(admin, { keyId, mode: 'SPECIFIC', names: ['a'] });
  const tooMany = Array.from({ length: 501 }, (_, n) => `event${n}`);
  await expect(db.allowedEvents.set(admin, { keyId, mode: 'ALL', names: tooMany })).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    inputPath: ['input', 'names'],
  });
  const [key] = await db.settings.listKeys(admin.workspaceId, false);
  expect(key?.allowedEvents).toEqual(allowedEvents);
});

test('of two lists saved at once one stands whole, and the audit log tells their order', async () => {
  const { admin, keyId } = await givenKey();
  const lists = Array.from({ length: 6 }, (_, n) =>
    Array.from({ length: 50 }, (_unused, m) => `list${n}.${m}`).sort(),
  );
  await Promise.all(lists.map((names) => db.allowedEvents.set(admin, { keyId, mode: 'SPECIFIC', names })));
  const [key] = await db.settings.listKeys(admin.workspaceId, false);
  expect(lists).toContainEqual(key?.allowedEvents.names);

  const changes = (await db.auditOf(keyId)).slice(1).map(({ before, after }) => ({ before, after }));
  expect(changes).toHaveLength(lists.length);
  const followed = changes.filter(({ after }) => changes.some(({ before }) => isSame(before, after)));
  expect(followed).toHaveLength(lists.length - 1);
});

function isSame(one: unknown, other: unknown): boolean {
  const namesOf = (value: unknown): string => JSON.stringify((value as { names: string[] }).names);
  return namesOf(one) === namesOf(other);
}
