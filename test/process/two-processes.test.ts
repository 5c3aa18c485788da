import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { createSecret, hashSecret } from '../../src/lib/secret';
import { clientOf, OWNER_EMAIL, OWNER_PASSWORD, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  AddIpRangeDocument,
  CreateIntegrationKeyDocument,
  RemoveIpRangeDocument,
  RevokeIntegrationKeyDocument,
  SetAllowedEventsDocument,
  SetIpAccessDocument,
  SignInDocument,
  TrackEventDocument,
  type CreateIntegrationKeyMutation,
} from '../support/operations';
import { killServers, startServer } from '../support/server-process';
import { within } from '../support/within';

// Processes start and stop here, and machines can be slow and busy.
jest.setTimeout(180_000);

/** security.md rule 11. */
const PROMISE_MS = 1_000;
const LISTENERS = `select pid from pg_stat_activity
  where datname = current_database() and query like '/* auth.listenForPolicyChanges */%'`;

type Api = Pick<TestApp, 'send' | 'get'>;
type NewKey = CreateIntegrationKeyMutation['createIntegrationKey'];

let database: TestDatabase;
let admin: Client;
/** Where settings are changed. */
let first: Api;
/** Where they have to be obeyed. */
let second: Api;
let bearer: string;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new Client(database.url);
  await admin.connect();
  const settings = {
    DATABASE_URL: database.url,
    FLUXGATE_OWNER_EMAIL: OWNER_EMAIL,
    FLUXGATE_OWNER_PASSWORD: OWNER_PASSWORD,
  };
  const [one, other] = await Promise.all([startServer(settings), startServer(settings)]);
  [first, second] = [clientOf(one), clientOf(other)];
  const input = { email: OWNER_EMAIL, password: OWNER_PASSWORD };
  bearer = (await first.get(SignInDocument, { input })).signIn.sessionToken;
});
afterAll(async () => {
  await killServers();
  await admin.end();
  await database.drop();
});

async function givenKey(settings: object = {}): Promise<NewKey> {
  const input = { name: 'Test', kind: 'WRITE_ONLY' as const, ...settings };
  return (await first.get(CreateIntegrationKeyDocument, { input }, { bearer })).createIntegrationKey;
}

/** What the second server says to an event with this key: the code of its refusal, or null. */
async function answerTo(secret: string): Promise<string | null> {
  const input = { name: 'page_view', userId: 'ada' };
  return (await second.send(TrackEventDocument, { input }, { bearer: secret })).code ?? null;
}

/**
 * After the answer to a change: how late a request was still judged by the old settings, in milliseconds. It counts
 * when the request was sent, so that a slow machine does not look like a broken promise.
 */
async function measureDisobedience(secret: string, expected: string | null): Promise<number> {
  const changedAtMs = performance.now();
  let lastWrongMs = 0;
  for (;;) {
    const sentMs = performance.now() - changedAtMs;
    const answer = await answerTo(secret);
    if (answer === expected) return lastWrongMs;
    if (sentMs > 10 * PROMISE_MS) throw new Error(`Still ${answer} instead of ${expected}.`);
    lastWrongMs = sentMs;
    await sleep(20);
  }
}

/** Settings of a new key, what the second server makes of it, a change on the first, and what follows from it. */
interface Scenario {
  readonly settings: object;
  readonly before: string | null;
  readonly change: (key: NewKey['key']) => Promise<unknown>;
  readonly after: string | null;
}

const ELSEWHERE = { range: '192.0.2.0/24' };
const HERE = { range: '127.0.0.1' };

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a revoked key': {
    settings: {},
    before: null,
    change: ({ id: keyId }) => first.get(RevokeIntegrationKeyDocument, { input: { keyId } }, { bearer }),
    after: 'UNAUTHENTICATED',
  },
  'an added IP range': {
    settings: { ipRanges: [ELSEWHERE] },
    before: 'IP_NOT_ALLOWED',
    change: ({ id: keyId }) => first.get(AddIpRangeDocument, { input: { keyId, ...HERE } }, { bearer }),
    after: null,
  },
  'a removed IP range': {
    settings: { ipRanges: [ELSEWHERE, HERE] },
    before: null,
    change: ({ ipAccess }) => {
      const entryId = ipAccess.entries.find(({ range }) => range.startsWith(HERE.range))?.id ?? '';
      return first.get(RemoveIpRangeDocument, { input: { entryId } }, { bearer });
    },
    after: 'IP_NOT_ALLOWED',
  },
  'a changed IP mode': {
    settings: { ipRanges: [ELSEWHERE] },
    before: 'IP_NOT_ALLOWED',
    change: ({ id: keyId }) =>
      first.get(SetIpAccessDocument, { input: { keyId, mode: 'ANYWHERE' } }, { bearer }),
    after: null,
  },
  'changed allowed events': {
    settings: {},
    before: null,
    change: ({ id: keyId }) => {
      const input = { keyId, mode: 'SPECIFIC' as const, names: ['other'] };
      return first.get(SetAllowedEventsDocument, { input }, { bearer });
    },
    after: 'EVENT_NOT_ALLOWED',
  },
};

async function play({ settings, before, change, after }: Scenario): Promise<number> {
  const { key, secret } = await givenKey(settings);
  // The second server has the key in its memory from here on.
  expect(await answerTo(secret)).toBe(before);
  await change(key);
  return measureDisobedience(secret, after);
}

/** Makes a secret known that the second server remembers as unknown. The API cannot: it invents secrets itself. */
async function playUnknownKey(): Promise<number> {
  const secret = createSecret('fg_wo_');
  const { key } = await givenKey();
  expect(await answerTo(secret)).toBe('UNAUTHENTICATED');
  const values = [hashSecret(secret), key.id];
  await admin.query('update integration_key set secret_hash = $1 where id = $2', values);
  await givenKey();
  return measureDisobedience(secret, null);
}

async function countListeners(): Promise<number> {
  return (await admin.query(LISTENERS)).rows.length;
}

async function cutListeners(): Promise<number> {
  return (await admin.query(`select pg_terminate_backend(pid) from (${LISTENERS}) as listener`)).rows.length;
}

describe.each(['with notifications', 'after the listening connections were cut', 'without any notification'])(
  '%s, another process obeys within a second',
  (circumstances) => {
    let cutting: NodeJS.Timeout | undefined;
    let cutCount = 0;
    const cut = async () => void (cutCount += await cutListeners());

    beforeEach(async () => {
      if (circumstances.startsWith('after')) {
        await within(10_000, async () => (await countListeners()) === 2);
        await cut();
      }
      // They are opened again at every poll, so they are cut all the time: only the poll is left.
      if (circumstances.startsWith('without')) cutting = setInterval(() => void cut(), 5);
    });
    afterEach(() => clearInterval(cutting));

    test.each(Object.entries(SCENARIOS))('%s', async (_name, scenario) => {
      expect(await play(scenario)).toBeLessThan(PROMISE_MS);
    });

    test('a key that was unknown before', async () => {
      expect(await playUnknownKey()).toBeLessThan(PROMISE_MS);
    });

    test('the circumstances were as the title says', () => {
      if (circumstances.startsWith('with ')) expect(cutCount).toBe(0);
      else expect(cutCount).toBeGreaterThan(2);
    });
  },
);

test('both processes listen again after their connections were cut', async () => {
  await cutListeners();
  await within(10_000, async () => (await countListeners()) === 2);
});
