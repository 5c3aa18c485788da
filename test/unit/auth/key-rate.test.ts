import { KeyRate } from '../../../src/auth/key-rate';

test('a key may send as many requests in a second as its limit, and is told how long to wait', () => {
  const rate = new KeyRate(3);

  expect([0, 100, 200].map((nowMs) => rate.consume('key', nowMs))).toEqual([0, 0, 0]);
  expect(rate.consume('key', 250)).toBe(750);
  expect(rate.consume('key', 999)).toBe(1);
  expect(rate.consume('key', 1_000)).toBe(0);
});

test('keys do not use up what belongs to others', () => {
  const rate = new KeyRate(1);

  expect(rate.consume('a', 0)).toBe(0);
  expect(rate.consume('b', 0)).toBe(0);
  expect(rate.consume('a', 10)).toBeGreaterThan(0);
});

test('a refused request is not counted', () => {
  const rate = new KeyRate(1);
  for (let nowMs = 0; nowMs < 1_000; nowMs += 10) rate.consume('key', nowMs);

  expect(rate.consume('key', 1_000)).toBe(0);
});
