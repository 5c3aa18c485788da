import { givenMember, startTestApp, type TestApp } from '../support/app';
import {
  IdentifyProfileDocument,
  ProfileDocument,
  TrackEventDocument,
  type ProfileKey,
} from '../support/operations';

describe('profile', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
    await app.get(
      IdentifyProfileDocument,
      { input: { userId: 'ada', externalId: 'crm-1', anonymousId: 'phone', properties: { plan: 'pro' } } },
      { bearer: app.writeOnlyKey },
    );
  });
  afterAll(() => app.close());

  const read = (key: ProfileKey, bearer = app.readWriteKey) => app.send(ProfileDocument, { key }, { bearer });

  test.each<ProfileKey>([{ userId: 'ada' }, { externalId: 'crm-1' }, { anonymousId: 'phone' }])(
    'is found by %j',
    async (key) => {
      const { data } = await read(key);
      expect(data?.profile).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        userId: 'ada',
        externalId: 'crm-1',
        anonymousIds: ['phone'],
        properties: { plan: 'pro' },
        computedProperties: {},
        segments: [],
        firstSeenAt: expect.stringMatching(/^2\d{3}-.*Z$/) as string,
        lastSeenAt: expect.stringMatching(/^2\d{3}-.*Z$/) as string,
      });
    },
  );

  test('is null when nobody has the id', async () => {
    const { status, data, errors } = await read({ userId: 'nobody' });
    expect([status, data, errors]).toEqual([200, { profile: null }, []]);
  });

  test('is null when somebody of another workspace has the id', async () => {
    const other = await givenMember(app, { role: 'VIEWER' });
    expect((await read({ userId: 'ada' }, other.session)).data?.profile).toBeNull();
  });

  test('is made by an event too, without properties', async () => {
    await app.get(
      TrackEventDocument,
      { input: { name: 'visit', anonymousId: 'tablet' } },
      { bearer: app.writeOnlyKey },
    );
    const { data } = await read({ anonymousId: 'tablet' });
    expect(data?.profile).toMatchObject({ userId: null, anonymousIds: ['tablet'], properties: {} });
  });

  test.each<[ProfileKey, string[]]>([
    [{}, ['key']],
    [{ userId: null }, ['key']],
    [{ userId: 'ada', anonymousId: 'phone' }, ['key']],
    [{ userId: '' }, ['key', 'userId']],
    [{ externalId: 'a\0' }, ['key', 'externalId']],
  ])('refuses the key %j with BAD_USER_INPUT', async (key, path) => {
    const { status, code, errors } = await read(key);
    expect({ status, code, path: errors[0]?.extensions.path }).toEqual({
      status: 400,
      code: 'BAD_USER_INPUT',
      path,
    });
  });

  test('is refused to a write-only key, whoever is asked for', async () => {
    const [known, unknown] = [
      await read({ userId: 'ada' }, app.writeOnlyKey),
      await read({ userId: 'no' }, app.writeOnlyKey),
    ];
    expect([known.status, known.code, known.data]).toEqual([403, 'FORBIDDEN', unknown.data]);
    expect(known.errors.map(({ message }) => message)).toEqual(unknown.errors.map(({ message }) => message));
  });
});
