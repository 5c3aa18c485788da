import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { createSecret } from '../../src/lib/secret';
import { clientOf, givenKey, type SendOptions, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  DeleteProfileDocument,
  IdentifyProfileDocument,
  ProfileDocument,
  SignInDocument,
  TrackEventDocument,
} from '../support/operations';
import { RawConnection } from '../support/raw-connection';
import { killServers, startServer, type FirstStart, type ServerProcess } from '../support/server-process';

// Processes start and stop here, and machines can be slow and busy.
jest.setTimeout(180_000);

/** Stands in every value that is somebody's, wherever a client can put one. */
const CANARY = `canary${randomBytes(6).toString('hex')}`;
const EMAIL = `${CANARY}@example.com`;
const WRONG_PASSWORD = `${CANARY} is a wrong password`;

let database: TestDatabase;
let admin: Client;
let server: ServerProcess;
let made: FirstStart;
let api: Pick<TestApp, 'send' | 'sendText'>;
/** Whatever opens a door, minted in this run. */
const secrets: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new Client(database.url);
  await admin.connect();
  server = await startServer({
    DATABASE_URL: database.url,
    FLUXGATE_OWNER_EMAIL: EMAIL,
    LOG_LEVEL: 'debug',
    FAILED_SIGN_INS_PER_MINUTE: '1000',
  });
  if (!server.firstStart) throw new Error('A new database is not new.');
  made = server.firstStart;
  api = clientOf(server);
  secrets.push(made.ownerPassword, made.writeOnlyKey, made.readWriteKey, admin.password ?? '');
});
afterAll(async () => {
  await killServers();
  await admin.end();
  await database.drop();
});

/** Runs the work while the database is out of order in this way. */
async function whileBroken(breakIt: string, mendIt: string, work: () => Promise<unknown>): Promise<void> {
  await admin.query(breakIt);
  try {
    await work();
  } finally {
    await admin.query(mendIt);
  }
}

const signIn = (password: string) => api.send(SignInDocument, { input: { email: EMAIL, password } });
const post = (path: string, bearer: string, body: string) =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', cookie: `a=${CANARY}` },
    body,
  });

/** A person who leaves traces in every field. */
const ids = { userId: CANARY, anonymousId: `anonymous-${CANARY}`, externalId: `external-${CANARY}` };
const properties = { email: EMAIL, [CANARY]: [{ deep: CANARY }] };
const event = { name: CANARY, ...ids, sessionId: CANARY, messageId: CANARY, properties, context: properties };

test('ordinary use', async () => {
  const session = (await signIn(made.ownerPassword)).data?.signIn.sessionToken ?? '';
  const key = await givenKey(api, session, { kind: 'READ_WRITE', name: CANARY });
  secrets.push(session, key.secret);
  const bearer = key.secret;

  expect((await api.send(TrackEventDocument, { input: event }, { bearer })).status).toBe(200);
  expect(
    (await api.send(IdentifyProfileDocument, { input: { ...ids, properties } }, { bearer })).status,
  ).toBe(200);
  expect((await api.send(ProfileDocument, { key: { userId: CANARY } }, { bearer })).status).toBe(200);
  expect((await post('/event/ingest', bearer, JSON.stringify(event))).status).toBe(204);
  const path = `/profile/${CANARY}?email=${EMAIL}`;
  const headers = { authorization: `Bearer ${bearer}` };
  expect((await fetch(`${server.url}${path}`, { headers })).status).toBe(200);
  expect(
    (await api.send(DeleteProfileDocument, { input: { key: { userId: CANARY } } }, { bearer })).status,
  ).toBe(200);
});

