import { findSession } from '../../src/auth/session.store';
import { hashSecret, parseSecretPrefix } from '../../src/lib/secret';
import { MemberEntity } from '../../src/members/member.entity';
import { recordSignIn } from '../../src/members/member.store';
import { openMemberDatabase, type GivenMember, type MemberDatabase } from '../support/member-database';

const IDLE_MINUTES = 60;
const MAX_MINUTES = 120;
const START = new Date('2026-11-24T09:30:00.000Z');
const WRONG = { code: 'UNAUTHENTICATED', status: 401, message: 'The e-mail or the password is wrong.' };

let db: MemberDatabase;
beforeAll(async () => {
  db = await openMemberDatabase({
    SESSION_MAX_MINUTES: String(MAX_MINUTES),
    FAILED_SIGN_INS_PER_MINUTE: '3',
  });
});
afterAll(() => db.close());
beforeEach(() => {
  db.now = START;
});

let lastHost = 0;
/** Each test calls from an address of its own, so that the failures of one don't close another. */
function newAddress(): string {
  lastHost += 1;
  return `192.0.2.${lastHost}`;
}

function minutesLater(minutes: number): Date {
  return new Date(START.getTime() + minutes * 60_000);
}

function findAt(token: string, now: Date): ReturnType<typeof findSession> {
  return findSession(db.database.pools.api, { tokenHash: hashSecret(token), now, idleMinutes: IDLE_MINUTES });
}

async function sessionCount({ email }: GivenMember): Promise<string | undefined> {
  const { rows } = await db.database.pools.api.query<{ count: string }>(
    `select count(*) from session join member on member.id = member_id where email = $1`,
    [email],
  );
  return rows[0]?.count;
}

test('the right password begins a session, whatever the case of the e-mail', async () => {
  const owner = await db.givenOwner();
  const { token, session } = await db.sessions.signIn(
    { ...owner, email: owner.email.toUpperCase() },
    newAddress(),
  );
  expect(parseSecretPrefix(token)).toBe('fg_ss_');
  expect(session).toMatchObject({ workspaceId: owner.workspaceId, email: owner.email, role: 'OWNER' });
  expect(session.expiresAt).toEqual(minutesLater(MAX_MINUTES));
  const { lastUsedAt, ...found } = (await findAt(token, START))!;
  expect(found).toEqual(session);
  expect(lastUsedAt).toEqual(START);
});

test('a session ends when it is not used, and at its absolute end in any case', async () => {
  const owner = await db.givenOwner();
  const { token } = await db.sessions.signIn(owner, newAddress());
  expect(await findAt(token, minutesLater(IDLE_MINUTES - 1))).not.toBeNull();
  expect(await findAt(token, minutesLater(IDLE_MINUTES))).toBeNull();
  await db.database.pools.api.query(`update session set last_used_at = expires_at where token_hash = $1`, [
    hashSecret(token),
  ]);
  expect(await findAt(token, minutesLater(MAX_MINUTES - 1))).not.toBeNull();
  expect(await findAt(token, minutesLater(MAX_MINUTES))).toBeNull();
});

test('an unknown account and a wrong password answer alike', async () => {
  const owner = await db.givenOwner();
  const clientIp = newAddress();
  const headers = { 'www-authenticate': 'Bearer' };
  await expect(db.sessions.signIn({ ...owner, password: 'wrong' }, clientIp)).rejects.toMatchObject({
    ...WRONG,
    headers,
  });
  await expect(db.sessions.signIn({ ...owner, email: 'nobody@x' }, clientIp)).rejects.toMatchObject({
    ...WRONG,
    headers,
  });
  expect(await sessionCount(owner)).toBe('0');
});

test.each(['nul\0@example.org', '', 'no address', "' or 1=1 --@x", '\ud800@x'])(
  '%j is nobody',
  async (email) => {
    await expect(db.sessions.signIn({ email, password: 'x' }, newAddress())).rejects.toMatchObject(WRONG);
  },
);

test('after its failures an account is closed, even to the right password', async () => {
  const owner = await db.givenOwner();
  for (let n = 0; n < 3; n += 1) {
    await expect(db.sessions.signIn({ ...owner, password: 'wrong' }, newAddress())).rejects.toMatchObject(
      WRONG,
    );
  }
  await expect(db.sessions.signIn(owner, newAddress())).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    status: 429,
  });
});

test('signing in is recorded and sweeps away the sessions of the member that have ended', async () => {
  const [owner, other] = [await db.givenOwner(), await db.givenOwner()];
  await db.sessions.signIn(owner, newAddress());
  await db.sessions.signIn(other, newAddress());
  db.now = minutesLater(MAX_MINUTES - 1);
  await db.sessions.signIn(owner, newAddress());
  expect(await sessionCount(owner)).toBe('2');
  db.now = minutesLater(MAX_MINUTES);
  await db.sessions.signIn(owner, newAddress());
  expect(await sessionCount(owner)).toBe('2');
  expect(await sessionCount(other)).toBe('1');
  const member = await db.database.dataSource.manager.findOneByOrFail(MemberEntity, { email: owner.email });
  expect(member.lastSignedInAt).toEqual(db.now);
});

test('signing out ends that session only, and twice is no fault', async () => {
  const owner = await db.givenOwner();
  const first = await db.sessions.signIn(owner, newAddress());
  const second = await db.sessions.signIn(owner, newAddress());
  await db.sessions.signOut(first.session);
  await db.sessions.signOut(first.session);
  expect(await findAt(first.token, START)).toBeNull();
  expect(await findAt(second.token, START)).not.toBeNull();
});

test('a sign-in that overlaps a change of the password begins no session', async () => {
  const owner = await db.givenOwner();
  const { manager } = db.database.dataSource;
  const verified = await manager.findOneByOrFail(MemberEntity, { email: owner.email });
  await manager.update(MemberEntity, { id: verified.id }, { passwordHash: 'another' });
  expect(await recordSignIn(manager, verified, START)).toBe(false);
});

test('neither token nor password is in the database', async () => {
  const owner = await db.givenOwner();
  const { token } = await db.sessions.signIn(owner, newAddress());
  const { rows } = await db.database.pools.api.query<{ text: string }>(
    `select string_agg(session::text || member::text, ' ') as text from session join member on member.id = member_id`,
  );
  expect(rows[0]?.text).toContain(owner.email);
  expect(rows[0]?.text).not.toContain(token.slice(6));
  expect(rows[0]?.text).not.toContain(owner.password);
});
