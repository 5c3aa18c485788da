import { startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson } from '../support/http';

const FROM_BROWSERS: Record<string, Record<string, string>> = {
  'a page of another site': {
    origin: 'https://shop.example',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'cors',
  },
  'a page of an old browser': { origin: 'https://shop.example' },
  'a sandboxed frame': { origin: 'null', 'sec-fetch-site': 'cross-site' },
  'a GET of a same-origin page': { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
  'a no-cors request': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
};

describe('a secret key', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const ask = (bearer: string, headers: Record<string, string>) =>
    postJson(`${app.url}/graphql`, { query: '{ viewer { scopes } }' }, { bearer, headers });

  test.each(Object.entries(FROM_BROWSERS))('is refused from %s', async (_what, headers) => {
    const answer = await ask(app.readWriteKey, headers);
    expect([answer.status, codeOf(answer)]).toEqual([403, 'BROWSER_NOT_ALLOWED']);
  });

  test('is refused from a browser at the REST doors too', async () => {
    const headers = { origin: 'https://shop.example' };
    const answer = await postJson(
      `${app.url}/event/ingest`,
      { userId: 'a', name: 'x' },
      { bearer: app.readWriteKey, headers },
    );
    expect([answer.status, codeOf(answer)]).toEqual([403, 'BROWSER_NOT_ALLOWED']);
    expect(await app.sql('select 1 from event')).toEqual([]);
  });

  test("is let in from Node's own fetch, which sends Sec-Fetch-Mode alone", async () => {
    const { status } = await app.sendText('{ viewer { scopes } }', {}, { bearer: app.readWriteKey });
    expect(status).toBe(200);
    expect((await ask(app.readWriteKey, { 'sec-fetch-mode': 'cors' })).status).toBe(200);
  });
});

test.each(Object.entries(FROM_BROWSERS))('a write-only key may be used from %s', async (_what, headers) => {
  const app = await startTestApp();
  const body = { query: 'mutation { trackEvent(input: { name: "x", userId: "a" }) { status } }' };
  const { status } = await postJson(`${app.url}/graphql`, body, { bearer: app.writeOnlyKey, headers });
  await app.close();
  expect(status).toBe(200);
});
