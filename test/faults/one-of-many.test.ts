import { newId } from '../../src/lib/uuid';
import { clientOf } from '../support/app';
import { createEmptyDatabase, query, type TestDatabase } from '../support/database';
import { TrackEventDocument, TrackEventsDocument } from '../support/operations';
import { killServers } from '../support/server-process';
import { COUNTS } from './counts';
import { expectKept } from './expect-kept';
import { Load } from './load';
import { Served } from './served';

jest.setTimeout(600_000);

const PROCESSES = 3;
const ENOUGH = 100;

let database: TestDatabase;
let served: Served;

beforeAll(async () => {
  database = await createEmptyDatabase();
  served = await Served.start(database.url, { count: PROCESSES });
});
afterAll(async () => {
  await killServers();
  await database.drop();
});

test(`of three processes with load on all, one is killed ${COUNTS.processKills} times, and nothing is lost or repeated`, async () => {
  const load = new Load(served.targets, served.bearer).start();
  for (let round = 0; round < COUNTS.processKills; round += 1) {
    await load.hasAcknowledgedMore(ENOUGH);
    const index = 1 + (round % (PROCESSES - 1));
    await served.at(index).killHard();
    // The others go on meanwhile.
    await load.hasAcknowledgedMore(ENOUGH);
    await served.replace(index);
  }
  await load.hasAcknowledgedMore(ENOUGH);
  await load.stop();
  await expectKept(load, database.url);
});

test('50 parallel sends of one message id to three processes are one event, and one of them is told so', async () => {
  const { bearer } = served;
  const clients = served.targets.map((target) => clientOf({ url: target() }));
  for (let round = 0; round < COUNTS.sameMessageRounds; round += 1) {
    const input = { name: 'same_message', userId: 'ada', messageId: newId() };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        clients[index % PROCESSES]!.get(TrackEventDocument, { input }, { bearer }),
      ),
    );
    const statuses = answers.map(({ trackEvent }) => trackEvent.status).sort();
    expect(statuses).toEqual(['ACCEPTED', ...Array.from({ length: 49 }, () => 'DUPLICATE')]);
  }
  expect(await countRows(`event where name = 'same_message'`)).toBe(COUNTS.sameMessageRounds);
});

test('batches of the same new people in opposite order from two processes meet no deadlock and make one profile each', async () => {
  const { bearer } = served;
  const clients = served.targets.slice(0, 2).map((target) => clientOf({ url: target() }));
  const size = 50;
  for (let round = 0; round < COUNTS.oppositeRounds; round += 1) {
    const people = Array.from({ length: size }, (_, index) => `new-${round}-${index}`);
    const orders = [people, [...people].reverse()];
    const answers = await Promise.all(
      orders.map((order, index) => {
        const events = order.map((userId) => ({ name: 'page_view', userId }));
        return clients[index]!.get(TrackEventsDocument, { input: { events } }, { bearer });
      }),
    );
    for (const { trackEvents } of answers)
      expect(trackEvents).toMatchObject({ acceptedCount: size, rejected: [] });
  }
  expect(await countRows(`event where user_id like 'new-%'`)).toBe(COUNTS.oppositeRounds * size * 2);
  expect(await countRows(`profile where user_id like 'new-%'`)).toBe(COUNTS.oppositeRounds * size);
  expect(await countRows(`identity where value like 'new-%'`)).toBe(COUNTS.oppositeRounds * size);
  const spread = `select from event where user_id like 'new-%' group by user_id having count(distinct profile_id) > 1`;
  expect(await query(database.url, spread)).toEqual([]);
});

async function countRows(rows: string): Promise<number | undefined> {
  const [row] = await query<{ count: number }>(database.url, `select count(*)::int as count from ${rows}`);
  return row?.count;
}
