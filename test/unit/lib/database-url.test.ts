import { isDatabaseUrl, splitHosts } from '../../../src/lib/database-url';

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

test.each([
  ['postgresql://u:p%23w@a,b:5433/db', true],
  ['postgresql://[::1]:5432,[::2]/db', true],
  ['postgres:///db?host=/tmp', true],
  ['postgresql://u:p@/db?host=/tmp', true],
  ['postgresql://u:p#w@a/db', false],
  ['postgresql://u:p/w@a/db', false],
  ['postgresql://u:p?w@a/db', false],
  ['postgresql://u:100%@a/db', false],
  ['postgresql://u:p@a,b:x/db', false],
  ['mysql://a/db', false],
])('%s can be read: %s', (url, isReadable) => {
  expect(isDatabaseUrl(url)).toBe(isReadable);
});
