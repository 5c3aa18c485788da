import type { OutgoingHttpHeaders } from 'node:http';
import { givenKey, startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson, sendHttp, type HttpAnswer } from '../support/http';

const QUERY = { query: '{ viewer { credentialKind } }' };
const EVENT = { name: 'page_view', userId: 'ada' };

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** The same call on every door. */
function callAll(bearer: string, headers: OutgoingHttpHeaders): Promise<HttpAnswer[]> {
  const search = new URLSearchParams(QUERY).toString();
  const withKey = { authorization: `Bearer ${bearer}`, ...headers };
  return Promise.all([
    postJson(`${app.url}/graphql`, QUERY, { bearer, headers }),
    sendHttp(`${app.url}/graphql?${search}`, { headers: { ...withKey, 'apollo-require-preflight': '1' } }),
    postJson(`${app.url}/event/ingest`, EVENT, { bearer, headers }),
    postJson(`${app.url}/event/ingest/batch`, { events: [EVENT] }, { bearer, headers }),
    postJson(`${app.url}/profile`, { userId: 'ada' }, { bearer, headers }),
    sendHttp(`${app.url}/profile/nobody`, { headers: withKey }),
    sendHttp(`${app.url}/profile/nobody`, { method: 'DELETE', headers: withKey }),
  ]);
}

test.each([
  ['a page of another origin', { origin: 'https://shop.example' }],
  ['a page without an origin', { origin: 'null' }],
  ['a page of our own origin', { origin: 'http://fluxgate.example', host: 'fluxgate.example' }],
  ['a GET of a page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }],
  ['a page of the same site', { 'sec-fetch-site': 'same-site' }],
  ['an address bar', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
  ['an image', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
])('a read & write key that is sent by %s is refused on every door', async (_what, headers) => {
  for (const answer of await callAll(app.readWriteKey, headers)) {
    expect([answer.status, codeOf(answer)]).toEqual([403, 'BROWSER_NOT_ALLOWED']);
  }
});

test.each([
  ['a back end', {}],
  ["Node's own fetch", { 'sec-fetch-mode': 'cors', 'user-agent': 'node', 'accept-language': '*' }],
  ['a proxy that adds a referrer', { referer: 'https://shop.example/' }],
])('a read & write key that is sent by %s is let through on every door', async (_what, headers) => {
  const statuses = (await callAll(app.readWriteKey, headers)).map(({ status }) => status);
  expect(statuses).toEqual([200, 200, 204, 200, 204, 404, 200]);
});

test("Node's own fetch is let through, whatever headers it adds", async () => {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${app.readWriteKey}` },
    body: JSON.stringify(QUERY),
  });
  expect([response.status, await response.json()]).toEqual([
    200,
    { data: { viewer: { credentialKind: 'READ_WRITE_KEY' } } },
  ]);
});

test('a write-only key and a session may be sent by pages', async () => {
  const headers = {
    origin: 'https://shop.example',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'cors',
  };
  for (const bearer of [app.writeOnlyKey, app.session]) {
    const answer = await postJson(`${app.url}/event/ingest`, EVENT, { bearer, headers });
    expect(answer.status).toBe(204);
  }
});

test('only the holder of a key that may be used from here learns of it', async () => {
  const { secret } = await givenKey(app, app.session, {
    kind: 'READ_WRITE',
    ipRanges: [{ range: '192.0.2.1' }],
  });
  const headers = { origin: 'https://shop.example' };
  for (const answer of await callAll(secret, headers)) expect(codeOf(answer)).toBe('IP_NOT_ALLOWED');
  const unknown = `${app.readWriteKey.slice(0, -1)}${app.readWriteKey.endsWith('0') ? '1' : '0'}`;
  for (const answer of await callAll(unknown, headers)) expect(codeOf(answer)).toBe('UNAUTHENTICATED');
});
