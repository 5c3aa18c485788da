import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { killServers } from '../support/server-process';
import { within } from '../support/within';
import { Cluster } from './cluster';
import { COUNTS } from './counts';
import { expectKept } from './expect-kept';
import { Load } from './load';
import { Served } from './served';

jest.setTimeout(600_000);

const ENOUGH = 50;
const LOCKED_MS = 5_000;
const DOWN_MS = 500;
const PATIENCE_MS = 60_000;

let cluster: Cluster;
let served: Served;
let load: Load;

beforeAll(async () => {
  cluster = await Cluster.start({ settings: { max_connections: '40' } });
  served = await Served.start(cluster.url);
  load = new Load(served.targets, served.bearer);
});
beforeEach(async () => {
  load.start();
  await load.hasAcknowledgedMore(ENOUGH);
});
afterEach(() => load.stop());
afterAll(async () => {
  await killServers();
  await cluster.remove();
});

/** After each fault the same process serves again, and nobody had to start it anew. */
async function expectRecovered(): Promise<void> {
  await load.hasAcknowledgedMore(ENOUGH);
  await load.stop();
  expect(served.first.hasEnded).toBe(false);
  await expectKept(load, cluster.url);
}

test.each([
  ['SIGKILL', COUNTS.postgresKills, () => cluster.kill()],
  ['an immediate stop', COUNTS.postgresStops, () => cluster.stop('immediate')],
  ['a restart', 1, () => cluster.stop('fast')],
] as const)('%s of PostgreSQL under load, %i times, loses and repeats nothing', async (_name, times, end) => {
  const disturbed: number[] = [];
  for (let round = 0; round < times; round += 1) {
    await load.hasAcknowledgedMore(ENOUGH);
    await end();
    await sleep(DOWN_MS);
    disturbed.push(load.ledger.count('UNKNOWN'));
    await cluster.start();
  }
  await expectRecovered();
  // Last: a server that acknowledges what it did not store is not disturbed either.
  for (const unknown of disturbed) expect(unknown).toBeGreaterThan(0);
});

test('when others use up all connections nothing is lost, and it goes on when they leave', async () => {
  const others: Client[] = [];
  await within(PATIENCE_MS, async () => {
    await takeAllConnections(others);
    // Those that the server holds are taken from it, until others were quicker each time.
    return (await others[0]!.query(CUT_SERVER)).rowCount === 0;
  });
  await sleep(DOWN_MS);
  expect(load.ledger.count('UNKNOWN') + load.ledger.count('REFUSED')).toBeGreaterThan(0);
  for (const other of others) await other.end();
  await expectRecovered();
});

const CUT_SERVER = `select pg_terminate_backend(pid) from pg_stat_activity
  where backend_type = 'client backend' and application_name <> 'hoarder'`;

/** Until the database says that there are no more. */
async function takeAllConnections(taken: Client[]): Promise<void> {
  for (;;) {
    const client = new Client({ connectionString: cluster.url, application_name: 'hoarder' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      taken.push(client);
    } catch (error) {
      if ((error as { code?: string }).code !== '53300') throw error;
      return;
    }
  }
}

test('a lock on the event table for 5 s delays events and loses none', async () => {
  const locker = new Client(cluster.url);
  await locker.connect();
  await locker.query('begin; lock table event in access exclusive mode');
  const before = load.ledger.count('ACKNOWLEDGED');
  await sleep(LOCKED_MS);
  // Nothing can have been stored, so nothing may have been acknowledged: only answers that were on their way.
  const during = load.ledger.count('ACKNOWLEDGED') - before;
  await locker.query('commit');
  await locker.end();
  expect(during).toBeLessThan(ENOUGH);
  await expectRecovered();
});
