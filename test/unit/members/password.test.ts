import { PasswordHasher } from '../../../src/members/password';

const PASSWORD = 'correct horse battery staple';
const passwords = new PasswordHasher();

test('a password is kept as Argon2id with 19 MiB, two passes and one thread', async () => {
  expect(await passwords.hash(PASSWORD)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test('the same password has another hash each time', async () => {
  expect(await passwords.hash(PASSWORD)).not.toBe(await passwords.hash(PASSWORD));
});

test('only the password itself matches', async () => {
  const hash = await passwords.hash(PASSWORD);
  expect(await passwords.verify(hash, PASSWORD)).toBe(true);
  expect(await passwords.verify(hash, PASSWORD.toUpperCase())).toBe(false);
  expect(await passwords.verify(hash, '')).toBe(false);
});

test('it does not matter how a keyboard composes the characters', async () => {
  expect(
    await passwords.verify(
      await passwords.hash('caf\u00e9 caf\u00e9 caf\u00e9'),
      'cafe\u0301 cafe\u0301 cafe\u0301',
    ),
  ).toBe(true);
});

test('an account that does not exist never matches and takes as long', async () => {
  const hash = await passwords.hash(PASSWORD);
  const known = await measure(() => passwords.verify(hash, 'wrong'));
  const unknown = await measure(() => passwords.verify(null, 'wrong'));
  expect(await passwords.verify(null, PASSWORD)).toBe(false);
  expect(unknown).toBeGreaterThan(known / 3);
});

test('a password that is too long never matches, and takes as long as a wrong one', async () => {
  const hash = await passwords.hash('');
  const marks = 'a' + '\u0301\u0316'.repeat(80_000);
  const wrong = await measure(() => passwords.verify(hash, 'wrong'));
  const long = await measure(() => passwords.verify(hash, marks));
  expect(await passwords.verify(hash, 'x'.repeat(257))).toBe(false);
  expect(long).toBeGreaterThan(wrong / 3);
  expect(long).toBeLessThan(wrong * 3 + 100);
});

test('a flood is turned away, and those who waited are served', async () => {
  const flood = await Promise.allSettled(Array.from({ length: 40 }, () => passwords.verify(null, 'x')));
  const refused = flood.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(40 - 2 - 16);
  expect(refused[0]).toMatchObject({
    reason: { code: 'SERVICE_UNAVAILABLE', headers: { 'retry-after': '1' } },
  });
  expect(await passwords.verify(null, 'x')).toBe(false);
});

/** The shortest of several, in milliseconds: the others were disturbed. */
async function measure(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return Math.min(...times);
}
