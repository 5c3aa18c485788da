import { givenKey, startTestApp, type TestApp } from '../support/app';
import { postJson } from '../support/http';

const TEXT = '{ viewer { clientIp } }';

/** The tests come from 127.0.0.1: here it is a proxy. */
describe('behind a trusted proxy', () => {
  let app: TestApp;
  let key: string;
  beforeAll(async () => {
    app = await startTestApp({ settings: { TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/24' } });
    const ranges = [{ range: '203.0.113.0/24' }, { range: '2001:db8::/32' }];
    key = (await givenKey(app, app.session, { kind: 'READ_WRITE', ipRanges: ranges })).secret;
  });
  afterAll(() => app.close());

  const ask = async (headers: Record<string, string | string[]>, bearer = key) => {
    const { status, text } = await postJson(`${app.url}/graphql`, { query: TEXT }, { bearer, headers });
    return [status, text] as const;
  };

  test.each([
    ['its only address', '203.0.113.9', '203.0.113.9'],
    ['the rightmost address that is no proxy', '198.51.100.1, 203.0.113.9, 10.0.0.7', '203.0.113.9'],
    ['an IPv6 address', '2001:DB8:0::9', '2001:db8::9'],
    ['an IPv4 address written as IPv6', '::ffff:203.0.113.9', '203.0.113.9'],
  ])('the caller is %s', async (_what, forwardedFor, clientIp) => {
    expect(await ask({ 'x-forwarded-for': forwardedFor })).toEqual([
      200,
      `{"data":{"viewer":{"clientIp":"${clientIp}"}}}\n`,
    ]);
  });

  test('several headers count as one list', async () => {
    expect((await ask({ 'x-forwarded-for': ['198.51.100.1', '203.0.113.9'] }))[0]).toBe(200);
    expect((await ask({ 'x-forwarded-for': ['203.0.113.9', '198.51.100.1'] }))[0]).toBe(403);
  });

  test.each([
    ['an address that the client wrote left of its own', '203.0.113.9, 198.51.100.1', '198.51.100.1'],
    ['no address at all', 'unknown', 'unknown'],
    ['an address with a port', '203.0.113.9:443', 'unknown'],
    ['an octal address', '0313.0.113.9', 'unknown'],
    ['an address with a zone', 'fe80::1%eth0', 'unknown'],
    ['proxies only', '10.0.0.7', '10.0.0.7'],
  ])('a key for certain places is refused for %s', async (_what, forwardedFor, clientIp) => {
    const [status, text] = await ask({ 'x-forwarded-for': forwardedFor });
    expect([status, text]).toEqual([
      403,
      expect.stringContaining(`"code":"IP_NOT_ALLOWED","clientIp":"${clientIp}"`),
    ]);
  });

  test('an address that cannot be told does not keep out a key for everywhere', async () => {
    const [status, text] = await ask({ 'x-forwarded-for': 'unknown' }, app.readWriteKey);
    expect([status, text]).toEqual([200, expect.stringContaining('"clientIp":"unknown"')]);
  });

  test.each(['x-real-ip', 'forwarded', 'cf-connecting-ip', 'true-client-ip', 'x-client-ip'])(
    'the header %s is not believed',
    async (name) => {
      const value = name === 'forwarded' ? 'for=203.0.113.9' : '203.0.113.9';
      expect((await ask({ [name]: value }))[0]).toBe(403);
    },
  );

  test('a key with a wrong address learns nothing before its secret is right', async () => {
    const [status, text] = await ask({ 'x-forwarded-for': '198.51.100.1' }, `${key.slice(0, -1)}_`);
    expect([status, text]).toEqual([401, expect.not.stringContaining('clientIp')]);
  });
});

describe('without a trusted proxy', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  test('X-Forwarded-For is not believed', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    const { text } = await postJson(
      `${app.url}/graphql`,
      { query: TEXT },
      { bearer: app.readWriteKey, headers },
    );
    expect(text).toBe('{"data":{"viewer":{"clientIp":"127.0.0.1"}}}\n');
  });
});
