import { inEntityTransaction } from '../../src/database/transaction';
import { MemberEntity } from '../../src/members/member.entity';
import { openMemberDatabase, type MemberDatabase } from '../support/member-database';

let db: MemberDatabase;
beforeAll(async () => {
  db = await openMemberDatabase();
});
afterAll(() => db.close());

test('the owner can sign in', async () => {
  const owner = await db.givenOwner();
  const { session } = await db.sessions.signIn(owner, null);
  expect(session.scopes.has('members:write')).toBe(true);
});

test('a bad e-mail or password makes no owner', async () => {
  const { manager } = db.database.dataSource;
  const before = await manager.count(MemberEntity);
  const { workspaceId } = await db.givenOwner();
  const good = { workspaceId, email: 'ada@localhost', password: 'long enough for all' };
  await expect(db.members.createOwnerWithin(manager, { ...good, email: 'ada' })).rejects.toMatchObject({
    inputPath: ['email'],
  });
  await expect(db.members.createOwnerWithin(manager, { ...good, password: 'short' })).rejects.toMatchObject({
    inputPath: ['password'],
  });
  expect(await manager.count(MemberEntity)).toBe(before + 1);
});

test('an e-mail belongs to one member, whatever its case', async () => {
  const { workspaceId, email, password } = await db.givenOwner();
  const twin = { workspaceId, email: email.toUpperCase(), password };
  await expect(db.members.createOwnerWithin(db.database.dataSource.manager, twin)).rejects.toMatchObject({
    driverError: { constraint: 'member_email' },
  });
});

test('when the first start fails, there is no owner', async () => {
  const { workspaceId } = await db.givenOwner();
  const { dataSource } = db.database;
  const failing = inEntityTransaction(dataSource, async (tx) => {
    await db.members.createOwnerWithin(tx, {
      workspaceId,
      email: 'lost@localhost',
      password: 'long enough for all',
    });
    throw new Error('the rest failed');
  });
  await expect(failing).rejects.toThrow('the rest failed');
  expect(await dataSource.manager.findOneBy(MemberEntity, { email: 'lost@localhost' })).toBeNull();
});
