import { getIntrospectionQuery } from 'graphql';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson, sendHttp, type HttpAnswer } from '../support/http';

const MIB = 1_048_576;
const BODY_PATHS = ['/graphql', '/event/ingest', '/event/ingest/batch', '/profile'];

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await app.sendText('{ viewer { clientIp } }', {}, { bearer: app.session });
});
afterAll(() => app.close());

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<HttpAnswer> {
  return postJson(`${app.url}${path}`, body, { bearer: app.session, headers });
}

function statusAndCode(answer: HttpAnswer): [number, string | undefined] {
  return [answer.status, codeOf(answer)];
}

/** The quickest of a few: a busy machine may be late once, a costly check is late always. */
async function quickestOf(ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  let quickest = await ask();
  for (let tries = 1; tries < 5 && quickest.durationMs >= 300; tries += 1) {
    const answer = await ask();
    if (answer.durationMs < quickest.durationMs) quickest = answer;
  }
  return quickest;
}

describe('a body over 1 MiB', () => {
  const big = Buffer.alloc(MIB + 1, ' ');
  const tooLarge = [413, 'PAYLOAD_TOO_LARGE'];

  test.each(BODY_PATHS)('is refused with 413 on %s, however it is sent', async (path) => {
    expect(statusAndCode(await post(path, big))).toEqual(tooLarge);
    for (const [encoding, compress] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ] as const) {
      const compressed = compress(big);
      expect(compressed.length).toBeLessThan(5_000);
      expect(statusAndCode(await post(path, compressed, { 'content-encoding': encoding }))).toEqual(tooLarge);
    }
    const headers = { 'content-type': 'application/json' };
    const inChunks = await sendHttp(`${app.url}${path}`, {
      method: 'POST',
      headers,
      body: Readable.from([big]),
    });
    expect(statusAndCode(inChunks)).toEqual(tooLarge);
  });

  test('is refused by an answer that also arrives when its client first sends all of it', async () => {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /event/ingest HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${9 * MIB}\r\n\r\n`,
    );
    for (let sent = 0; sent < 9; sent += 1) {
      await new Promise((resolve, reject) =>
        socket.write(Buffer.alloc(MIB, ' '), (error) => (error ? reject(error) : resolve(undefined))),
      );
      await sleep(10);
    }
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 [^]*"PAYLOAD_TOO_LARGE"/);
  });

  test('is not what 1 MiB is', async () => {
    const document = JSON.stringify({ query: '{ viewer { clientIp } }' });
    const largest = document + ' '.repeat(MIB - document.length);
    expect((await post('/graphql', largest)).status).toBe(200);
    expect(statusAndCode(await post('/graphql', `${largest} `))).toEqual(tooLarge);
    expect((await post('/graphql', gzipSync(largest), { 'content-encoding': 'gzip' })).status).toBe(200);
  });
});

describe('a few bytes that expand to 400 MB', () => {
  const bombs = {
    gzip: gzipSync(Buffer.alloc(400_000_000, ' '), { level: 1 }),
    br: brotliCompressSync(Buffer.alloc(400_000_000, ' '), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
    }),
  };

  test.each(['gzip', 'br'] as const)(
    'are refused quickly, and %s unpacks no more of them',
    async (encoding) => {
      const { rss } = process.memoryUsage();
      const answer = await quickestOf(() =>
        post('/graphql', bombs[encoding], { 'content-encoding': encoding }),
      );
      const cpu = process.cpuUsage();
      expect(statusAndCode(answer)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
      expect(answer.durationMs).toBeLessThan(300);
      await sleep(500);
      const { user, system } = process.cpuUsage(cpu);
      expect((user + system) / 1_000).toBeLessThan(150);
      expect(process.memoryUsage().rss - rss).toBeLessThan(50 * MIB);
    },
  );
});

describe('a compressed body', () => {
  const document = JSON.stringify({ query: '{ viewer { clientIp } }' });

  test.each([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (text: string) => Buffer.from(text)],
  ])('with Content-Encoding %s is read', async (encoding, compress) => {
    const answer = await post('/graphql', compress(document), { 'content-encoding': encoding });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"clientIp"')]);
  });

  test.each(['zstd', 'compress', 'gzip, gzip', 'x'])(
    'with Content-Encoding %s is refused with 415',
    async (encoding) => {
      for (const path of BODY_PATHS) {
        const answer = await post(path, document, { 'content-encoding': encoding });
        expect(statusAndCode(answer)).toEqual([415, 'BAD_USER_INPUT']);
      }
    },
  );

  test.each([
    ['that is no gzip', Buffer.from(document)],
    ['that ends early', gzipSync(document).subarray(0, -9)],
    ['with something behind it', Buffer.concat([gzipSync(document), Buffer.from('x')])],
    ['that is empty', Buffer.alloc(0)],
  ])('%s is refused with 400', async (_what, body) => {
    for (const path of BODY_PATHS) {
      expect(statusAndCode(await post(path, body, { 'content-encoding': 'gzip' }))).toEqual([
        400,
        'BAD_USER_INPUT',
      ]);
    }
  });
});

/** Each fragment spreads the next one three times: 3^150 fields in 8 KiB. */
function nestedFragments(type: string, field: string, count: number): string {
  const links = Array.from({ length: count }, (_, i) => {
    const next = `...F${i + 1}`;
    return `fragment F${i} on ${type} { ${next} ${next} ${next} }`;
  });
  return [...links, `fragment F${count} on ${type} { ${field} }`].join('\n');
}

function many(count: number, toText: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => toText(index)).join(' ');
}

describe('a document', () => {
  const padded = '{ viewer { clientIp } } #';
  const TOO_COMPLEX = 'OPERATION_TOO_COMPLEX';
  const INVALID = 'GRAPHQL_VALIDATION_FAILED';

  test.each([
    ['of more than 16 KiB', padded.padEnd(16_385, 'x'), 'GRAPHQL_PARSE_FAILED'],
    ['of more than 16 KiB in bytes', padded.padEnd(8_300, 'é'), 'GRAPHQL_PARSE_FAILED'],
    ['of more than 2,000 tokens', `{ viewer { ${'a '.repeat(1_996)} } }`, 'GRAPHQL_PARSE_FAILED'],
    ['of 13 levels', `${'{ a '.repeat(13)}${'}'.repeat(13)}`, TOO_COMPLEX],
    [
      'of 13 levels by a fragment',
      `{ a { ...F } } fragment F on A ${'{ a '.repeat(12)}${'}'.repeat(12)}`,
      TOO_COMPLEX,
    ],
    ['of 21 root fields', `{ ${many(21, (i) => `a${i}: __typename`)} }`, TOO_COMPLEX],
    [
      'of 21 root fields in fragments',
      `{ ...F ... { ...F } __typename } fragment F on Query { ${many(10, (i) => `a${i}: __typename`)} }`,
      TOO_COMPLEX,
    ],
    [
      'of 21 root fields in a second operation',
      `query A { __typename } query B { ${many(21, (i) => `a${i}: __typename`)} }`,
      TOO_COMPLEX,
    ],
    [
      'of more than 1,000 fields',
      `{ ${many(20, (i) => `v${i}: viewer { ...F }`)} } fragment F on Viewer { ${many(50, (i) => `a${i}: clientIp`)} }`,
      TOO_COMPLEX,
    ],
    [
      'whose fragments expand exponentially',
      `{ viewer { ...F0 } } ${nestedFragments('Viewer', 'clientIp', 150)}`,
      TOO_COMPLEX,
    ],
    [
      'whose root fields expand exponentially',
      `{ ...F0 } ${nestedFragments('Query', '__typename', 150)}`,
      TOO_COMPLEX,
    ],
    [
      'whose unused fragments expand exponentially',
      `{ __typename } ${nestedFragments('Viewer', 'clientIp', 150)}`,
      TOO_COMPLEX,
    ],
    [
      'whose fragments expand exponentially to nothing',
      `{ ...F0 } ${nestedFragments('Query', '...Unknown', 150)}`,
      TOO_COMPLEX,
    ],
    ['with one field 990 times', `{ viewer { ${'clientIp '.repeat(990)} } }`, TOO_COMPLEX],
    [
      'with one field and its fields 390 times',
      `{ viewer { ${'workspace { id } '.repeat(390)} } }`,
      TOO_COMPLEX,
    ],
    ['with a fragment in itself', '{ ...A } fragment A on Query { ...A __typename }', INVALID],
    [
      'with two fragments in each other',
      '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A clientIp }',
      INVALID,
    ],
    [
      'with lists in each other',
      `{ events(names: ${'['.repeat(900)}${']'.repeat(900)}) { edges { cursor } } }`,
      INVALID,
    ],
    ['with 390 variables', `query (${many(390, (i) => `$v${i}: Int`)}) { viewer { clientIp } }`, INVALID],
    ['with names of 16,000 characters', `{ viewer { ${'a'.repeat(16_000)} } }`, INVALID],
    ['that is a subscription', 'subscription { __typename }', INVALID],
    ['that defines a type', 'type A { a: Int }', INVALID],
    ['that is empty', '', 'BAD_USER_INPUT'],
    ['that is white space', ' ', 'GRAPHQL_PARSE_FAILED'],
  ])('%s is refused with 400 in less than 300 ms', async (_what, query, code) => {
    // White space makes each one new, so that no verdict of before is answered.
    let tries = 0;
    const answer = await quickestOf(() =>
      post('/graphql', { query: query.length > 15_000 ? query : query + '\n'.repeat(query ? tries++ : 0) }),
    );
    expect(statusAndCode(answer)).toEqual([400, code]);
    expect(answer.durationMs).toBeLessThan(300);
    const { errors = [] } = JSON.parse(answer.text) as { errors?: unknown[] };
    expect(errors.length).toBeLessThanOrEqual(10);
  });

  test.each([
    ['of 16 KiB', padded.padEnd(16_384, 'x')],
    ['of 20 root fields', `{ ${many(20, (i) => `a${i}: __typename`)} }`],
    [
      'of 1,000 fields',
      `{ ${many(20, (i) => `v${i}: viewer { ...F }`)} } fragment F on Viewer { ${many(49, (i) => `a${i}: clientIp`)} }`,
    ],
    ['with one field 200 times', `{ viewer { ${'clientIp '.repeat(200)} } }`],
    ['of 600 inline fragments in each other', `{ ${'... { '.repeat(600)}__typename${'}'.repeat(600)} }`],
    ['that reads the whole schema', getIntrospectionQuery()],
  ])('%s runs', async (_what, query) => {
    const answer = await post('/graphql', { query });
    expect([answer.status, answer.text]).toEqual([200, expect.not.stringContaining('"errors"')]);
  });

  test('of 12 levels is validated, one of 13 is not', async () => {
    const nested = (levels: number) => `${'{ a '.repeat(levels)}${'}'.repeat(levels)}`;
    expect(statusAndCode(await post('/graphql', { query: nested(12) }))).toEqual([400, INVALID]);
    expect(statusAndCode(await post('/graphql', { query: nested(13) }))).toEqual([400, TOO_COMPLEX]);
  });
});

describe('a request', () => {
  const TWO = 'query A { viewer { clientIp } } query B { viewer { clientIp } }';
  const ONE = '{ viewer { clientIp } }';

  test.each([
    ['with a list of operations', [{ query: ONE }, { query: ONE }]],
    ['with an empty list', []],
    ['with two operations and no name', { query: TWO }],
    ['with a name that no operation has', { query: TWO, operationName: 'C' }],
    ['with an empty name', { query: TWO, operationName: '' }],
    ['with a name that its only operation has not', { query: ONE, operationName: 'C' }],
    ['with a name of which there are two', { query: `${TWO} query A { __typename }`, operationName: 'A' }],
    ['with fragments only', { query: 'fragment F on Viewer { clientIp }' }],
  ])('%s is refused with 400', async (_what, body) => {
    const answer = await post('/graphql', body);
    expect([answer.status, codeOf(answer)]).toEqual([
      400,
      expect.stringMatching(/^(BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED)$/),
    ]);
    expect(answer.text).not.toContain('127.0.0.1');
  });

  test('with a name runs the operation of that name', async () => {
    const query = 'query A { viewer { clientIp } } query B { viewer { credentialKind } }';
    const answer = await post('/graphql', { query, operationName: 'B' });
    expect([answer.status, answer.text]).toEqual([
      200,
      expect.stringContaining('{"credentialKind":"SESSION"}'),
    ]);
  });

  test('with a name that no operation has runs no mutation, by GET neither', async () => {
    const query = `mutation { trackEvent(input: { name: "unnamed", userId: "a" }) { status } }`;
    expect((await post('/graphql', { query, operationName: 'X' })).status).toBe(400);
    const search = new URLSearchParams({ query, operationName: 'X' }).toString();
    const headers = { authorization: `Bearer ${app.session}`, 'apollo-require-preflight': '1' };
    expect((await sendHttp(`${app.url}/graphql?${search}`, { headers })).status).toBe(400);
    expect(await app.sql(`select from event where name = 'unnamed'`)).toEqual([]);
  });
});

describe('variables', () => {
  const EVENTS =
    'query ($first: Int, $names: [String!]) { events(first: $first, names: $names) { edges { cursor } } }';
  const PROFILES = 'query ($filter: ProfileFilter) { profiles(filter: $filter) { edges { cursor } } }';
  const TRACK = 'mutation ($input: TrackEventInput!) { trackEvent(input: $input) { status } }';
  const TRACK_ALL = 'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { acceptedCount } }';
  const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const wide = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 1])));
  const list = (count: number, item: string) => `[${Array<string>(count).fill(item).join()}]`;

  const send = (query: string, variables: string) =>
    post('/graphql', `{"query":${JSON.stringify(query)},"variables":${variables}}`);

  test.each([
    ['first 0', EVENTS, '{"first":0}', ['first']],
    ['first -1', EVENTS, '{"first":-1}', ['first']],
    ['first 101', EVENTS, '{"first":101}', ['first']],
    ['first "10"', EVENTS, '{"first":"10"}', ['first']],
    ['first 1.5', EVENTS, '{"first":1.5}', ['first']],
    ['501 names', EVENTS, `{"names":${list(501, '"a"')}}`, ['names']],
    ['20,000 names', EVENTS, `{"names":${list(20_000, '"a"')}}`, ['names']],
    ['400,000 names that are none', EVENTS, `{"names":${list(400_000, '1')}}`, ['names', 0]],
    [
      'names nested 100,000 levels',
      EVENTS,
      `{"names":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      ['names', 0],
    ],
    [
      'propertiesContain of 33 levels',
      PROFILES,
      `{"filter":{"propertiesContain":${nested(33)}}}`,
      ['filter', 'propertiesContain', ...Array<string>(32).fill('a')],
    ],
    [
      'propertiesContain of 100,000 levels',
      PROFILES,
      `{"filter":{"propertiesContain":${nested(100_000)}}}`,
      ['filter', 'propertiesContain', ...Array<string>(32).fill('a')],
    ],
    [
      'propertiesContain of 1,001 keys',
      PROFILES,
      `{"filter":{"propertiesContain":${wide(1_001)}}}`,
      ['filter', 'propertiesContain'],
    ],
    [
      'propertiesContain of 80,000 keys',
      PROFILES,
      `{"filter":{"propertiesContain":${wide(80_000)}}}`,
      ['filter', 'propertiesContain'],
    ],
    ['an input of 40,000 unknown keys', TRACK, `{"input":${wide(40_000)}}`, ['input']],
    [
      'an input with a key of 1,000,000 characters',
      TRACK,
      `{"input":{"${'k'.repeat(1_000_000)}":1}}`,
      ['input'],
    ],
    [
      '501 events',
      TRACK_ALL,
      `{"input":{"events":${list(501, '{"name":"a","userId":"a"}')}}}`,
      ['input', 'events'],
    ],
    ['no events', TRACK_ALL, `{"input":{"events":[]}}`, ['input', 'events']],
    [
      '300,000 events without a name',
      TRACK_ALL,
      `{"input":{"events":${list(300_000, '{}')}}}`,
      ['input', 'events', 0],
    ],
  ])(
    'with %s are refused with 400 at their place in less than 300 ms',
    async (_what, query, variables, path) => {
      const answer = await quickestOf(() => send(query, variables));
      expect(statusAndCode(answer)).toEqual([400, 'BAD_USER_INPUT']);
      expect(answer.durationMs).toBeLessThan(300);
      const { errors } = JSON.parse(answer.text) as { errors: { extensions: { path: unknown } }[] };
      expect(errors[0]?.extensions.path).toEqual(path);
      expect(errors.length).toBeLessThanOrEqual(10);
      expect(answer.text.length).toBeLessThan(5_000);
    },
  );

  test.each([
    ['first 1', EVENTS, '{"first":1}'],
    ['first 100', EVENTS, '{"first":100}'],
    ['500 names', EVENTS, `{"names":${list(500, '"a"')}}`],
    ['propertiesContain of 32 levels', PROFILES, `{"filter":{"propertiesContain":${nested(32)}}}`],
    ['propertiesContain of 1,000 keys', PROFILES, `{"filter":{"propertiesContain":${wide(1_000)}}}`],
    ['500 events', TRACK_ALL, `{"input":{"events":${list(500, '{"name":"a","userId":"a"}')}}}`],
    ['one that no operation declares', EVENTS, `{"other":${list(1_000, '{}')}}`],
  ])('with %s are taken', async (_what, query, variables) => {
    const answer = await send(query, variables);
    expect([answer.status, answer.text]).toEqual([200, expect.not.stringContaining('"errors"')]);
  });
});

describe('pages', () => {
  const text = (profiles: number, events: number) =>
    `{ profiles(first: ${profiles}) { edges { node { events(first: ${events}) { edges { node { id } } } } } } }`;

  test('inside pages are refused before they are read when they may hold too much', async () => {
    expect(statusAndCode(await post('/graphql', { query: text(100, 20) }))).toEqual([200, undefined]);
    expect(statusAndCode(await post('/graphql', { query: text(100, 100) }))).toEqual([
      400,
      'OPERATION_TOO_COMPLEX',
    ]);
  });
});

test('a name that is slow to normalise is refused in less than 300 ms', async () => {
  const name = `a${'\u0301\u0316'.repeat(150_000)}`;
  const variables = { input: { name, userId: 'ada' } };
  const query = 'mutation ($input: TrackEventInput!) { trackEvent(input: $input) { status } }';
  for (const ask of [
    () => post('/graphql', { query, variables }),
    () => post('/event/ingest', { name, userId: 'ada' }),
  ]) {
    const answer = await quickestOf(ask);
    expect(statusAndCode(answer)).toEqual([400, 'BAD_USER_INPUT']);
    expect(answer.durationMs).toBeLessThan(300);
  }
});
