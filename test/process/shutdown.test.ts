import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectKept } from '../faults/expect-kept';
import { Load } from '../faults/load';
import { clientOf } from '../support/app';
import { EmbeddedFolder } from '../support/embedded-launcher';
import { EventsDocument, TrackEventDocument } from '../support/operations';
import { RawConnection } from '../support/raw-connection';
import { killServers, ServerProcess, startServer } from '../support/server-process';
import { within } from '../support/within';

// Processes start and stop here, and machines can be slow and busy.
jest.setTimeout(180_000);

/** SHUTDOWN_TIMEOUT_MS by default: nothing but a request that does not end may use it up. */
const STOP_MS = 10_000;
const PATIENCE_MS = 60_000;

const folder = new EmbeddedFolder();
let writeOnlyKey = '';
let readWriteKey = '';
/** Over both signals: what was stored stays stored. */
let load: Load;
let loaded: ServerProcess;

function start(settings: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  return startServer({ DATA_DIR: folder.dataDir, ...settings });
}

beforeAll(async () => {
  const server = await start();
  ({ writeOnlyKey = '', readWriteKey = '' } = server.firstStart ?? {});
  load = new Load([() => loaded.url], writeOnlyKey);
  await stop(server, 'SIGTERM');
});
afterEach(async () => {
  await killServers();
  await folder.kill();
});
afterAll(() => folder.remove());

/** Resolves with the exit code and how long it took to end, in milliseconds. */
async function stop(
  server: ServerProcess,
  signal: NodeJS.Signals,
): Promise<{ code: number | null; ms: number }> {
  const startedAtMs = performance.now();
  server.kill(signal);
  const code = await server.exit;
  return { code, ms: performance.now() - startedAtMs };
}

function expectPostgresStopped(): void {
  expect(folder.isRunning).toBe(false);
  expect(existsSync(path.join(folder.cluster, 'postmaster.pid'))).toBe(false);
}

/** What a load balancer sees. */
async function readiness({ url }: ServerProcess): Promise<number | 'refused'> {
  try {
    return (await fetch(`${url}/readyz`)).status;
  } catch {
    return 'refused';
  }
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** An event of this name, whose body is missing its end. Resolves when the server waits for that. */
async function givenHalfRequest({ url }: ServerProcess, name: string) {
  const body = JSON.stringify({ name, userId: 'ada' });
  const connection = await RawConnection.open(url);
  const head = [
    'POST /event/ingest HTTP/1.1',
    'host: localhost',
    `authorization: Bearer ${writeOnlyKey}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'expect: 100-continue',
  ];
  connection.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 10)}`);
  await connection.hasReceived(CONTINUE);
  return { connection, finish: () => connection.write(body.slice(10)) };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s under load ends it cleanly and loses nothing',
  async (signal) => {
    const server = (loaded = await start());
    load.start();
    await load.hasAcknowledgedMore(200);

    const { code, ms } = await stop(server, signal);
    await load.stop();

    expect(code).toBe(0);
    expect(ms).toBeLessThan(STOP_MS);
    expectPostgresStopped();
    loaded = await start();
    await expectKept(load, folder.url);
  },
);

test('connections without a request do not hold it up', async () => {
  const server = await start();
  const silent = await RawConnection.open(server.url);
  const half = await RawConnection.open(server.url);
  half.write('POST /graphql HT');
  const keptAlive = await RawConnection.open(server.url);
  keptAlive.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await keptAlive.hasReceived('200 OK');

  const { code, ms } = await stop(server, 'SIGTERM');

  expect(code).toBe(0);
  expect(ms).toBeLessThan(STOP_MS);
  for (const connection of [silent, half, keptAlive]) await connection.hasClosed();
});

test('a request that is under way is stored and answered, and meanwhile no new one is taken', async () => {
  const server = await start();
  const { connection, finish } = await givenHalfRequest(server, 'slow_upload');

  server.kill('SIGTERM');
  await within(PATIENCE_MS, async () => [503, 'refused'].includes(await readiness(server)));
  expect(server.hasEnded).toBe(false);
  finish();

  expect(await server.exit).toBe(0);
  await connection.hasClosed();
  const answer = connection.received.slice(CONTINUE.length);
  expect(answer).toMatch(/^HTTP\/1.1 204 [^]*\r\nconnection: close\r\n/i);
  const { get } = clientOf(await start());
  const { events } = await get(EventsDocument, { names: ['slow_upload'] }, { bearer: readWriteKey });
  expect(events.edges).toHaveLength(1);
});

test('a request that does not end is cut off after SHUTDOWN_TIMEOUT_MS', async () => {
  const server = await start({ SHUTDOWN_TIMEOUT_MS: '300' });
  const { connection } = await givenHalfRequest(server, 'endless');

  const { code, ms } = await stop(server, 'SIGTERM');

  expect(code).toBe(0);
  expect(ms).toBeGreaterThanOrEqual(300);
  expect(connection.received).toBe(CONTINUE);
  expectPostgresStopped();
});

test('a second signal ends it at once, and the next start takes over its PostgreSQL', async () => {
  const server = await start({ SHUTDOWN_TIMEOUT_MS: '600000' });
  await givenHalfRequest(server, 'endless');
  const { pid } = folder;

  server.kill('SIGTERM');
  await within(PATIENCE_MS, async () => {
    // Not the other half of one Ctrl-C: npm passes it on a second time.
    await sleep(200);
    server.kill('SIGINT');
    return server.hasEnded;
  });

  expect(await server.exit).toBe(1);
  const next = await start();
  expect(folder.pid).toBe(pid);
  expect((await stop(next, 'SIGTERM')).code).toBe(0);
  expectPostgresStopped();
});

test('one Ctrl-C that arrives twice, as npm passes it on, is one', async () => {
  const server = await start();
  server.kill('SIGINT');
  server.kill('SIGTERM');

  expect(await server.exit).toBe(0);
  expectPostgresStopped();
});

test('a signal during the start ends it cleanly too', async () => {
  const server = new ServerProcess({ DATA_DIR: folder.dataDir });
  await within(PATIENCE_MS, () =>
    Promise.resolve(server.output.includes('starting the embedded PostgreSQL')),
  );

  expect((await stop(server, 'SIGINT')).code).toBe(0);
  expectPostgresStopped();
});

test('two processes on one folder that stop at the same time leave no PostgreSQL running', async () => {
  const servers = [await start(), await start()];

  const ends = await Promise.all(servers.map((server) => stop(server, 'SIGTERM')));

  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  expectPostgresStopped();
});

test('of two processes on one folder, only the last one stops PostgreSQL', async () => {
  const [first, second] = [await start(), await start()];

  expect((await stop(first, 'SIGTERM')).code).toBe(0);
  const input = { name: 'after_the_first', userId: 'ada' };
  await clientOf(second).get(TrackEventDocument, { input }, { bearer: writeOnlyKey });

  expect((await stop(second, 'SIGTERM')).code).toBe(0);
  expectPostgresStopped();
});
