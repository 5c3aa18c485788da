import { expectKept } from '../faults/expect-kept';
import { Load } from '../faults/load';
import { EmbeddedFolder } from '../support/embedded-launcher';
import { killServers, startServer, type ServerProcess } from '../support/server-process';
import { within } from '../support/within';

// Processes start and stop here, and machines can be slow and busy.
jest.setTimeout(180_000);

const ENOUGH_EVENTS = 200;
const PATIENCE_MS = 60_000;

const folder = new EmbeddedFolder();
let server: ServerProcess;
/** Over all tests: what was stored stays stored. */
let load: Load;
const printed: ServerProcess[] = [];

async function start(): Promise<void> {
  server = await startServer({
    DATA_DIR: folder.dataDir,
    LOG_LEVEL: 'debug',
    RATE_LIMIT_PER_SECOND: '1000000',
  });
  printed.push(server);
}

beforeAll(async () => {
  await start();
  load = new Load([() => server.url], server.firstStart?.writeOnlyKey ?? '');
});
afterAll(async () => {
  await load.stop();
  await killServers();
  await folder.remove();
});

/** Load that has had time to fill the queue and to meet all kinds of moments. */
async function givenLoad(): Promise<void> {
  load.start();
  await load.hasAcknowledgedMore(ENOUGH_EVENTS);
}

test('a killed server loses nothing, and the next one takes over its PostgreSQL', async () => {
  await givenLoad();
  const { pid } = folder;

  await server.killHard();
  await load.stop();
  expect(load.ledger.count('UNKNOWN')).toBeGreaterThan(0);

  await start();
  expect(folder.pid).toBe(pid);
  await expectKept(load, folder.url);
});

test('a killed PostgreSQL loses nothing, and the running server starts it again', async () => {
  await givenLoad();
  const { pid } = folder;

  await folder.kill();
  await within(PATIENCE_MS, () => Promise.resolve(load.ledger.count('UNKNOWN') > 0));
  await load.hasAcknowledgedMore(ENOUGH_EVENTS);
  await load.stop();

  expect(folder.pid).not.toBe(pid);
  expect(server.hasEnded).toBe(false);
  await expectKept(load, folder.url);
});

test('the sudden death of both loses nothing', async () => {
  await givenLoad();

  await Promise.all([folder.kill(), server.killHard()]);
  await load.stop();

  await start();
  await expectKept(load, folder.url);
});

test('after all that, a clean stop leaves nothing running', async () => {
  server.kill('SIGTERM');

  expect(await server.exit).toBe(0);
  expect(folder.isRunning).toBe(false);
  expect(folder.pid).toBeUndefined();
});

test('no secret was printed but at the very first start', () => {
  expect(printed.map(({ firstStart }) => firstStart !== null)).toEqual([true, false, false]);
  for (const { log } of printed) expect(log).not.toMatch(/fg_[a-z]{2}_\w/);
});
