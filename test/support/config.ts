import { readConfig, type Config } from '../../src/config';

/** A configuration of a process that is quiet and listens on any free port, with these settings by their environment names. */
export function testConfig(settings: Readonly<Record<string, string>> = {}): Config {
  const DATABASE_POOLED = String('TEST_POOLER_URL' in process.env);
  return readConfig({ LOG_LEVEL: 'silent', PORT: '0', DATABASE_POOLED, ...settings });
}
