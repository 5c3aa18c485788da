import { shareCheck } from '../../../src/http/health';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('however many ask at once, the check runs once', async () => {
  const check = jest.fn(() => Promise.resolve());
  const shared = shareCheck(check);

  await Promise.all(Array.from({ length: 100 }, () => shared()));
  await shared();

  expect(check).toHaveBeenCalledTimes(1);
});

test('a second later it runs again', async () => {
  const check = jest.fn(() => Promise.resolve());
  const shared = shareCheck(check);

  await shared();
  jest.advanceTimersByTime(999);
  await shared();
  expect(check).toHaveBeenCalledTimes(1);
  jest.advanceTimersByTime(1);
  await shared();
  expect(check).toHaveBeenCalledTimes(2);
});

test('a check that takes long is waited for, not started a second time', async () => {
  let finish = (): void => undefined;
  const check = jest.fn(() => new Promise<void>((resolve) => (finish = resolve)));
  const shared = shareCheck(check);

  const first = shared();
  jest.advanceTimersByTime(5_000);
  const second = shared();
  finish();

  await Promise.all([first, second]);
  expect(check).toHaveBeenCalledTimes(1);
});

test('a failure is told to everybody for a second, then it is tried again', async () => {
  const check = jest.fn(() => Promise.resolve()).mockRejectedValueOnce(new Error('no database'));
  const shared = shareCheck(check);

  await expect(shared()).rejects.toThrow('no database');
  await expect(shared()).rejects.toThrow('no database');
  expect(check).toHaveBeenCalledTimes(1);
  jest.advanceTimersByTime(1_000);
  await expect(shared()).resolves.toBeUndefined();
});
