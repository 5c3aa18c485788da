import { givenMember, startTestApp, type TestApp } from '../support/app';
import {
  DeleteProfileDocument,
  EventsDocument,
  IdentifyProfileDocument,
  ProfileDocument,
  TrackEventDocument,
  type IdentifyProfileInput,
  type ProfileKey,
  type TrackEventInput,
} from '../support/operations';

describe('deleteProfile', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const identify = (input: IdentifyProfileInput) =>
    app.get(IdentifyProfileDocument, { input }, { bearer: app.writeOnlyKey });
  const track = (input: TrackEventInput) =>
    app.get(TrackEventDocument, { input }, { bearer: app.writeOnlyKey });
  const erase = (key: ProfileKey, bearer = app.readWriteKey) =>
    app.send(DeleteProfileDocument, { input: { key } }, { bearer });
  const read = async (key: ProfileKey) =>
    (await app.get(ProfileDocument, { key }, { bearer: app.readWriteKey })).profile;
  const countOf = async (name: string) =>
    (await app.get(EventsDocument, { names: [name] }, { bearer: app.readWriteKey })).events.edges.length;

  test('erases the profile, its links and its events, those sent before it was known too', async () => {
    await track({ name: 'ada', anonymousId: 'phone' });
    await identify({ userId: 'ada', externalId: 'crm-1' });
    await identify({ userId: 'ada', anonymousId: 'phone' });
    await track({ name: 'ada', userId: 'ada' });
    await track({ name: 'ada', externalId: 'crm-1' });

    const { status, data } = await erase({ anonymousId: 'phone' });
    expect([status, data]).toEqual([
      200,
      { deleteProfile: { deletedProfileCount: 1, deletedEventCount: 3 } },
    ]);
    for (const key of [{ userId: 'ada' }, { externalId: 'crm-1' }, { anonymousId: 'phone' }])
      expect(await read(key)).toBeNull();
    expect(await countOf('ada')).toBe(0);
  });

  test('erases nothing, and succeeds, when nobody has the id', async () => {
    const { status, data } = await erase({ userId: 'nobody' });
    expect([status, data]).toEqual([
      200,
      { deleteProfile: { deletedProfileCount: 0, deletedEventCount: 0 } },
    ]);
  });

  test('keeps out late retries of the events, by every id that the person had', async () => {
    const timestamp = new Date(Date.now() - 60_000).toISOString();
    await identify({ userId: 'bob', anonymousId: 'laptop' });
    await erase({ userId: 'bob' });
    await track({ name: 'bob', userId: 'bob', timestamp });
    await track({ name: 'bob', anonymousId: 'laptop', timestamp });
    expect(await countOf('bob')).toBe(0);
    expect([await read({ userId: 'bob' }), await read({ anonymousId: 'laptop' })]).toEqual([null, null]);
  });

  test('lets the person come back as somebody new', async () => {
    await identify({ userId: 'cy', properties: { plan: 'pro' } });
    const before = await read({ userId: 'cy' });
    await erase({ userId: 'cy' });
    await identify({ userId: 'cy' });
    await track({ name: 'cy', userId: 'cy' });
    const after = await read({ userId: 'cy' });
    expect(after).toMatchObject({ userId: 'cy', properties: {} });
    expect(after?.id).not.toBe(before?.id);
    expect(await countOf('cy')).toBe(1);
  });

  test('leaves nothing of the person in any table but hashes', async () => {
    const mark = 'very-special-person';
    await identify({
      userId: mark,
      anonymousId: `${mark}-phone`,
      properties: { name: mark },
      context: { name: mark },
    });
    await track({ name: 'dee', userId: mark, sessionId: mark, properties: { name: mark } });
    await erase({ userId: mark });
    const tables = await app.sql<{ name: string }>(
      `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
    );
    for (const { name } of tables) {
      expect(
        await app.sql(`select '${name}' as name from "${name}" as row where row::text like '%${mark}%'`),
      ).toEqual([]);
    }
  });

  test('leaves events alone that are stored at the same time for others', async () => {
    await identify({ userId: 'eli' });
    const [erased] = await Promise.all([
      erase({ userId: 'eli' }),
      ...Array.from({ length: 50 }, (_, index) => track({ name: 'busy', userId: `busy-${index}` })),
    ]);
    expect(erased.data?.deleteProfile.deletedProfileCount).toBe(1);
    expect(await countOf('busy')).toBe(50);
  });

  test('does not touch a person of another workspace with the same id', async () => {
    await identify({ userId: 'fay' });
    const other = await givenMember(app, { role: 'ADMIN' });
    expect((await erase({ userId: 'fay' }, other.session)).data?.deleteProfile.deletedProfileCount).toBe(0);
    expect(await read({ userId: 'fay' })).not.toBeNull();
  });

  test('is refused to a write-only key and to a viewer', async () => {
    await identify({ userId: 'gus' });
    const viewer = await givenMember(app, { role: 'VIEWER', workspaceId: app.workspaceId });
    for (const bearer of [app.writeOnlyKey, viewer.session]) {
      const { status, code } = await erase({ userId: 'gus' }, bearer);
      expect([status, code]).toEqual([403, 'FORBIDDEN']);
    }
    expect(await read({ userId: 'gus' })).not.toBeNull();
  });

  test.each<[ProfileKey, string[]]>([
    [{}, ['input', 'key']],
    [{ userId: 'a', anonymousId: 'b' }, ['input', 'key']],
    [{ userId: 'a\0' }, ['input', 'key', 'userId']],
  ])('refuses the key %j with BAD_USER_INPUT', async (key, path) => {
    const { status, code, errors } = await erase(key);
    expect({ status, code, path: errors[0]?.extensions.path }).toEqual({
      status: 400,
      code: 'BAD_USER_INPUT',
      path,
    });
  });
});
