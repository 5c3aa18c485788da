import {
  requireFutureExpiry,
  requireKeyName,
  requireLiveKey,
} from '../../../src/settings/integration-key.rules';
import { thrownBy } from '../../support/thrown-by';

const NOW = new Date('2026-11-24T09:30:00.000Z');

test.each(['Website', ' kept as typed ', '👍'.repeat(200)])('%j names a key', (name) => {
  expect(() => requireKeyName(name, 200)).not.toThrow();
});

test.each(['', '  ', '\u3000', 'a\0', 'a\nb', '\ud800', 'a'.repeat(201)])('%.20j names none', (name) => {
  expect(thrownBy(() => requireKeyName(name, 200))).toMatchObject({
    code: 'BAD_USER_INPUT',
    inputPath: ['input', 'name'],
  });
});

test('a key may end later, or never, but not now', () => {
  expect(() => requireFutureExpiry(null, NOW)).not.toThrow();
  expect(() => requireFutureExpiry(new Date(NOW.getTime() + 1), NOW)).not.toThrow();
  expect(thrownBy(() => requireFutureExpiry(NOW, NOW))).toMatchObject({
    code: 'BAD_USER_INPUT',
    inputPath: ['input', 'expiresAt'],
  });
});

test('a revoked key takes no change', () => {
  expect(() => requireLiveKey({ revokedAt: null })).not.toThrow();
  expect(thrownBy(() => requireLiveKey({ revokedAt: NOW }))).toMatchObject({ code: 'CONFLICT' });
});
