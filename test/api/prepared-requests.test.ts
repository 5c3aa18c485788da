import { print } from 'graphql';
import { startTestApp, type TestApp } from '../support/app';
import * as operations from '../support/operations';

/** Apollo negotiates media types; only plain wishes are answered without it. Both of these mean the same. */
const THROUGH_APOLLO = 'application/json, text/nothing;q=0.1';
const WITHOUT_APOLLO = '*/*';

const DOCUMENTS = Object.entries(operations).flatMap(([name, document]) =>
  typeof document === 'object' && name.endsWith('Document') && 'definitions' in document
    ? [[name, print(document as never)] as const]
    : [],
);

/** Right, wrong and odd variables for all documents alike: most do not fit, and that has to be told in the same words. */
const VARIABLES: object[] = [
  {},
  { input: null },
  { input: { name: 'differential', userId: 'ada', messageId: 'same' } },
  { input: { events: [{ name: 'differential', userId: 'ada', messageId: 'same' }, { name: 'no id' }] } },
  { input: { name: 5, unknown: true } },
  { input: { userId: 'ada', properties: { plan: 'pro' } } },
  { input: { key: { userId: 'nobody' } } },
  { input: { keyId: '00000000-0000-7000-8000-000000000000', name: 'x', mode: 'ANYWHERE' } },
  { key: { userId: 'ada' }, first: 2 },
  { key: { userId: 'ada', anonymousId: 'a' }, first: 1000 },
  { first: 'two', after: 'nonsense', names: ['a\0'] },
  { includeRevoked: true },
];

const TEXTS = [
  '{ viewer { scopes } }',
  '{ __typename }',
  '{ a: viewer { scopes } b: viewer { clientIp } apiSettings { integrationKeys { id } } }',
  'query A { __typename } query B { viewer { scopes } }',
  '{ __schema { queryType { name } } }',
  '{ nonsense }',
  'mutation { trackEvent(input: { name: "x y", userId: "ada" }) { status } }',
  'query ($first: Int = 3) { profiles(first: $first) { edges { node { userId } } } }',
];

describe('a repeated document', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ settings: { FAILED_SIGN_INS_PER_MINUTE: '100000' } });
    await post(
      { query: 'mutation { trackEvent(input: { name: "x", userId: "ada", messageId: "same" }) { status } }' },
      { accept: WITHOUT_APOLLO, credential: app.writeOnlyKey },
    );
  });
  afterAll(() => app.close());

  test('is answered as Apollo answers it, whatever it holds and whoever asks', async () => {
    const credentials = [app.writeOnlyKey, app.readWriteKey, app.session, 'fg_wo_nonsense', null];
    const differences: unknown[] = [];
    let count = 0;
    for (const [name, query] of [...DOCUMENTS, ...TEXTS.map((text) => [text, text] as const)]) {
      // It ends the session of the others.
      if (name === 'SignOutDocument') continue;
      for (const credential of credentials) {
        for (const variables of VARIABLES) {
          const request = { query, variables, ...(query.includes('query B') && { operationName: 'B' }) };
          const apollo = await post(request, { accept: THROUGH_APOLLO, credential });
          const prepared = await post(request, { accept: WITHOUT_APOLLO, credential });
          count += 1;
          if (JSON.stringify(apollo) !== JSON.stringify(prepared))
            differences.push({ name, variables, apollo, prepared });
        }
      }
    }
    expect(differences.slice(0, 3)).toEqual([]);
    expect(count).toBeGreaterThan(1_000);
  }, 120_000);

  test.each([
    [{ variables: [] }],
    [{ variables: 'text' }],
    [{ operationName: 5 }],
    [{ operationName: 'Nobody' }],
    [{ operationName: '' }],
    [{ extensions: {} }],
    [{ variables: null, operationName: null }],
    [{ unknown: 1 }],
  ])('with %j beside it is answered as Apollo answers it', async (odd) => {
    const request = { query: '{ viewer { scopes } }', ...odd };
    const credential = app.readWriteKey;
    expect(await post(request, { accept: WITHOUT_APOLLO, credential })).toEqual(
      await post(request, { accept: THROUGH_APOLLO, credential }),
    );
  });

  /** Without what differs between any two requests: ids, times and secrets that are made for each. */
  async function post(
    body: object,
    { accept, credential }: { accept: string; credential: string | null },
  ): Promise<{ status: number; headers: [string, string][]; text: string }> {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept,
        ...(credential !== null && { authorization: `Bearer ${credential}` }),
      },
      body: JSON.stringify(body),
    });
    const text = (await response.text())
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}/g, '<id>')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
      .replace(/fg_[a-z]{2}_…?\w+/g, '<secret>')
      .replace(/"(cursor|startCursor|endCursor)":"[^"]*"/g, '"$1":"<cursor>"')
      .replace(/"count":\d+/g, '"count":<count>');
    const own = new Set(['date', 'x-request-id', 'content-length', 'keep-alive']);
    return {
      status: response.status,
      headers: [...response.headers].filter(([name]) => !own.has(name)),
      text,
    };
  }
});
