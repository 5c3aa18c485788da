import { EmbeddedFolder } from '../support/embedded-launcher';
import { killServers, startServer, type ServerProcess } from '../support/server-process';
import { listStoredIds, sendAgain, Traffic } from '../support/traffic';
import { within } from '../support/within';

// Processes start and stop here, and machines can be slow and busy.
jest.setTimeout(180_000);

const ENOUGH_EVENTS = 200;
const PATIENCE_MS = 60_000;

const folder = new EmbeddedFolder();
let server: ServerProcess;
let writeOnlyKey = '';
let readWriteKey = '';
const printed: ServerProcess[] = [];
/** Over all tests: what was stored stays stored. */
const sent = new Set<string>();

async function start(): Promise<void> {
  server = await startServer({ DATA_DIR: folder.dataDir, LOG_LEVEL: 'debug' });
  printed.push(server);
}

beforeAll(async () => {
  await start();
  ({ writeOnlyKey = '', readWriteKey = '' } = server.firstStart ?? {});
});
afterAll(async () => {
  await killServers();
  await folder.remove();
});

/** Traffic that has had time to fill the queue and to meet all kinds of moments. */
async function givenTraffic(): Promise<Traffic> {
  const traffic = new Traffic(server, writeOnlyKey);
  await hasStored(traffic, ENOUGH_EVENTS);
  return traffic;
}

function hasStored({ acknowledged }: Traffic, count: number): Promise<void> {
  return within(PATIENCE_MS, () => Promise.resolve(acknowledged.size >= count));
}

/** Every acknowledged event is stored once; after being sent again, the uncertain ones too; and nothing else is. */
async function expectNothingLost({ acknowledged, uncertain }: Traffic): Promise<void> {
  const stored = new Set(await listStoredIds(server, readWriteKey));
  const missing = [...acknowledged].filter((id) => !stored.has(id));
  expect(missing).toEqual([]);

  await sendAgain(server, uncertain, writeOnlyKey);
  for (const id of [...acknowledged, ...uncertain]) sent.add(id);
  expect((await listStoredIds(server, readWriteKey)).sort()).toEqual([...sent].sort());
}

test('a killed server loses nothing, and the next one takes over its PostgreSQL', async () => {
  const traffic = await givenTraffic();
  const { pid } = folder;

  await server.killHard();
  await traffic.stop();
  expect(traffic.uncertain.size).toBeGreaterThan(0);

  await start();
  expect(folder.pid).toBe(pid);
  await expectNothingLost(traffic);
});

test('a killed PostgreSQL loses nothing, and the running server starts it again', async () => {
  const traffic = await givenTraffic();
  const { pid } = folder;

  await folder.kill();
  await within(PATIENCE_MS, () => Promise.resolve(traffic.uncertain.size > 0));
  await hasStored(traffic, traffic.acknowledged.size + ENOUGH_EVENTS);
  await traffic.stop();

  expect(folder.pid).not.toBe(pid);
  expect(server.hasEnded).toBe(false);
  await expectNothingLost(traffic);
});

test('the sudden death of both loses nothing', async () => {
  const traffic = await givenTraffic();

  await Promise.all([folder.kill(), server.killHard()]);
  await traffic.stop();

  await start();
  await expectNothingLost(traffic);
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
