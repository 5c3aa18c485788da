import { givenKey, givenMember, startTestApp, type TestApp } from '../support/app';
import { EventDefinitionsDocument, EventsDocument, TrackEventDocument } from '../support/operations';

describe('trackEvent', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const track = (input: Record<string, unknown>, bearer = app.writeOnlyKey) =>
    app.send(TrackEventDocument, { input: input as never }, { bearer });
  const countStored = async (where: string) =>
    Number((await app.sql<{ count: string }>(`select count(*) from event where ${where}`))[0]?.count);

  test('stores everything that was sent, and answers after it is stored', async () => {
    const input = {
      name: 'order_placed',
      userId: 'ada',
      anonymousId: 'phone-1',
      externalId: 'crm-1',
      sessionId: 'visit-1',
      timestamp: '2026-11-24T07:00:00.123+01:00',
      properties: { total: 12.5, items: ['a', { b: null }], ok: true, text: 'é\n"\\u0000 🙂' },
      context: { device: { os: 'linux' } },
      messageId: 'order-1',
    };
    const { data } = await track(input);
    expect(data).toEqual({ trackEvent: { messageId: 'order-1', status: 'ACCEPTED' } });
    const { events } = await app.get(
      EventsDocument,
      { names: ['order_placed'] },
      { bearer: app.readWriteKey },
    );
    expect(events.edges.map(({ node }) => node)).toEqual([
      {
        ...input,
        id: expect.any(String),
        timestamp: '2026-11-24T06:00:00.123Z',
        receivedAt: expect.stringMatching(/^2\d{3}-.*Z$/),
      },
    ]);
  });

  test('keeps the first event of a message id and calls a repeat a duplicate', async () => {
    const first = await track({ name: 'first', userId: 'bob', messageId: 'm-1' });
    const second = await track({ name: 'second', userId: 'bob', messageId: 'm-1' });
    expect([first.data?.trackEvent.status, second.data?.trackEvent.status]).toEqual([
      'ACCEPTED',
      'DUPLICATE',
    ]);
    expect(await countStored(`message_id = 'm-1'`)).toBe(1);
  });

  test('derives the message id from the content when a timestamp is sent, whatever the order of the keys', async () => {
    const event = { name: 'derived', userId: 'bob', timestamp: '2026-11-24T06:00:00Z' };
    const first = await track({ ...event, properties: { a: 1, b: { c: 2, d: 3 } } });
    const again = await track({ ...event, properties: { b: { d: 3, c: 2 }, a: 1 } });
    const other = await track({ ...event, properties: { a: 2 } });
    expect(again.data?.trackEvent).toEqual({
      messageId: first.data?.trackEvent.messageId,
      status: 'DUPLICATE',
    });
    expect(other.data?.trackEvent.status).toBe('ACCEPTED');
  });

  test('takes each sending without message id and timestamp for a new event', async () => {
    await track({ name: 'twice', userId: 'bob' });
    await track({ name: 'twice', userId: 'bob' });
    expect(await countStored(`name = 'twice'`)).toBe(2);
  });

  test('stores one event for fifty parallel sendings of one message id', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => track({ name: 'race', userId: 'bob', messageId: 'race-1' })),
    );
    const statuses = answers.map(({ data }) => data?.trackEvent.status);
    expect(statuses.filter((status) => status === 'ACCEPTED')).toHaveLength(1);
    expect(statuses.filter((status) => status === 'DUPLICATE')).toHaveLength(49);
    expect(await countStored(`message_id = 'race-1'`)).toBe(1);
  });

  test('keeps message ids of two workspaces apart', async () => {
    const other = await givenMember(app, { role: 'OWNER' });
    await track({ name: 'apart', userId: 'bob', messageId: 'apart-1' });
    const { data } = await track({ name: 'apart', userId: 'bob', messageId: 'apart-1' }, other.session);
    expect(data?.trackEvent.status).toBe('ACCEPTED');
  });

  const DEEP = JSON.parse('{"a":'.repeat(33) + '1' + '}'.repeat(33)) as object;
  const WIDE = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`k${index}`, 1]));
  const nextWeek = new Date(Date.now() + 7 * 86_400_000).toISOString();
  test.each([
    ['no id', { userId: null }, ['input']],
    ['an empty name', { name: '' }, ['input', 'name']],
    ['a name with white space', { name: 'page view' }, ['input', 'name']],
    ['a name with a control character', { name: 'page\u0007view' }, ['input', 'name']],
    ['a name of 201 characters', { name: 'x'.repeat(201) }, ['input', 'name']],
    ['a name with half a surrogate pair', { name: 'a\ud800' }, ['input', 'name']],
    ['an empty id', { userId: '' }, ['input', 'userId']],
    ['an id of 257 characters', { userId: 'x'.repeat(257) }, ['input', 'userId']],
    ['an id with NUL', { anonymousId: 'a\0' }, ['input', 'anonymousId']],
    ['a message id with NUL', { messageId: 'a\0' }, ['input', 'messageId']],
    ['a session id of 257 characters', { sessionId: 'x'.repeat(257) }, ['input', 'sessionId']],
    ['a time before 2000', { timestamp: '1999-12-31T23:59:59Z' }, ['input', 'timestamp']],
    ['a time next week', { timestamp: nextWeek }, ['input', 'timestamp']],
    ['NUL in a property', { properties: { deep: ['a\0'] } }, ['input', 'properties', 'deep', 0]],
    ['half a surrogate pair in a key', { properties: { '\udc00': 1 } }, ['input', 'properties']],
    ['33 levels', { properties: DEEP }, ['input', 'properties', ...Array<string>(32).fill('a')]],
    ['1,001 keys', { properties: WIDE }, ['input', 'properties']],
    ['more than 32 KiB', { properties: { text: 'x'.repeat(32_768) } }, ['input']],
    ['30 February', { timestamp: '2026-02-30T00:00:00Z' }, ['input', 'timestamp']],
    ['a time without a zone', { timestamp: '2026-02-03T00:00:00' }, ['input', 'timestamp']],
  ])('refuses %s with BAD_USER_INPUT at its place and stores nothing', async (_what, fault, path) => {
    const { status, code, errors } = await track({ name: 'refused', userId: 'bob', ...fault });
    expect({ status, code, path: errors[0]?.extensions.path }).toEqual({
      status: 400,
      code: 'BAD_USER_INPUT',
      path,
    });
    expect(await countStored(`name = 'refused'`)).toBe(0);
  });

  test('refuses a number that is not finite', async () => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${app.writeOnlyKey}` },
      body: `{"query":"mutation($i: TrackEventInput!) { trackEvent(input: $i) { status } }",
        "variables":{"i":{"name":"refused","userId":"bob","properties":{"n":1e999}}}}`,
    });
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining('not a finite number'),
    ]);
  });

  test('keeps __proto__, constructor and prototype as plain data', async () => {
    const properties = JSON.parse('{"__proto__":{"a":1},"constructor":2,"prototype":[3]}') as Record<
      string,
      unknown
    >;
    await track({ name: 'poison', userId: 'bob', properties });
    const [row] = await app.sql<{ text: string }>(
      `select properties::text as text from event where name = 'poison'`,
    );
    expect(row?.text).toBe('{"__proto__": {"a": 1}, "prototype": [3], "constructor": 2}');
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  describe('with a key that may send signup only', () => {
    let key: string;
    beforeAll(async () => {
      key = (await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: ['signup', 'caf\u00e9'] }))
        .secret;
    });

    test('stores signup', async () => {
      expect((await track({ name: 'signup', userId: 'cy' }, key)).data?.trackEvent.status).toBe('ACCEPTED');
    });

    test('compares normalised forms, as both stand for one name', async () => {
      expect((await track({ name: 'cafe\u0301', userId: 'cy' }, key)).data?.trackEvent.status).toBe(
        'ACCEPTED',
      );
    });

    test.each(['Signup', 'signup2', 'sign', '*', 'signup\u200b'])('refuses %j', async (name) => {
      const { status, code } = await track({ name, userId: 'cy' }, key);
      expect([status, code]).toEqual([403, 'EVENT_NOT_ALLOWED']);
      expect(await countStored(`user_id = 'cy' and name not in ('signup', 'caf\u00e9')`)).toBe(0);
    });

    test('runs nothing of an operation when one of its events is refused', async () => {
      const text = `mutation ($second: String!) {
        a: trackEvent(input: { name: "signup", userId: "dee" }) { status }
        b: trackEvent(input: { name: $second, userId: "dee" }) { status }
      }`;
      const { status, code, errors } = await app.sendText(text, { second: 'purchase' }, { bearer: key });
      expect([status, code, errors[0]?.path]).toEqual([403, 'EVENT_NOT_ALLOWED', ['b']]);
      expect(await countStored(`user_id = 'dee'`)).toBe(0);
    });

    test('allows nothing when the list is empty', async () => {
      const none = await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: [] });
      expect((await track({ name: 'signup', userId: 'cy' }, none.secret)).code).toBe('EVENT_NOT_ALLOWED');
    });
  });

  test('counts events by name, with the time of the first and the last', async () => {
    const before = Date.now();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => track({ name: 'counted', userId: `u${index}` })),
    );
    const { apiSettings } = await app.get(EventDefinitionsDocument, {}, { bearer: app.session });
    const definition = apiSettings.eventDefinitions.find(({ name }) => name === 'counted');
    expect(definition?.count).toBe(20);
    expect(Date.parse(definition?.firstSeenAt ?? '')).toBeGreaterThanOrEqual(before);
    expect(Date.parse(definition?.lastSeenAt ?? '')).toBeLessThanOrEqual(Date.now());
  });
});
