import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/lib/uuid';
import { givenKey, startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson, type HttpAnswer } from '../support/http';

const LIMIT = 5;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({
    settings: { RATE_LIMIT_PER_SECOND: String(LIMIT), TRUSTED_PROXIES: '127.0.0.1' },
  });
});
afterAll(() => app.close());

type Call = (bearer: string) => Promise<HttpAnswer>;

const byGraphQL: Call = (bearer) =>
  postJson(`${app.url}/graphql`, { query: '{ viewer { clientIp } }' }, { bearer });
const byRest: Call = (bearer) => postJson(`${app.url}/event/ingest`, { name: 'a', userId: 'b' }, { bearer });

/** Answers of calls that all arrived within one second, of a key that was silent before. */
async function inOneSecond(calls: Call[], bearer: string): Promise<HttpAnswer[]> {
  for (let tries = 0; tries < 5; tries += 1) {
    await sleep(1_100);
    const startedAtMs = performance.now();
    const answers = await Promise.all(calls.map((call) => call(bearer)));
    if (performance.now() - startedAtMs < 900) return answers;
  }
  throw new Error('This machine is too slow to exceed a rate.');
}

function countRefused(answers: HttpAnswer[]): number {
  return answers.filter(({ status }) => status === 429).length;
}

test.each([
  ['GraphQL', Array<Call>(8).fill(byGraphQL)],
  ['REST', Array<Call>(8).fill(byRest)],
  ['both doors together', [...Array<Call>(4).fill(byRest), ...Array<Call>(4).fill(byGraphQL)]],
])('the sixth request in a second is refused on %s', async (_what, calls) => {
  const answers = await inOneSecond(calls, app.writeOnlyKey);
  expect(countRefused(answers)).toBe(calls.length - LIMIT);
  for (const answer of answers.filter(({ status }) => status === 429)) {
    expect(codeOf(answer)).toBe('RATE_LIMITED');
    expect(answer.headers).toMatchObject({
      'retry-after': '1',
      ratelimit: '"key";r=0;t=1',
      'ratelimit-policy': `"key";q=${LIMIT};w=1`,
    });
  }
});

test('a refused request does nothing', async () => {
  const refused: string[] = [];
  const track: Call = async (bearer) => {
    const name = newId();
    const answer = await postJson(`${app.url}/event/ingest`, { name, userId: 'b' }, { bearer });
    if (answer.status === 429) refused.push(name);
    return answer;
  };
  await inOneSecond(Array<Call>(8).fill(track), app.writeOnlyKey);
  expect(refused.length).toBeGreaterThanOrEqual(8 - LIMIT);
  expect(await app.sql(`select from event where name in ('${refused.join("','")}')`)).toEqual([]);
});

test('other keys and sessions go on', async () => {
  const { secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY' });
  await inOneSecond(Array<Call>(8).fill(byRest), app.writeOnlyKey);
  expect((await byRest(secret)).status).toBe(204);
  expect(countRefused(await Promise.all(Array.from({ length: 12 }, () => byGraphQL(app.session))))).toBe(0);
});

test('after the second the key goes on', async () => {
  const answers = await inOneSecond(Array<Call>(8).fill(byRest), app.writeOnlyKey);
  expect(countRefused(answers)).toBe(3);
  await sleep(1_100);
  expect((await byRest(app.writeOnlyKey)).status).toBe(204);
});

test('a public key cannot be used up from addresses that it may not be used from', async () => {
  const { secret } = await givenKey(app, app.session, {
    kind: 'WRITE_ONLY',
    ipRanges: [{ range: '192.0.2.7' }],
  });
  const from =
    (address: string): Call =>
    (bearer) =>
      postJson(
        `${app.url}/event/ingest`,
        { name: 'a', userId: 'b' },
        { bearer, headers: { 'x-forwarded-for': address } },
      );
  const answers = await inOneSecond(
    [...Array<Call>(20).fill(from('198.51.100.1')), ...Array<Call>(LIMIT).fill(from('192.0.2.7'))],
    secret,
  );
  expect(answers.map(({ status }) => status)).toEqual([
    ...Array<number>(20).fill(403),
    ...Array<number>(LIMIT).fill(204),
  ]);
});
