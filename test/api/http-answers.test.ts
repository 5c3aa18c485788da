import { startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson, sendBytes, sendHttp, type HttpAnswer } from '../support/http';

/** The id of the process, and the number of the request. */
const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}-\d+$/;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const to = (path: string): string => `${app.url}${path}`;

/** JSON, with a request id, not to be kept by anybody. */
function expectRefusal(answer: HttpAnswer, status: number, code: string): void {
  expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  expect(answer.headers).toMatchObject({
    'content-type': expect.stringMatching(/^application\/json; charset=utf-8$/),
    'x-request-id': expect.stringMatching(REQUEST_ID),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
}

describe('a path', () => {
  test.each([
    '/',
    '/nothing',
    '/graphql/',
    '//graphql',
    '/event',
    '/event/ingest/',
    '/profile/a/b',
    '/../etc/passwd',
    '/favicon.ico',
  ])('%s that is not there is 404 for every method', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE', 'PUT']) {
      const answer = await sendHttp(to(path), {
        method,
        headers: { 'content-type': 'application/json' },
        body: method === 'GET' ? '' : '{}',
      });
      expectRefusal(answer, 404, 'NOT_FOUND');
      const { error } = JSON.parse(answer.text) as { error: object };
      expect(error).toEqual({
        code: 'NOT_FOUND',
        message: expect.any(String),
        requestId: answer.headers['x-request-id'],
      });
    }
  });

  test.each([
    ['/graphql', 'GET, POST, OPTIONS', ['PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE']],
    ['/event/ingest', 'POST, OPTIONS', ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE']],
    ['/event/ingest/batch', 'POST, OPTIONS', ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE']],
    ['/profile', 'POST, OPTIONS', ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE']],
    ['/profile/ada', 'GET, DELETE, OPTIONS', ['POST', 'PUT', 'PATCH', 'HEAD', 'TRACE']],
    ['/healthz', 'GET, HEAD, OPTIONS', ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']],
    ['/readyz', 'GET, HEAD, OPTIONS', ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']],
  ])(
    '%s takes %s and answers 405 to every other method, whatever its body is',
    async (path, allow, methods) => {
      for (const method of methods) {
        const hasBody = !['GET', 'HEAD', 'TRACE'].includes(method);
        const answer = await sendHttp(to(path), {
          method,
          ...(hasBody && { headers: { 'content-type': 'text/xml' }, body: '<a/>' }),
        });
        expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allow]);
        if (method === 'HEAD') expect(answer.text).toBe('');
        else expectRefusal(answer, 405, 'BAD_USER_INPUT');
      }
      const preflight = await sendHttp(to(path), { method: 'OPTIONS' });
      expect([preflight.status, preflight.headers.allow]).toEqual([204, allow]);
    },
  );

  test.each(['/%zz', '/profile/%zz', '/profile/%', '/event/%c0%af'])(
    '%s that is malformed is 400',
    async (path) => {
      expectRefusal(await sendHttp(to(path)), 400, 'BAD_USER_INPUT');
    },
  );

  test('whose parameter is longer than any id is 414', async () => {
    expectRefusal(await sendHttp(to(`/profile/${'x'.repeat(4_000)}`)), 414, 'BAD_USER_INPUT');
  });

  test('/healthz and /readyz are asked by GET or by HEAD, without a credential', async () => {
    expect((await sendHttp(to('/healthz'))).text).toBe('{"status":"ok"}');
    expect((await sendHttp(to('/readyz'))).text).toBe('{"status":"ready"}');
    expect(await sendHttp(to('/healthz'), { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(await sendHttp(to('/readyz'), { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });
});

describe('a body', () => {
  const PATHS = ['/graphql', '/event/ingest', '/event/ingest/batch', '/profile'];

  test.each([
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/graphql',
    'text/json',
    ';;',
    '',
  ])('of the media type %j is 415', async (type) => {
    for (const path of PATHS) {
      const answer = await postJson(
        to(path),
        { query: '{ viewer { clientIp } }' },
        { bearer: app.session, headers: { 'content-type': type } },
      );
      expectRefusal(answer, 415, 'BAD_USER_INPUT');
    }
  });

  test.each([
    ['that is empty', ''],
    ['of white space', ' \n'],
    ['that is not JSON', '{"query":'],
    ['with something behind the JSON', '{} x'],
    ['with a byte order mark', '\ufeff{}'],
    ['that is text', '"text"'],
    ['that is null', 'null'],
    ['that is a number', '7'],
    ['that is a list', '[1]'],
  ])('%s is 400', async (_what, body) => {
    for (const path of PATHS) {
      expectRefusal(await postJson(to(path), body, { bearer: app.session }), 400, 'BAD_USER_INPUT');
    }
  });

  test('that is not UTF-8 is 400 and not repaired', async () => {
    const broken = Buffer.from('{"name":"broken","userId":"\xff"}', 'latin1');
    expectRefusal(
      await postJson(to('/event/ingest'), broken, { bearer: app.session }),
      400,
      'BAD_USER_INPUT',
    );
    expect(await app.sql(`select from event where name = 'broken'`)).toEqual([]);
  });

  test.each(PATHS)('that is missing on %s is 400', async (path) => {
    const answer = await sendHttp(to(path), {
      method: 'POST',
      headers: { authorization: `Bearer ${app.session}` },
    });
    expectRefusal(answer, 400, 'BAD_USER_INPUT');
  });

  test('is looked at after the credential on REST', async () => {
    for (const path of ['/event/ingest', '/event/ingest/batch', '/profile']) {
      expectRefusal(await postJson(to(path), 'no JSON'), 401, 'UNAUTHENTICATED');
    }
  });

  test.each([
    ['an empty object', {}],
    ['a query that is no text', { query: 1 }],
    ['a query of null', { query: null }],
    ['variables that are text', { query: '{ viewer { clientIp } }', variables: '{}' }],
    ['variables that are a list', { query: '{ viewer { clientIp } }', variables: [] }],
    ['an operationName that is no text', { query: '{ viewer { clientIp } }', operationName: 1 }],
    ['extensions that are no object', { query: '{ viewer { clientIp } }', extensions: 1 }],
    [
      'a persisted query',
      { query: '{ viewer { clientIp } }', extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } },
    ],
    ['only a persisted query', { extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } }],
  ])('with %s is no GraphQL request', async (_what, body) => {
    for (const accept of ['application/json', 'application/graphql-response+json', '*/*']) {
      const answer = await postJson(to('/graphql'), body, { bearer: app.session, headers: { accept } });
      expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_USER_INPUT']);
    }
  });

  test('that is GraphQL is answered in the media type that was asked for, with the status of the refusal', async () => {
    const ask = (query: string, accept: string) =>
      postJson(to('/graphql'), { query }, { bearer: app.writeOnlyKey, headers: { accept } });
    for (const [accept, type] of [
      ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
      ['application/json', 'application/json; charset=utf-8'],
    ] as const) {
      expect(await ask('{ viewer { clientIp } }', accept)).toMatchObject({
        status: 200,
        headers: { 'content-type': type },
      });
      expect(await ask('{ apiSettings { workspace { id } } }', accept)).toMatchObject({
        status: 403,
        headers: { 'content-type': type },
      });
      expect(await ask('{ nothing }', accept)).toMatchObject({
        status: 400,
        headers: { 'content-type': type },
      });
    }
    const answer = await ask('{ viewer { clientIp } }', 'text/html');
    expectRefusal(answer, 406, 'BAD_USER_INPUT');
  });
});

describe('GraphQL over GET', () => {
  const get = (
    parameters: Record<string, string>,
    headers: Record<string, string> = { 'apollo-require-preflight': '1' },
  ) =>
    sendHttp(to(`/graphql?${new URLSearchParams(parameters).toString()}`), {
      headers: { authorization: `Bearer ${app.session}`, ...headers },
    });

  test('runs queries', async () => {
    const query = 'query A($skip: Boolean!) { viewer { clientIp @skip(if: $skip) credentialKind } }';
    const answer = await get({ query, variables: '{"skip":true}', operationName: 'A' });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      { data: { viewer: { credentialKind: 'SESSION' } } },
    ]);
  });

  test('refuses mutations with 405 and runs none of them', async () => {
    const fields = 'trackEvent(input: { name: "by_get", userId: "a" }) { status }';
    const mutations: Record<string, string>[] = [
      { query: `mutation { ${fields} }` },
      { query: `query A { __typename } mutation B { ${fields} }`, operationName: 'B' },
    ];
    for (const parameters of mutations) {
      const answer = await get(parameters);
      expectRefusal(answer, 405, 'BAD_USER_INPUT');
      expect(answer.headers.allow).toBe('POST');
    }
    expect(await app.sql(`select from event where name = 'by_get'`)).toEqual([]);
  });

  test.each([
    ['no query', {}],
    ['variables that are no JSON', { query: '{ __typename }', variables: 'canary' }],
    ['extensions that are no JSON', { query: '{ __typename }', extensions: 'canary' }],
    ['a persisted query', { extensions: '{"persistedQuery":{"version":1,"sha256Hash":"a"}}' }],
  ])('with %s is 400', async (_what, parameters) => {
    const answer = await get(parameters);
    expectRefusal(answer, 400, 'BAD_USER_INPUT');
    expect(answer.text).not.toContain('canary');
  });

  test('and POST without a body need a header that no page of another origin can send unasked', async () => {
    expectRefusal(await get({ query: '{ __typename }' }, {}), 400, 'BAD_USER_INPUT');
    expectRefusal(
      await get({ query: '{ __typename }' }, { 'content-type': 'text/plain' }),
      400,
      'BAD_USER_INPUT',
    );
    expect((await get({ query: '{ __typename }' }, { 'x-apollo-operation-name': 'A' })).status).toBe(200);
    expectRefusal(
      await sendHttp(to('/graphql?query={__typename}'), { method: 'POST' }),
      400,
      'BAD_USER_INPUT',
    );
  });

  test('does not read the query from the address of a POST', async () => {
    const answer = await postJson(to('/graphql?query={__typename}'), {}, { bearer: app.session });
    expectRefusal(answer, 400, 'BAD_USER_INPUT');
  });
});

describe('bytes that are not HTTP', () => {
  test.each([
    ['words', 'hello\r\n\r\n'],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['another version', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n'],
    [
      'two lengths',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a negative length', 'POST /event/ingest HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n'],
    [
      'a bad chunk',
      'POST /event/ingest HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    ],
    ['NUL in the path', 'GET /a\0b HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['a bare line feed in a header', 'GET / HTTP/1.1\r\nhost: x\r\na: b\0c\r\n\r\n'],
  ])('(%s) are answered by 400 in JSON, and the connection ends', async (_what, bytes) => {
    const [head = '', body = ''] = (await sendBytes(app.url, bytes)).split('\r\n\r\n');
    expect(head).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\nx-request-id: [0-9a-f-]{36}\r\ncontent-type: application\/json/,
    );
    expect(head).toContain(`content-length: ${body.length}`);
    expect(JSON.parse(body)).toMatchObject({
      error: { code: 'BAD_USER_INPUT', message: 'The request is not HTTP.' },
    });
  });

  test('headers that are too long are answered by 431 in JSON', async () => {
    const [head = '', body = ''] = (
      await sendBytes(app.url, `GET / HTTP/1.1\r\nhost: x\r\na: ${'b'.repeat(20_000)}\r\n\r\n`)
    ).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'BAD_USER_INPUT' } });
  });
});

test('no request id of the client is believed', async () => {
  const headers = { 'x-request-id': 'mine', 'request-id': 'mine' };
  const [one, other] = [
    await sendHttp(to('/nothing'), { headers }),
    await sendHttp(to('/nothing'), { headers }),
  ];
  expect(one.headers['x-request-id']).toMatch(REQUEST_ID);
  expect(other.headers['x-request-id']).not.toBe(one.headers['x-request-id']);
});
