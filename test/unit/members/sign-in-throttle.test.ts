import { SignInThrottle } from '../../../src/members/sign-in-throttle';

const LIMIT = 3;
const wrong = (): Promise<null> => Promise.resolve(null);
const right = (): Promise<string> => Promise.resolve('member');

let throttle: SignInThrottle;
beforeEach(() => {
  jest.useFakeTimers();
  throttle = new SignInThrottle(LIMIT);
});
afterEach(() => {
  jest.useRealTimers();
});

async function fail(attempt: { email: string; clientIp: string | null }, count = LIMIT): Promise<void> {
  for (let n = 0; n < count; n += 1) await throttle.guard(attempt, wrong);
}

test('an account is closed after its failures, from whatever address, and the right password does not open it', async () => {
  for (let n = 0; n < LIMIT; n += 1)
    await throttle.guard({ email: 'ada@x', clientIp: `192.0.2.${n}` }, wrong);
  await expect(throttle.guard({ email: 'ADA@x', clientIp: '192.0.2.9' }, right)).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    headers: { 'retry-after': '60' },
  });
  await expect(throttle.guard({ email: 'bob@x', clientIp: '192.0.2.9' }, right)).resolves.toBe('member');
});

test('an address is closed after its failures, at whatever account', async () => {
  for (let n = 0; n < LIMIT; n += 1) await throttle.guard({ email: `${n}@x`, clientIp: '192.0.2.1' }, wrong);
  await expect(throttle.guard({ email: 'ada@x', clientIp: '192.0.2.1' }, right)).rejects.toMatchObject({
    code: 'RATE_LIMITED',
  });
  await expect(throttle.guard({ email: 'ada@x', clientIp: '192.0.2.2' }, right)).resolves.toBe('member');
});

test('the addresses of one IPv6 network count as one', async () => {
  for (let n = 0; n < LIMIT; n += 1)
    await throttle.guard({ email: `${n}@x`, clientIp: `2001:db8::${n}` }, wrong);
  await expect(throttle.guard({ email: 'ada@x', clientIp: '2001:db8::ffff:1' }, right)).rejects.toMatchObject(
    { code: 'RATE_LIMITED' },
  );
  await expect(throttle.guard({ email: 'ada@x', clientIp: '2001:db8:0:1::1' }, right)).resolves.toBe(
    'member',
  );
});

test('callers without an address share one count', async () => {
  for (let n = 0; n < LIMIT; n += 1) await throttle.guard({ email: `${n}@x`, clientIp: null }, wrong);
  await expect(throttle.guard({ email: 'ada@x', clientIp: null }, right)).rejects.toMatchObject({
    code: 'RATE_LIMITED',
  });
});

test('a minute later it is open again', async () => {
  await fail({ email: 'ada@x', clientIp: '192.0.2.1' });
  jest.advanceTimersByTime(60_000);
  await expect(throttle.guard({ email: 'ada@x', clientIp: '192.0.2.1' }, right)).resolves.toBe('member');
});

test('only failures count: not successes, and not checks that could not be made', async () => {
  const attempt = { email: 'ada@x', clientIp: '192.0.2.1' };
  for (let n = 0; n < 2 * LIMIT; n += 1) {
    await throttle.guard(attempt, right);
    await expect(throttle.guard(attempt, () => Promise.reject(new Error('no database')))).rejects.toThrow(
      'no database',
    );
  }
  await fail(attempt);
  await expect(throttle.guard(attempt, right)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});

test('guesses sent all at once are counted before they are checked', async () => {
  const check = jest.fn(wrong);
  const attempt = { email: 'ada@x', clientIp: '192.0.2.1' };
  await Promise.allSettled(Array.from({ length: 20 }, () => throttle.guard(attempt, check)));
  expect(check).toHaveBeenCalledTimes(LIMIT);
});

test('e-mails too long to be one share one count, and one of the greatest length has its own', async () => {
  for (let n = 0; n < LIMIT; n += 1)
    await throttle.guard({ email: `${n}`.repeat(255), clientIp: `192.0.2.${n}` }, wrong);
  await expect(
    throttle.guard({ email: 'x'.repeat(100_000), clientIp: '192.0.2.9' }, right),
  ).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  await expect(throttle.guard({ email: 'x'.repeat(254), clientIp: '192.0.2.9' }, right)).resolves.toBe(
    'member',
  );
});
