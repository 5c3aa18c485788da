import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { createEmptyDatabase, withDatabase, type TestDatabase } from '../support/database';
import { killServers } from '../support/server-process';
import { isLong } from './counts';
import { expectKept } from './expect-kept';
import { Load } from './load';
import { describeWith, findPgBouncer } from './missing';
import { PgBouncer } from './pgbouncer';
import { Served } from './served';

jest.setTimeout(600_000);

const ENOUGH = 100;
const CHECKOUT = path.resolve(__dirname, '../..');
/** What writes, and what reads back; all of the API's tests in the long run. */
const ESSENTIALS = ['track-events.test', 'events.test'];
const missing = 'PgBouncer is not installed';

describeWith('through PgBouncer in transaction mode', { found: findPgBouncer(), missing }, (program) => {
  const serverUrl = process.env['TEST_SERVER_URL'] ?? '';
  let pooler: PgBouncer;
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    pooler = await PgBouncer.start(program, serverUrl);
  });
  afterAll(async () => {
    await killServers();
    await pooler.stop();
    await database.drop();
  });

  test('two processes under load, one of which is killed, lose and repeat nothing', async () => {
    const name = /\/([^/?]+)(?:\?|$)/.exec(database.url)?.[1] ?? '';
    const settings = { DATABASE_POOLED: 'true' };
    const served = await Served.start(withDatabase(pooler.url, name), { count: 2, settings });
    const load = new Load(served.targets, served.bearer).start();
    await load.hasAcknowledgedMore(ENOUGH);
    await served.at(1).killHard();
    await load.hasAcknowledgedMore(ENOUGH);
    await served.replace(1);
    await load.hasAcknowledgedMore(ENOUGH);
    await load.stop();
    await expectKept(load, database.url);
  });

  test(`${isLong ? 'all' : 'the essential'} tests of the API pass`, async () => {
    const files = (isLong ? [''] : ESSENTIALS).map((file) => `test/api/${file}`);
    const { code, output } = await runJest(files, { DATABASE_URL: serverUrl, TEST_POOLER_URL: pooler.url });
    if (code !== 0) throw new Error(output);
    expect(output).toMatch(/^Tests: +\d+ passed, \d+ total$/m);
  });
});

/** A test run of its own, whose databases lie behind the pooler. */
async function runJest(files: readonly string[], env: Record<string, string>) {
  const jest = require.resolve('jest/bin/jest');
  const child = spawn(process.execPath, [jest, '--maxWorkers=1', ...files], {
    cwd: CHECKOUT,
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}
