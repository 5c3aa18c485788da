import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { listEventDefinitions } from '../../src/events/event-definition.store';
import { createEventWriter, type OnStored } from '../../src/events/event-writer';
import type { NewEvent } from '../../src/events/event.rules';
import type { EventStatus } from '../../src/events/event.types';
import { IngestQueue } from '../../src/events/ingest-queue';
import { newId } from '../../src/lib/uuid';
import { deleteEvents, deleteProfile } from '../../src/profiles/erasure.store';
import { testConfig } from '../support/config';
import { newEvent } from '../support/new-event';
import { openTestDatabase } from '../support/open-database';

type Writer = ReturnType<typeof createEventWriter>;
type EventFields = Parameters<typeof newEvent>[1];

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let workspaceId: string;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  workspaceId = newId();
});

/** Two of them are two processes: each has its pool and its stripe. */
function openWriters(
  options: { onStored?: OnStored; settings?: Record<string, string> } = {},
): [Writer, Writer] {
  const { settings, ...rest } = options;
  const { ingest, worker } = database.pools;
  const config = testConfig(settings);
  return [
    createEventWriter({ pool: ingest, config, ...rest }),
    createEventWriter({ pool: worker, config, ...rest }),
  ];
}

const KEY = { owner: 'workspace', lane: 'key' };

function openQueue(flush: Writer): IngestQueue<NewEvent, EventStatus> {
  return new IngestQueue({ flush, sizeOf: () => 1, maxBatch: 1000, maxItems: 1000, maxBytes: 1000 });
}

const event = (fields?: EventFields) => newEvent(workspaceId, fields);

/** In the select, `$1` is the workspace of the test. */
async function select<Row extends object>(text: string): Promise<Row[]> {
  return (await database.pools.api.query<Row & Record<string, unknown>>(text, [workspaceId])).rows;
}

const storedEvents = () =>
  select<{ id: string; message_id: string; profile_id: string; user_id: string }>(
    'select id, message_id, profile_id, user_id from event where workspace_id = $1 order by message_id',
  );
const storedMessageIds = async () => (await storedEvents()).map(({ message_id }) => message_id);
const storedProfiles = () =>
  select<{ id: string; user_id: string; first_seen_at: Date; last_seen_at: Date; version: string }>(
    'select id, user_id, first_seen_at, last_seen_at, xmin as version from profile where workspace_id = $1',
  );

describe.each([
  ['directly', {}],
  ['through a pooler', { DATABASE_POOLED: 'true' }],
])('connected %s', (_name, settings) => {
  let write: Writer;
  let writeElsewhere: Writer;
  beforeAll(() => {
    [write, writeElsewhere] = openWriters({ settings });
  });

  test('a message id that comes twice in one flush is stored once, the first time', async () => {
    const [first, second] = [event({ messageId: 'm' }), event({ messageId: 'm', name: 'other' })];

    expect(await write([first, event(), second])).toEqual(['ACCEPTED', 'ACCEPTED', 'DUPLICATE']);
    expect((await storedEvents()).map(({ id }) => id)).toContain(first.id);
    expect(await storedEvents()).toHaveLength(2);
  });

  test('a message id that was stored before is a duplicate, for every writer', async () => {
    await write([event({ messageId: 'm' })]);

    expect(await write([event({ messageId: 'm' }), event({ messageId: 'n' })])).toEqual([
      'DUPLICATE',
      'ACCEPTED',
    ]);
    expect(await writeElsewhere([event({ messageId: 'n' })])).toEqual(['DUPLICATE']);
    expect(await storedMessageIds()).toEqual(['m', 'n']);
  });

  test('of 50 sendings of one message id at once, on two writers, one is stored', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 ? write : writeElsewhere)([event({ messageId: 'm' })]),
      ),
    );

    const expected = [...Array<string>(49).fill('DUPLICATE'), 'ACCEPTED'];
    expect(statuses.flat().sort()).toEqual(expected.sort());
    expect(await storedMessageIds()).toEqual(['m']);
  });

  test('people who are new to two writers, in opposite order, get one profile each', async () => {
    for (let round = 0; round < 5; round += 1) {
      const people = Array.from({ length: 40 }, (_, index) => `${round}-${index}`);
      const events = () => people.map((user) => event({ user }));
      const statuses = await Promise.all([write(events()), writeElsewhere(events().reverse())]);
      expect(new Set(statuses.flat())).toEqual(new Set(['ACCEPTED']));
    }

    const profiles = await storedProfiles();
    expect(new Set(profiles.map((profile) => profile.user_id)).size).toBe(200);
    expect(profiles).toHaveLength(200);
    const owners = (await storedEvents()).map((stored) => `${stored.user_id} ${stored.profile_id}`);
    expect(owners).toHaveLength(400);
    expect([...new Set(owners)].sort()).toEqual(profiles.map(({ id, user_id }) => `${user_id} ${id}`).sort());
  });

  test('definitions count exactly over two writers, and know the first and the last time', async () => {
    const [first, last] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-02T00:00:00Z')];
    await write([event({ name: 'a', receivedAt: first })]);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? write : writeElsewhere)([
          event({ name: 'a', receivedAt: last }),
          event({ name: 'b', receivedAt: last }),
          event({ name: 'a', receivedAt: last, messageId: `m-${index >> 1}` }),
        ]),
      ),
    );

    const times = { firstSeenAt: last, lastSeenAt: last };
    expect(await listEventDefinitions(database.pools.api, workspaceId)).toEqual([
      { name: 'a', ...times, firstSeenAt: first, count: 31 },
      { name: 'b', ...times, count: 20 },
    ]);
  });
});

