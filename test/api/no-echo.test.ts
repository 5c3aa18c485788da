import { givenKey, startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson, sendHttp, type HttpAnswer } from '../support/http';

/** Put where a client puts values; no answer may hold it (security.md rule 17). */
const CANARY = 'canary7Qx';
const CANARY_JSON = JSON.stringify(CANARY);

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

function expectSilent(answer: HttpAnswer): void {
  expect(answer.text + JSON.stringify(answer.headers)).not.toContain(CANARY);
  expect(answer.text).not.toMatch(/did you mean|\bat \/|node_modules|select |stack/i);
}

describe('GraphQL', () => {
  const ask = (query: string, variables: object = {}, bearer = app.session) =>
    postJson(`${app.url}/graphql`, { query, variables }, { bearer });

  test.each([
    ['an Int', `{ events(first: ${CANARY_JSON}) { edges { cursor } } }`],
    ['an Int as an enum value', `{ events(first: ${CANARY}) { edges { cursor } } }`],
    ['a String as an enum value', `{ events(after: ${CANARY}) { edges { cursor } } }`],
    ['a String as an object', `{ events(after: { a: ${CANARY_JSON} }) { edges { cursor } } }`],
    ['a String as a list', `{ events(after: [${CANARY_JSON}]) { edges { cursor } } }`],
    ['an ID', `{ profile(key: { userId: [${CANARY_JSON}] }) { id } }`],
    ['a DateTime', `{ events(from: ${CANARY_JSON}) { edges { cursor } } }`],
    ['a DateTime as an enum value', `{ events(from: ${CANARY}) { edges { cursor } } }`],
    ['a Boolean', `{ viewer @include(if: ${CANARY_JSON}) { clientIp } }`],
    ['an enum', `mutation { setAllowedEvents(input: { keyId: "a", mode: ${CANARY} }) { key { id } } }`],
    [
      'an enum as text',
      `mutation { setAllowedEvents(input: { keyId: "a", mode: ${CANARY_JSON} }) { key { id } } }`,
    ],
    ['an input object', `{ profiles(filter: ${CANARY_JSON}) { edges { cursor } } }`],
    ['a JSONObject', `{ profiles(filter: { propertiesContain: ${CANARY_JSON} }) { edges { cursor } } }`],
    [
      'a JSONObject as a list',
      `{ profiles(filter: { propertiesContain: [${CANARY_JSON}] }) { edges { cursor } } }`,
    ],
    [
      'a JSONObject as an enum value',
      `{ profiles(filter: { propertiesContain: ${CANARY} }) { edges { cursor } } }`,
    ],
    ['a default Int', `query ($a: Int = ${CANARY_JSON}) { events(first: $a) { edges { cursor } } }`],
    ['a default enum', `query ($a: IntegrationKeyKind = ${CANARY}) { viewer { clientIp } }`],
    [
      'a default JSONObject',
      `query ($a: JSONObject = ${CANARY_JSON}) { profiles(filter: { propertiesContain: $a }) { edges { cursor } } }`,
    ],
    ['a default DateTime', `query ($a: DateTime = ${CANARY_JSON}) { events(from: $a) { edges { cursor } } }`],
    ['a cursor', `{ events(after: ${CANARY_JSON}) { edges { cursor } } }`],
    ['a cursor of profiles', `{ profiles(after: ${CANARY_JSON}) { edges { cursor } } }`],
    ['text where a field is due', `{ ${CANARY_JSON} }`],
    ['text without an end', `{ viewer(a: "${CANARY}) { clientIp } }`],
    ['a number that is none', `{ events(first: 12${CANARY}) { edges { cursor } } }`],
    ['a bad escape', `{ events(after: "\\x${CANARY}") { edges { cursor } } }`],
    ['words after the document', `{ viewer { clientIp } } ${CANARY}`],
    ['text after the document', `{ viewer { clientIp } } ${CANARY_JSON}`],
  ])('does not repeat %s of a document', async (_what, query) => {
    const answer = await ask(query);
    expect([answer.status, codeOf(answer)]).toEqual([
      400,
      expect.stringMatching(/^(GRAPHQL_(PARSE|VALIDATION)_FAILED|BAD_USER_INPUT)$/),
    ]);
    expectSilent(answer);
  });

  const TRACK = 'mutation ($input: TrackEventInput!) { trackEvent(input: $input) { status } }';
  const EVENTS =
    'query ($first: Int, $after: String, $from: DateTime) { events(first: $first, after: $after, from: $from) { edges { cursor } } }';
  const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }';
  const ADD_RANGE = 'mutation ($input: AddIpRangeInput!) { addIpRange(input: $input) { ipAccess { mode } } }';
  const CREATE_KEY =
    'mutation ($input: CreateIntegrationKeyInput!) { createIntegrationKey(input: $input) { secret } }';
  const SET_EVENTS =
    'mutation ($input: SetAllowedEventsInput!) { setAllowedEvents(input: $input) { key { id } } }';
  const DELETE =
    'mutation ($input: DeleteProfileInput!) { deleteProfile(input: $input) { deletedEventCount } }';

  test.each([
    ['an input', TRACK, { input: CANARY }],
    ['a list for an input', TRACK, { input: [CANARY] }],
    ['a name', TRACK, { input: { name: { a: CANARY }, userId: CANARY } }],
    ['a name with white space', TRACK, { input: { name: `${CANARY} ${CANARY}`, userId: CANARY } }],
    ['an id that is too long', TRACK, { input: { name: CANARY, userId: CANARY.repeat(40) } }],
    ['an id with NUL', TRACK, { input: { name: CANARY, userId: `${CANARY}\0` } }],
    ['a list of ids', TRACK, { input: { name: CANARY, userId: [CANARY] } }],
    ['properties', TRACK, { input: { name: CANARY, userId: CANARY, properties: CANARY } }],
    ['a list for properties', TRACK, { input: { name: CANARY, userId: CANARY, properties: [CANARY] } }],
    [
      'a property with NUL',
      TRACK,
      { input: { name: CANARY, userId: CANARY, properties: { a: `${CANARY}\0` } } },
    ],
    [
      'a key with NUL',
      TRACK,
      { input: { name: CANARY, userId: CANARY, properties: { [`${CANARY}\0`]: 1 } } },
    ],
    [
      'too many properties',
      TRACK,
      { input: { name: CANARY, userId: CANARY, properties: { a: CANARY.repeat(5_000) } } },
    ],
    ['a timestamp', TRACK, { input: { name: CANARY, userId: CANARY, timestamp: CANARY } }],
    [
      'a timestamp of 30 February',
      TRACK,
      { input: { name: CANARY, userId: CANARY, timestamp: '2026-02-30T00:00:00Z' } },
    ],
    ['an unknown field', TRACK, { input: { name: CANARY, userId: CANARY, [CANARY]: CANARY } }],
    ['a page size', EVENTS, { first: CANARY }],
    ['a cursor', EVENTS, { after: CANARY }],
    ['a time', EVENTS, { from: CANARY }],
    ['an account', SIGN_IN, { input: { email: `${CANARY}@example.com`, password: CANARY } }],
    ['a range', ADD_RANGE, { input: { range: CANARY, keyId: CANARY } }],
    ['a key id', ADD_RANGE, { input: { range: '10.0.0.1', keyId: CANARY } }],
    ['an enum', SET_EVENTS, { input: { keyId: CANARY, mode: CANARY } }],
    [
      'an allowed event',
      SET_EVENTS,
      { input: { keyId: CANARY, mode: 'SPECIFIC', names: [`${CANARY} ${CANARY}`] } },
    ],
    ['an end', CREATE_KEY, { input: { name: CANARY, kind: 'READ_WRITE', expiresAt: CANARY } }],
    ['a kind', CREATE_KEY, { input: { name: CANARY, kind: CANARY } }],
    [
      'the ranges of a key',
      CREATE_KEY,
      { input: { name: CANARY, kind: 'READ_WRITE', ipRanges: [{ range: CANARY }] } },
    ],
    ['two ids of a profile', DELETE, { input: { key: { userId: CANARY, externalId: CANARY } } }],
  ])('does not repeat %s of variables', async (_what, query, variables) => {
    const answer = await ask(query, variables);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expectSilent(answer);
  });

  test.each([
    [
      'an argument',
      'mutation ($name: String = "a") { trackEvent(input: { name: $name, userId: "canary7Qx" }) { status } }',
      { name: null },
      ['input'],
    ],
    [
      'a directive',
      'query ($if: Boolean = true) { viewer @include(if: $if) { clientIp } }',
      { if: null },
      ['if'],
    ],
  ])(
    'takes a null in place of a default in %s for a fault of the caller',
    async (_what, query, variables, path) => {
      const answer = await ask(query, variables);
      expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_USER_INPUT']);
      expect(JSON.parse(answer.text)).toMatchObject({ errors: [{ extensions: { path } }] });
      expectSilent(answer);
    },
  );

  test.each([
    '{ vewer { clientIp } }',
    '{ viewer { clientIpp } }',
    '{ events(frst: 1) { edges { cursor } } }',
    '{ viewer { clientIp @skp } }',
    '{ viewer { ...F } } fragment F on Viewr { clientIp }',
    'query ($a: Strng) { viewer { clientIp } }',
    '{ viewer }',
    'mutation { trackEvent(input: { nam: "a" }) { status } }',
  ])('suggests nothing for %s', async (query) => {
    const answer = await ask(query);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    expectSilent(answer);
  });

  test('tells where in the document the fault is', async () => {
    for (const query of [
      '{\n  events(from: "x") { edges { cursor } } }',
      '{\n  events(first: "x") { edges { cursor } } }',
    ]) {
      const { errors } = JSON.parse((await ask(query)).text) as { errors: { locations: unknown }[] };
      expect(errors[0]?.locations).toEqual([{ line: 2, column: expect.any(Number) as number }]);
    }
  });

  test('does not tell a write-only key what the schema holds', async () => {
    const answer = await ask(
      '{ __schema { types { name } } __type(name: "Query") { name } }',
      {},
      app.writeOnlyKey,
    );
    expect([answer.status, codeOf(answer)]).toEqual([403, 'FORBIDDEN']);
    expect(answer.text).not.toContain('Mutation');
  });
});

