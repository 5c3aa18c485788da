import { startApp, type App } from '../../src/app';
import { createLogger } from '../../src/log';
import { OWNER_EMAIL, OWNER_PASSWORD } from '../support/app';
import { testConfig } from '../support/config';
import { createTestDatabase, query, withDatabase, type TestDatabase } from '../support/database';
import { openDatabaseLine, type DatabaseLine } from '../support/database-line';
import { codeOf, postJson, sendHttp, type HttpAnswer } from '../support/http';
import { within } from '../support/within';

jest.setTimeout(60_000);

const STATEMENT_TIMEOUT_MS = 1_000;
/** Of one statement that never ends, and 5 s of waiting for a connection. */
const LONGEST_ANSWER_MS = STATEMENT_TIMEOUT_MS + 2_000 + 5_000 + 2_000;
const RECOVERY_MS = 10_000;

let database: TestDatabase;
let line: DatabaseLine;
let app: App;
let keys: { writeOnlyKey: string; readWriteKey: string };
let session: string;

beforeAll(async () => {
  database = await createTestDatabase();
  line = await openDatabaseLine(database.url);
  const config = testConfig({
    DATABASE_URL: line.url,
    FLUXGATE_OWNER_EMAIL: OWNER_EMAIL,
    FLUXGATE_OWNER_PASSWORD: OWNER_PASSWORD,
    STATEMENT_TIMEOUT_MS: String(STATEMENT_TIMEOUT_MS),
  });
  app = await startApp({ config, log: createLogger('silent') });
  keys = app.firstRun!;
  const signedIn = await signIn();
  session = /fg_ss_\w+/.exec(signedIn.text)![0];
});
afterAll(async () => {
  await app.close();
  await line.close();
  await database.drop();
});

function signIn(): Promise<HttpAnswer> {
  return postJson(`${app.url}/graphql`, {
    query: 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }',
    variables: { input: { email: OWNER_EMAIL, password: OWNER_PASSWORD } },
  });
}

const CALLS: Record<string, () => Promise<HttpAnswer>> = {
  trackEvent: () =>
    postJson(
      `${app.url}/graphql`,
      { query: 'mutation { trackEvent(input: { name: "away", userId: "ada" }) { status } }' },
      { bearer: keys.writeOnlyKey },
    ),
  trackEvents: () =>
    postJson(
      `${app.url}/graphql`,
      {
        query:
          'mutation { trackEvents(input: { events: [{ name: "away", userId: "ada" }] }) { acceptedCount } }',
      },
      { bearer: keys.writeOnlyKey },
    ),
  'POST /event/ingest': () =>
    postJson(`${app.url}/event/ingest`, { name: 'away', userId: 'ada' }, { bearer: keys.writeOnlyKey }),
  'POST /event/ingest/batch': () =>
    postJson(
      `${app.url}/event/ingest/batch`,
      { events: [{ name: 'away', userId: 'ada' }] },
      { bearer: keys.writeOnlyKey },
    ),
  'POST /profile': () => postJson(`${app.url}/profile`, { userId: 'ada' }, { bearer: keys.writeOnlyKey }),
  'GET /profile/ada': () =>
    sendHttp(`${app.url}/profile/ada`, { headers: { authorization: `Bearer ${keys.readWriteKey}` } }),
  events: () =>
    postJson(
      `${app.url}/graphql`,
      { query: '{ events { edges { cursor } } }' },
      { bearer: keys.readWriteKey },
    ),
  'events of a session': () =>
    postJson(`${app.url}/graphql`, { query: '{ events { edges { cursor } } }' }, { bearer: session }),
  apiSettings: () =>
    postJson(`${app.url}/graphql`, { query: '{ apiSettings { workspace { id } } }' }, { bearer: session }),
  signIn,
};

function askReady(): Promise<HttpAnswer> {
  return sendHttp(`${app.url}/readyz`);
}

function callAll(): Promise<[string, HttpAnswer][]> {
  return Promise.all(
    Object.entries(CALLS).map(async ([name, call]): Promise<[string, HttpAnswer]> => [name, await call()]),
  );
}

async function worksAgain(): Promise<boolean> {
  if ((await askReady()).status !== 200) return false;
  return (await callAll()).every(([, { status }]) => status === 200 || status === 204);
}

async function countStored(): Promise<number> {
  const [row] = await query<{ count: string }>(
    database.url,
    `select count(*) from event where name = 'away'`,
  );
  return Number(row?.count);
}

const OUTAGES: Record<string, { begin: () => Promise<void>; end: () => Promise<void> }> = {
  'the database has stopped': { begin: () => line.cut(), end: () => line.restore() },
  'the line is dead': { begin: () => Promise.resolve(line.freeze()), end: () => line.restore() },
  'the database takes no connections': {
    begin: async () => {
      const { pathname } = new URL(line.url);
      const maintenance = withDatabase(database.url, 'postgres');
      await query(maintenance, `alter database ${pathname.slice(1)} allow_connections false`);
      await query(
        maintenance,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${pathname.slice(1)}'`,
      );
    },
    end: async () => {
      const { pathname } = new URL(line.url);
      await query(
        withDatabase(database.url, 'postgres'),
        `alter database ${pathname.slice(1)} allow_connections true`,
      );
    },
  },
};

test.each(Object.entries(OUTAGES))(
  'while %s, every call is answered by 503 in time, and afterwards it works again',
  async (_what, { begin, end }) => {
    await within(RECOVERY_MS, worksAgain);
    const before = await countStored();
    await begin();
    try {
      for (let round = 0; round < 2; round += 1) {
        for (const [name, answer] of await callAll()) {
          expect([name, answer.status, codeOf(answer)]).toEqual([name, 503, 'SERVICE_UNAVAILABLE']);
          expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
          expect(answer.durationMs).toBeLessThan(LONGEST_ANSWER_MS);
          expect(answer.text).not.toMatch(/ECONN|127\.0\.0\.1|select|pool|terminat/i);
          const isIngest = /^track|^POST/.test(name);
          if (isIngest) expect(answer.headers['access-control-allow-origin']).toBe('*');
        }
      }
      expect((await sendHttp(`${app.url}/healthz`)).status).toBe(200);
      await within(LONGEST_ANSWER_MS, async () => (await askReady()).status === 503);
      expect((await askReady()).headers['retry-after']).toBe('1');
    } finally {
      await end();
    }
    await within(RECOVERY_MS, worksAgain);
    expect(await countStored()).toBeGreaterThanOrEqual(before + 4);
  },
);