test('a message id counts per workspace', async () => {
  const [write] = openWriters();

  expect(await write([event({ messageId: 'm' }), newEvent(newId(), { messageId: 'm' })])).toEqual([
    'ACCEPTED',
    'ACCEPTED',
  ]);
});

test('an event of a month that has no partition is to be sent again, as its sender did nothing wrong', async () => {
  const queue = openQueue(openWriters()[0]);
  const nextDecade = new Date('2040-01-01T00:00:00Z');
  const settled = await queue.addAll([event({ occurredAt: nextDecade }), event({ messageId: 'good' })], KEY);

  expect(settled).toMatchObject([
    { status: 'rejected', reason: { code: 'SERVICE_UNAVAILABLE' } },
    { status: 'fulfilled', value: 'ACCEPTED' },
  ]);
});

test.each([
  ['a NUL in a text', { name: 'a\0b' }],
  ['an escaped NUL in JSON', { propertiesJson: '{"a":"\\u0000"}' }],
  ['what is no JSON', { contextJson: '{' }],
  ['an id that is no UUID', { id: 'x' }],
  ['an id that is too long for an index', { user: randomBytes(4096).toString('hex') }],
])('an event that the database refuses for %s fails only its own caller', async (_name, fields) => {
  const queue = openQueue(openWriters()[0]);
  const good = Array.from({ length: 9 }, (_, index) => event({ messageId: `m-${index}`, name: 'good' }));
  const [before, alone, mixed] = await Promise.all([
    queue.addAll(good.slice(0, 4), KEY),
    queue.addAll([event(fields)], KEY),
    queue.addAll([...good.slice(4, 6), event(fields), ...good.slice(6)], KEY),
  ]);

  const accepted = { status: 'fulfilled', value: 'ACCEPTED' };
  const refused = {
    status: 'rejected',
    reason: expect.objectContaining({ code: 'BAD_USER_INPUT' }) as Error,
  };
  expect(before).toEqual(Array(4).fill(accepted));
  expect(alone).toEqual([refused]);
  expect(mixed).toEqual([accepted, accepted, refused, accepted, accepted, accepted]);
  expect(await storedMessageIds()).toEqual(good.map(({ messageId }) => messageId));
  expect(await listEventDefinitions(database.pools.api, workspaceId)).toMatchObject([
    { name: 'good', count: 9 },
  ]);
});

test('a database that is away is SERVICE_UNAVAILABLE, and takes events again when it is back', async () => {
  const pool = new Pool({ connectionString: 'postgresql://127.0.0.1:1/nowhere' });
  const away = createEventWriter({ pool, config: testConfig() });
  const queue = openQueue((events) => (isAway ? away(events) : openWriters()[0](events)));
  let isAway = true;

  expect(await queue.addAll([event()], KEY)).toEqual([
    { status: 'rejected', reason: expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }) as Error },
  ]);
  isAway = false;
  expect(await queue.addAll([event()], KEY)).toMatchObject([{ status: 'fulfilled' }]);
  await pool.end();
});

