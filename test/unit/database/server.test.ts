import { requireSupportedVersion } from '../../../src/database/migrate';
import { splitHosts } from '../../../src/database/server';

test.each([
  [
    'postgresql://u:p@a:5432,b:5433/db?sslmode=require',
    ['postgresql://u:p@a:5432/db?sslmode=require', 'postgresql://u:p@b:5433/db?sslmode=require'],
  ],
  ['postgres://a,b', ['postgres://a', 'postgres://b']],
  ['postgresql://u:p,w@a/db', ['postgresql://u:p,w@a/db']],
  ['postgresql://u:p,w@/db?host=/tmp', ['postgresql://u:p,w@/db?host=/tmp']],
  ['postgresql://[::1]:5432,[::2]/db', ['postgresql://[::1]:5432/db', 'postgresql://[::2]/db']],
])('%s is split into one URL per host', (url, urls) => {
  expect(splitHosts(url)).toEqual(urls);
});

test('PostgreSQL 15 is the oldest that is accepted', () => {
  expect(() => requireSupportedVersion(140_011)).toThrow(
    'PostgreSQL 15 or newer is needed; this server is version 14.',
  );
  expect(() => requireSupportedVersion(150_000)).not.toThrow();
  expect(() => requireSupportedVersion(180_004)).not.toThrow();
});
