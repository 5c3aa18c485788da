import { givenKey, startTestApp, type TestApp } from '../support/app';
import {
  IdentifyProfileDocument,
  ProfileDocument,
  type IdentifyProfileInput,
  type ProfileKey,
} from '../support/operations';

describe('identifyProfile', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const identify = (input: IdentifyProfileInput, bearer = app.writeOnlyKey) =>
    app.send(IdentifyProfileDocument, { input }, { bearer });
  const read = async (key: ProfileKey) =>
    (await app.get(ProfileDocument, { key }, { bearer: app.readWriteKey })).profile;

  test('stores who somebody is, with a write-only key', async () => {
    const { status, data } = await identify({
      userId: 'ada',
      anonymousId: 'phone',
      properties: { plan: 'pro' },
    });
    expect([status, data]).toEqual([200, { identifyProfile: { accepted: true } }]);
    expect(await read({ anonymousId: 'phone' })).toMatchObject({
      userId: 'ada',
      properties: { plan: 'pro' },
    });
  });

  test('answers the same for a known and an unknown person', async () => {
    const [unknown, known] = [await identify({ userId: 'bob' }), await identify({ userId: 'bob' })];
    expect([known.status, known.data]).toEqual([unknown.status, unknown.data]);
  });

  test('answers the same when the profile is full', async () => {
    const properties = (part: number) =>
      Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`key${part}-${index}`, 1]));
    await identify({ userId: 'full', properties: properties(1) });
    expect(
      (await identify({ userId: 'full', properties: properties(2) })).data?.identifyProfile.accepted,
    ).toBe(true);
    const kept = Object.keys((await read({ userId: 'full' }))?.properties ?? {});
    expect(kept).toHaveLength(1_000);
    expect(kept.filter((key) => key.startsWith('key2-'))).toHaveLength(600);
  });

  test('links an anonymous profile to the user and merges the properties', async () => {
    await identify({ anonymousId: 'laptop', properties: { page: '/', plan: 'free' } });
    await identify({ userId: 'cy', properties: { plan: 'pro' } });
    await identify({ userId: 'cy', anonymousId: 'laptop', properties: { page: null } });
    expect(await read({ anonymousId: 'laptop' })).toMatchObject({
      userId: 'cy',
      anonymousIds: ['laptop'],
      properties: { plan: 'pro' },
    });
  });

  test('never merges two known users: the newest claim owns the anonymous id', async () => {
    await identify({ userId: 'dee', anonymousId: 'shared', properties: { name: 'Dee' } });
    await identify({ userId: 'eli', anonymousId: 'shared' });
    expect(await read({ userId: 'dee' })).toMatchObject({ anonymousIds: [], properties: { name: 'Dee' } });
    expect(await read({ anonymousId: 'shared' })).toMatchObject({ userId: 'eli', properties: {} });
  });

  test('ends with one profile when a new user is identified fifty times at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        identify({ userId: 'race', anonymousId: `race-${index % 2}`, properties: { [`p${index}`]: index } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const profile = await read({ userId: 'race' });
    expect([...(profile?.anonymousIds ?? [])].sort()).toEqual(['race-0', 'race-1']);
    expect(Object.keys(profile?.properties ?? {})).toHaveLength(50);
    const rows = await app.sql(`select id from profile where user_id = 'race'`);
    expect(rows).toHaveLength(1);
  });

  test('keeps __proto__ and constructor as plain data', async () => {
    const properties = JSON.parse('{"__proto__":{"a":1},"constructor":2}') as Record<string, unknown>;
    await identify({ userId: 'poison', properties });
    expect(JSON.stringify((await read({ userId: 'poison' }))?.properties)).toBe(
      '{"__proto__":{"a":1},"constructor":2}',
    );
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  const DEEP = JSON.parse('{"a":'.repeat(33) + '1' + '}'.repeat(33)) as Record<string, unknown>;
  const WIDE = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`k${index}`, 1]));
  test.each<[string, IdentifyProfileInput, (string | number)[]]>([
    ['no id', {}, ['input']],
    ['ids that are all null', { userId: null, anonymousId: null }, ['input']],
    ['an empty id', { userId: '' }, ['input', 'userId']],
    ['an id of 257 characters', { externalId: 'x'.repeat(257) }, ['input', 'externalId']],
    ['an id with NUL', { anonymousId: 'a\0' }, ['input', 'anonymousId']],
    ['an id with half a surrogate pair', { userId: 'a\ud800' }, ['input', 'userId']],
    [
      'NUL in a property',
      { userId: 'no', properties: { deep: ['a\0'] } },
      ['input', 'properties', 'deep', 0],
    ],
    [
      '33 levels',
      { userId: 'no', properties: DEEP },
      ['input', 'properties', ...Array<string>(32).fill('a')],
    ],
    ['1,001 keys', { userId: 'no', context: WIDE }, ['input', 'context']],
    [
      'more than 32 KiB in all',
      { userId: 'no', properties: { text: 'x'.repeat(20_000) }, context: { text: 'x'.repeat(20_000) } },
      ['input'],
    ],
  ])('refuses %s with BAD_USER_INPUT at its place and stores nothing', async (_what, input, path) => {
    const { status, code, errors } = await identify(input);
    expect({ status, code, path: errors[0]?.extensions.path }).toEqual({
      status: 400,
      code: 'BAD_USER_INPUT',
      path,
    });
    expect(await read({ userId: 'no' })).toBeNull();
  });

  test('does not ask the key for its allowed events', async () => {
    const { secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: [] });
    expect((await identify({ userId: 'fay' }, secret)).status).toBe(200);
  });
});
