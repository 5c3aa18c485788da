import type { OutgoingHttpHeaders } from 'node:http';
import { networkInterfaces } from 'node:os';
import { givenKey, startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson, sendHttp } from '../support/http';

let app: TestApp;

async function seenAs(headers: OutgoingHttpHeaders): Promise<string> {
  const { text } = await postJson(
    `${app.url}/graphql`,
    { query: '{ viewer { clientIp } }' },
    { bearer: app.readWriteKey, headers },
  );
  return (JSON.parse(text) as { data: { viewer: { clientIp: string } } }).data.viewer.clientIp;
}

const forwarded = (...values: string[]): OutgoingHttpHeaders => ({ 'x-forwarded-for': values });

describe('behind trusted proxies', () => {
  beforeAll(async () => {
    app = await startTestApp({ settings: { TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8, 2001:db8:ffff::/48' } });
  });
  afterAll(() => app.close());

  test.each([
    [['192.0.2.7'], '192.0.2.7', 'one proxy'],
    [['198.51.100.1, 192.0.2.7'], '192.0.2.7', 'what stands left of the caller is invented'],
    [['198.51.100.1,192.0.2.7,10.0.0.1,10.255.255.254'], '192.0.2.7', 'several proxies'],
    [['  192.0.2.7\t,  10.0.0.1 '], '192.0.2.7', 'white space'],
    [['10.0.0.9, 10.0.0.1'], '10.0.0.9', 'proxies all the way'],
    [['no address, 192.0.2.7'], '192.0.2.7', 'rubbish that decides nothing'],
    [['2001:DB8::0:1'], '2001:db8::1', 'IPv6'],
    [['192.0.2.7, 2001:db8:ffff::1'], '192.0.2.7', 'an IPv6 proxy'],
    [['::ffff:192.0.2.7'], '192.0.2.7', 'IPv4 in IPv6'],
    [['192.0.2.7, ::ffff:10.0.0.1'], '192.0.2.7', 'a proxy as IPv4 in IPv6'],
    [['198.51.100.1', '192.0.2.7'], '192.0.2.7', 'the header twice'],
    [['no address'], 'unknown', 'a word'],
    [['192.0.2.7, no address'], 'unknown', 'a word that decides'],
    [['192.0.2.7, unknown, 10.0.0.1'], 'unknown', 'a word behind a proxy'],
    [['192.0.2.7:4711'], 'unknown', 'a port'],
    [['[2001:db8::1]'], 'unknown', 'brackets'],
    [['192.0.2.07'], 'unknown', 'an octal number'],
    [['0xC0000207'], 'unknown', 'a hexadecimal number'],
    [['3221226247'], 'unknown', 'a whole number'],
    [['192.0.519'], 'unknown', 'a short form'],
    [['fe80::1%eth0'], 'unknown', 'a zone'],
    [['192.0.2.7,'], 'unknown', 'nothing behind a comma'],
    [[''], 'unknown', 'nothing'],
    [["192.0.2.7' or 1=1"], 'unknown', 'SQL'],
  ])('X-Forwarded-For %j is seen as %s (%s)', async (values, address) => {
    expect(await seenAs(forwarded(...values))).toBe(address);
  });

  test('without the header the proxy itself is the caller', async () => {
    expect(await seenAs({})).toBe('127.0.0.1');
  });

  test.each([
    'x-real-ip',
    'x-client-ip',
    'true-client-ip',
    'cf-connecting-ip',
    'x-cluster-client-ip',
    'x-forwarded',
    'x-original-forwarded-for',
  ])('the header %s is not believed', async (name) => {
    expect(await seenAs({ [name]: '192.0.2.7' })).toBe('127.0.0.1');
  });

  test('the header Forwarded is not believed', async () => {
    expect(await seenAs({ forwarded: 'for=192.0.2.7;proto=https' })).toBe('127.0.0.1');
  });

  test('a key that is tied to ranges is refused on every door when its caller cannot be told', async () => {
    const { secret: bearer } = await givenKey(app, app.session, {
      kind: 'READ_WRITE',
      ipRanges: [{ range: '192.0.2.0/24' }],
    });
    const url = (path: string): string => `${app.url}${path}`;
    const callAll = (headers: OutgoingHttpHeaders) =>
      Promise.all([
        postJson(url('/graphql'), { query: '{ viewer { clientIp } }' }, { bearer, headers }),
        postJson(url('/event/ingest'), { name: 'a', userId: 'b' }, { bearer, headers }),
        postJson(url('/event/ingest/batch'), { events: [] }, { bearer, headers }),
        sendHttp(url('/profile/nobody'), { headers: { ...headers, authorization: `Bearer ${bearer}` } }),
      ]);
    for (const [value, clientIp] of [
      ['192.0.2.7, no address', 'unknown'],
      ['198.51.100.1', '198.51.100.1'],
      ['192.0.2.7, ::ffff:198.51.100.1', '198.51.100.1'],
    ] as const) {
      for (const answer of await callAll(forwarded(value))) {
        expect([answer.status, codeOf(answer)]).toEqual([403, 'IP_NOT_ALLOWED']);
        const { error, errors } = JSON.parse(answer.text) as {
          error?: object;
          errors?: { extensions: object }[];
        };
        expect(error ?? errors?.[0]?.extensions).toMatchObject({ clientIp });
        expect(answer.text).not.toContain('192.0.2.0');
      }
    }
    for (const answer of await callAll(forwarded('192.0.2.255'))) expect(answer.status).not.toBe(403);
  });

  test('an address is refused to the holder of the secret only', async () => {
    const { secret } = await givenKey(app, app.session, {
      kind: 'READ_WRITE',
      ipRanges: [{ range: '192.0.2.0/24' }],
    });
    const guess = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0');
    const answer = await postJson(
      `${app.url}/event/ingest`,
      {},
      { bearer: guess, headers: forwarded('198.51.100.1') },
    );
    expect([answer.status, codeOf(answer)]).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe.each([
  ['no trusted proxy', {}],
  ['trusted proxies elsewhere', { TRUSTED_PROXIES: '10.0.0.0/8,::1' }],
])('with %s', (_what, settings) => {
  beforeAll(async () => {
    app = await startTestApp({ settings });
  });
  afterAll(() => app.close());

  test('nothing that the caller writes is believed', async () => {
    expect(await seenAs({})).toBe('127.0.0.1');
    expect(await seenAs(forwarded('192.0.2.7'))).toBe('127.0.0.1');
    expect(await seenAs(forwarded('no address'))).toBe('127.0.0.1');
    expect(await seenAs(forwarded('192.0.2.7, 10.0.0.1'))).toBe('127.0.0.1');
  });

  test('a key that is tied to the address of the peer works from there only', async () => {
    const here = await givenKey(app, app.session, {
      kind: 'READ_WRITE',
      ipRanges: [{ range: '127.0.0.0/8' }],
    });
    const elsewhere = await givenKey(app, app.session, {
      kind: 'READ_WRITE',
      ipRanges: [{ range: '192.0.2.7' }],
    });
    const send = (bearer: string) =>
      postJson(
        `${app.url}/event/ingest`,
        { name: 'a', userId: 'b' },
        { bearer, headers: forwarded('192.0.2.7') },
      );
    expect((await send(here.secret)).status).toBe(204);
    expect(codeOf(await send(elsewhere.secret))).toBe('IP_NOT_ALLOWED');
  });
});

/** Some containers have no IPv6 at all. */
const describeWithIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)
  ? describe
  : describe.skip;

describeWithIpv6('on a socket of IPv6 that also takes IPv4', () => {
  beforeAll(async () => {
    app = await startTestApp({ settings: { HOST: '::', TRUSTED_PROXIES: '127.0.0.1' } });
  });
  afterAll(() => app.close());

  test('an IPv4 peer is IPv4: it is seen so, matches its range and is trusted as itself', async () => {
    const url = app.url.replace('[::1]', '127.0.0.1');
    const { secret: bearer } = await givenKey(app, app.session, {
      kind: 'READ_WRITE',
      ipRanges: [{ range: '127.0.0.1' }],
    });
    const ask = async (headers: OutgoingHttpHeaders) =>
      (await postJson(`${url}/graphql`, { query: '{ viewer { clientIp } }' }, { bearer, headers })).text;
    expect(await ask({})).toContain('"clientIp":"127.0.0.1"');
    expect(await ask(forwarded('192.0.2.7'))).toContain('"clientIp":"192.0.2.7"');
  });

  test('an IPv6 peer is no IPv4 and not trusted as one', async () => {
    expect(await seenAs(forwarded('192.0.2.7'))).toBe('::1');
  });
});