describe('REST', () => {
  test.each([
    ['/event/ingest', { name: `${CANARY} ${CANARY}`, userId: 'a' }],
    ['/event/ingest', { name: { a: CANARY }, userId: 'a' }],
    ['/event/ingest', { name: CANARY, userId: { a: CANARY } }],
    ['/event/ingest', { name: CANARY, userId: CANARY.repeat(40) }],
    ['/event/ingest', { name: CANARY, userId: CANARY, timestamp: CANARY }],
    ['/event/ingest', { name: CANARY, userId: CANARY, timestamp: { a: CANARY } }],
    ['/event/ingest', { name: CANARY, userId: CANARY, properties: CANARY }],
    ['/event/ingest', { name: CANARY, userId: CANARY, properties: { a: [`${CANARY}\0`] } }],
    ['/event/ingest', { name: CANARY, userId: CANARY, deviceData: CANARY }],
    ['/event/ingest/batch', { events: CANARY }],
    ['/event/ingest/batch', { events: [{ name: CANARY }, CANARY, { name: `${CANARY} `, userId: CANARY }] }],
    ['/profile', { userId: [CANARY] }],
    ['/profile', { userId: CANARY, properties: CANARY }],
    ['/profile', { userId: CANARY, properties: { a: `${CANARY}\ud800` } }],
    ['/profile', { properties: { a: CANARY } }],
  ])('does not repeat what was sent to %s', async (path, body) => {
    const answer = await postJson(`${app.url}${path}`, body, { bearer: app.session });
    expect([path, answer.status]).toEqual([path, answer.text.includes('rejected') ? 200 : 400]);
    expectSilent(answer);
  });

  test('does not repeat paths, parameters or headers', async () => {
    const headers = {
      authorization: `Bearer ${app.session}`,
      'x-request-id': CANARY,
      cookie: `a=${CANARY}`,
      accept: CANARY,
    };
    for (const path of [
      `/${CANARY}`,
      `/profile/${CANARY}`,
      `/profile/${CANARY}%zz`,
      `/graphql?${CANARY}=${CANARY}`,
    ]) {
      const answer = await sendHttp(`${app.url}${path}`, { headers });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expectSilent(answer);
    }
    const bad = { authorization: `Bearer ${CANARY}`, 'content-type': CANARY, 'content-encoding': CANARY };
    for (const path of ['/graphql', '/event/ingest']) {
      expectSilent(await sendHttp(`${app.url}${path}`, { method: 'POST', headers: bad, body: CANARY }));
    }
  });
});

test('what went wrong on our side is told to nobody but the log', async () => {
  const { secret } = await givenKey(app, app.session, { kind: 'READ_WRITE' });
  await app.sql('alter table profile rename to profile_away');
  try {
    const graphql = await postJson(
      `${app.url}/graphql`,
      { query: `{ profile(key: { userId: ${CANARY_JSON} }) { id } }` },
      { bearer: secret },
    );
    expect(graphql.status).toBe(500);
    expect(JSON.parse(graphql.text)).toMatchObject({
      errors: [
        {
          message: 'Something went wrong on our side.',
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: graphql.headers['x-request-id'] },
        },
      ],
    });
    const rest = await sendHttp(`${app.url}/profile/${CANARY}`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect([rest.status, JSON.parse(rest.text)]).toEqual([
      500,
      {
        error: {
          code: 'INTERNAL_SERVER_ERROR',
          message: 'Something went wrong on our side.',
          requestId: rest.headers['x-request-id'],
        },
      },
    ]);
    for (const answer of [graphql, rest]) {
      expectSilent(answer);
      expect(answer.text).not.toMatch(/profile_|relation|42P01/);
    }
  } finally {
    await app.sql('alter table profile_away rename to profile');
  }
});