describe('a person who was deleted', () => {
  const deletedAt = new Date('2026-06-01T12:00:00Z');
  const [before, after] = [new Date('2026-06-01T12:00:00Z'), new Date('2026-06-01T12:00:00.001Z')];
  let profileId: string;

  beforeEach(async () => {
    await openWriters()[0]([event({ messageId: 'first', occurredAt: before })]);
    profileId = (await storedProfiles())[0]?.id ?? '';
    const erasure = await deleteProfile(database.pools.api, { workspaceId, profileId, at: deletedAt });
    await deleteEvents(database.pools.api, erasure);
  });

  test('is not brought back by an event from before: it is acknowledged and not stored', async () => {
    const [write] = openWriters();
    const late = event({ messageId: 'late', occurredAt: before });

    expect(await write([late, event({ user: 'bob', messageId: 'other' })])).toEqual(['ACCEPTED', 'ACCEPTED']);
    // As for anybody: a repeat must not tell who was deleted.
    expect(await write([late])).toEqual(['DUPLICATE']);

    expect(await storedMessageIds()).toEqual(['other']);
    expect((await storedProfiles()).map(({ user_id }) => user_id)).toEqual(['bob']);
  });

  test('is somebody new from an event after it on', async () => {
    await openWriters()[0]([event({ messageId: 'again', occurredAt: after })]);

    expect(await storedMessageIds()).toEqual(['again']);
    const [profile, ...more] = await storedProfiles();
    expect(more).toEqual([]);
    expect(profile).toMatchObject({ user_id: 'ada', first_seen_at: after });
    expect(profile?.id).not.toBe(profileId);
  });

  test('starts nothing', async () => {
    const seen: string[] = [];
    const [write] = openWriters({
      onStored: (_tx, events) => Promise.resolve(void seen.push(...events.map(({ messageId }) => messageId))),
    });

    await write([
      event({ messageId: 'late', occurredAt: before }),
      event({ messageId: 'new', occurredAt: after }),
    ]);

    expect(seen).toEqual(['new']);
  });
});

describe('what has to happen with the events', () => {
  test('is told of the accepted ones only, each once', async () => {
    const seen: string[] = [];
    const [write] = openWriters({
      onStored: (_tx, events) => Promise.resolve(void seen.push(...events.map(({ messageId }) => messageId))),
    });

    await write([event({ messageId: 'a' }), event({ messageId: 'b' }), event({ messageId: 'b' })]);
    await write([event({ messageId: 'b' }), event({ messageId: 'c' })]);

    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test('runs in their transaction: it sees them before anybody else, and commits with them', async () => {
    const counts: number[] = [];
    const [write] = openWriters({
      onStored: async (tx) => {
        const count = 'select count(*)::int as count from event where workspace_id = $1';
        for (const db of [tx, database.pools.api]) {
          const result = await db.query<{ count: number }>(count, [workspaceId]);
          counts.push(result.rows[0]?.count ?? -1);
        }
        await tx.query("insert into event_key values ($1, 'work of onStored', now())", [workspaceId]);
      },
    });

    await write([event({ messageId: 'm' })]);

    expect(counts).toEqual([1, 0]);
    expect(await select('select message_id from event_key where workspace_id = $1 order by 1')).toEqual([
      { message_id: 'm' },
      { message_id: 'work of onStored' },
    ]);
  });

  test('and fails stores nothing, and every caller gets the error', async () => {
    const fault = new Error('no workflow today');
    const queue = openQueue(openWriters({ onStored: () => Promise.reject(fault) })[0]);

    const settled = await Promise.all([queue.addAll([event()], KEY), queue.addAll([event(), event()], KEY)]);

    expect(settled.flat()).toEqual(Array(3).fill({ status: 'rejected', reason: fault }));
    expect(await storedEvents()).toEqual([]);
    expect(await storedProfiles()).toEqual([]);
    expect(await select('select 1 from event_key where workspace_id = $1')).toEqual([]);
  });
});

describe('when a person was seen', () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 5, 1, 12, 0, seconds));
  const seeAt = async (...seconds: number[]) => {
    await openWriters()[0](seconds.map((second) => event({ occurredAt: at(second) })));
    const [profile] = await storedProfiles();
    return profile && { first: profile.first_seen_at, last: profile.last_seen_at, version: profile.version };
  };

  test('is the span of the first flush', async () => {
    expect(await seeAt(5, 1, 3)).toMatchObject({ first: at(1), last: at(5) });
  });

  test('moves on at most once a minute, so that a busy person is not written all the time', async () => {
    const made = await seeAt(0);
    expect(await seeAt(60)).toEqual(made);
    expect(await seeAt(20, 40)).toEqual(made);
    expect(await seeAt(61)).toMatchObject({ first: at(0), last: at(61) });
  });

  test('moves back for an event that comes late', async () => {
    await seeAt(0);
    expect(await seeAt(-1)).toMatchObject({ first: at(-1), last: at(0) });
  });
});
