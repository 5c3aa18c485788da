import { readConfig, SETTINGS } from '../../src/config';

function faultsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n  ').slice(1);
  }
}

test('without any variable every setting has its default', () => {
  const config = readConfig({});

  expect(Object.keys(config)).toEqual(Object.keys(SETTINGS));
  expect(config).toMatchObject({ PORT: 4000, HOST: '127.0.0.1', TRUSTED_PROXIES: [], LOG_LEVEL: 'info' });
  expect(config.DATABASE_URL).toBeUndefined();
  expect(config.TELEMETRY_PORT).toBeUndefined();
});

test('every kind of setting is read into its type', () => {
  const config = readConfig({
    PORT: '0',
    DATABASE_POOLED: 'true',
    TRUSTED_PROXIES: ' 10.0.0.0/8 ,, 2001:db8::1,',
    INTROSPECTION: 'public',
    DATA_DIR: ' /var/lib/fluxgate ',
  });

  expect(config).toMatchObject({
    PORT: 0,
    DATABASE_POOLED: true,
    TRUSTED_PROXIES: ['10.0.0.0/8', '2001:db8::1'],
    INTROSPECTION: 'public',
    DATA_DIR: '/var/lib/fluxgate',
  });
});

test.each(['', '   '])('a variable that holds nothing (%j) counts as absent', (text) => {
  expect(readConfig({ PORT: text, DATABASE_URL: text })).toEqual(readConfig({}));
});

test('variables that are none of ours are left alone', () => {
  expect(readConfig({ PATH: '/usr/bin', PORTS: '1' })).toEqual(readConfig({}));
});

test.each(['-1', '65536', '80.5', '0x50', '1e3', 'http', '80 81', '９'])(
  'a port of %j is refused',
  (text) => {
    expect(faultsOf({ PORT: text })).toEqual(['PORT must be a whole number of at least 0 and at most 65535']);
  },
);

test.each(['1', 'yes', 'TRUE'])('a flag of %j is refused', (text) => {
  expect(faultsOf({ DATABASE_POOLED: text })).toEqual(['DATABASE_POOLED must be true or false']);
});

test('all faults are told at once, and no value with them', () => {
  const faults = faultsOf({
    PORT: 'sesame',
    LOG_LEVEL: 'sesame',
    MAX_BODY_BYTES: '12',
    PUBLIC_URL: 'sesame',
  });

  expect(faults.map((fault) => fault.split(' ')[0]).sort()).toEqual([
    'LOG_LEVEL',
    'MAX_BODY_BYTES',
    'PORT',
    'PUBLIC_URL',
  ]);
  expect(faults.join()).not.toContain('sesame');
});

test.each([
  ['PUBLIC_URL', 'https://api.example.com', true],
  ['PUBLIC_URL', 'http://localhost:4000/', true],
  ['PUBLIC_URL', 'api.example.com', false],
  ['PUBLIC_URL', 'https://api.example.com/fluxgate', false],
  ['PUBLIC_URL', 'https://user@api.example.com', false],
  ['DATABASE_URL', 'postgresql://user:pw@a,b:5433/db', true],
  ['DATABASE_URL', 'postgres:///db?host=/tmp', true],
  ['DATABASE_URL', 'mysql://a/db', false],
])('as %s, %s is acceptable: %s', (name, text, isAcceptable) => {
  expect(faultsOf({ [name]: text }).length === 0).toBe(isAcceptable);
});

test('a password with special characters is refused with the way out, and not repeated', () => {
  expect(faultsOf({ DATABASE_URL: 'postgresql://ada:open#sesame@db/fluxgate' })).toEqual([
    'DATABASE_URL must be a URL that begins with postgresql://; percent-encode special characters of the password',
  ]);
});

test('the configuration cannot be changed afterwards', () => {
  const config = readConfig({ TRUSTED_PROXIES: '10.0.0.1' });

  expect(Object.isFrozen(config)).toBe(true);
  expect(Object.isFrozen(config.TRUSTED_PROXIES)).toBe(true);
});
