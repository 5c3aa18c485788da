import { createEmptyDatabase, type TestDatabase } from '../support/database';
import { killServers } from '../support/server-process';
import { within } from '../support/within';
import { COUNTS } from './counts';
import { expectKept } from './expect-kept';
import { Load } from './load';
import { Served } from './served';

jest.setTimeout(600_000);

/** Between two faults, so that there is something to lose. */
const ENOUGH = 50;
const STOP_MS = 10_000;

let database: TestDatabase;
let served: Served;
let load: Load;

beforeEach(async () => {
  database = await createEmptyDatabase();
  served = await Served.start(database.url);
  load = new Load(served.targets, served.bearer).start();
});
afterEach(async () => {
  await load.stop();
  await killServers();
  await database.drop();
});

test(`SIGKILL of the API under load, ${COUNTS.apiKills} times, loses and repeats nothing`, async () => {
  for (let round = 0; round < COUNTS.apiKills; round += 1) {
    await load.hasAcknowledgedMore(ENOUGH);
    await served.first.killHard();
    await served.replace(0);
  }
  await load.hasAcknowledgedMore(ENOUGH);
  await load.stop();
  expect(load.said.size).toBeGreaterThan(2);
  await expectKept(load, database.url);
});

test(`SIGTERM under load, ${COUNTS.apiStops} times, ends each time with 0 and loses and repeats nothing`, async () => {
  for (let round = 0; round < COUNTS.apiStops; round += 1) {
    await load.hasAcknowledgedMore(ENOUGH);
    await expectCleanStop();
    await served.replace(0);
  }
  await load.hasAcknowledgedMore(ENOUGH);
  await load.stop();
  await expectKept(load, database.url);
});

/** From the signal on, nobody who asks is told that traffic may come; what is under way is answered. */
async function expectCleanStop(): Promise<void> {
  const { first } = served;
  const startedAtMs = performance.now();
  first.kill('SIGTERM');
  const answers: (number | 'closed')[] = [];
  // Its very first look may be served before the signal is; the second may not.
  await within(STOP_MS, async () => {
    answers.push(await readiness(first.url));
    return first.hasEnded || answers.at(-1) === 'closed';
  });
  expect(answers.slice(1)).not.toContain(200);
  expect(await first.exit).toBe(0);
  expect(performance.now() - startedAtMs).toBeLessThan(STOP_MS);
}

async function readiness(url: string): Promise<number | 'closed'> {
  try {
    return (await fetch(`${url}/readyz`)).status;
  } catch {
    return 'closed';
  }
}