test.each<[string, number, (options: SendOptions) => Promise<{ status: number }>]>([
  ['a wrong password', 401, () => signIn(WRONG_PASSWORD)],
  ['an unknown key', 401, () => api.send(TrackEventDocument, { input: event }, { bearer: givenSecret() })],
  [
    'a wrong checksum',
    401,
    () => api.send(TrackEventDocument, { input: event }, { bearer: `${givenSecret()}x` }),
  ],
  [
    'a refused field',
    403,
    () => api.send(ProfileDocument, { key: { userId: CANARY } }, { bearer: made.writeOnlyKey }),
  ],
  [
    'a value that is too long',
    400,
    (options) => api.send(TrackEventDocument, { input: { ...event, userId: CANARY.repeat(99) } }, options),
  ],
  [
    'a variable of a wrong type',
    400,
    (options) =>
      api.sendText(
        'query ($first: Int) { events(first: $first) { edges { cursor } } }',
        { first: CANARY },
        options,
      ),
  ],
  [
    'a literal of a wrong type',
    400,
    (options) => api.sendText(`{ events(first: "${CANARY}") { edges { cursor } } }`, {}, options),
  ],
  ['a document that is not GraphQL', 400, (options) => api.sendText(`{ ${CANARY} "${CANARY}`, {}, options)],
  ['an unknown field', 400, (options) => api.sendText(`{ ${CANARY} }`, {}, options)],
  [
    'a cursor that is none',
    400,
    (options) => api.sendText(`{ events(after: "${CANARY}") { edges { cursor } } }`, {}, options),
  ],
  ['a body that is not JSON', 400, () => post('/event/ingest', made.writeOnlyKey, `{"userId": ${CANARY}`)],
  ['an event without a name', 400, () => post('/event/ingest', made.writeOnlyKey, JSON.stringify(ids))],
  ['an unknown path', 404, () => post(`/${CANARY}?token=${givenSecret()}`, made.readWriteKey, CANARY)],
  ['a path that cannot be decoded', 400, () => post(`/profile/%E0%A4%A?${CANARY}`, made.readWriteKey, '{}')],
])('%s', async (_name, status, send) => {
  expect((await send({ bearer: made.readWriteKey })).status).toBe(status);
});

function givenSecret(): string {
  const secret = createSecret('fg_wo_');
  secrets.push(secret);
  return secret;
}

test('what is not HTTP', async () => {
  const connection = await RawConnection.open(server.url);
  connection.write(`${CANARY}\r\nAuthorization: Bearer ${made.readWriteKey}\r\n\r\n`);
  await connection.hasClosed();
});

test.each([
  [
    'a statement that fails with its parameters at hand',
    'alter table member rename to lost',
    'alter table lost rename to member',
    () => signIn(WRONG_PASSWORD),
    500,
  ],
  [
    'a statement of ingestion that fails',
    'alter table identity rename to lost',
    'alter table lost rename to identity',
    () =>
      api.send(
        TrackEventDocument,
        { input: { ...event, messageId: `1-${CANARY}` } },
        { bearer: made.writeOnlyKey },
      ),
    500,
  ],
  [
    'a row that a constraint refuses, whose detail is the row',
    `alter table profile add constraint refuses check (user_id !~ '^refused') not valid`,
    'alter table profile drop constraint refuses',
    () =>
      api.send(
        IdentifyProfileDocument,
        { input: { userId: `refused-${CANARY}`, properties } },
        { bearer: made.writeOnlyKey },
      ),
    undefined,
  ],
  [
    'a value that cannot be cast, which the message quotes',
    `create index broken on event (((context->>'count')::int))`,
    'drop index broken',
    () =>
      api.send(
        TrackEventDocument,
        { input: { ...event, messageId: `2-${CANARY}`, context: { count: CANARY } } },
        { bearer: made.writeOnlyKey },
      ),
    undefined,
  ],
])('%s', async (_name, breakIt, mendIt, send, status) => {
  await whileBroken(breakIt, mendIt, async () => {
    const answer = await send();
    expect(answer.status).toBeGreaterThanOrEqual(400);
    if (status) expect(answer.status).toBe(status);
    expect(JSON.stringify(answer)).not.toContain(CANARY);
  });
});

test('connections that break', async () => {
  await admin.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  await api.send(TrackEventDocument, { input: event }, { bearer: made.writeOnlyKey });
});

describe('after all that', () => {
  let log: string;
  beforeAll(async () => {
    server.kill('SIGTERM');
    await server.exit;
    ({ log } = server);
  });

  test('the log tells what happened', () => {
    for (const message of ['answered', 'refused', 'unexpected error', 'stopping'])
      expect(log).toContain(`"msg":"${message}"`);
  });

  test('no secret is in it', () => {
    expect(secrets.filter((secret) => secret !== '' && log.includes(secret))).toEqual([]);
    expect(log).not.toMatch(/fg_[a-z]{2}_\w/);
  });

  test('no personal value is in it', () => {
    expect(log.split('\n').filter((line) => line.toLowerCase().includes(CANARY))).toEqual([]);
  });

  test('every line but those of the start is one JSON object', () => {
    const lines = log.slice(log.indexOf('/readyz')).split('\n').slice(1).filter(Boolean);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) as string });
  });
});
