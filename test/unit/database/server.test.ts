import { requireSupportedVersion } from '../../../src/database/migrate';

test('PostgreSQL 15 is the oldest that is accepted', () => {
  expect(() => requireSupportedVersion(140_011)).toThrow(
    'PostgreSQL 15 or newer is needed; this server is version 14.',
  );
  expect(() => requireSupportedVersion(150_000)).not.toThrow();
  expect(() => requireSupportedVersion(180_004)).not.toThrow();
});
