import { givenMember, startTestApp, type TestApp } from '../support/app';
import {
  IdentifyProfileDocument,
  ProfilesDocument,
  type ProfilesQueryVariables,
} from '../support/operations';

describe('profiles', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
    for (let n = 1; n <= 7; n += 1) {
      const properties = { n, address: { city: n % 2 === 0 ? 'Bonn' : 'Rome', zip: String(n) } };
      await app.get(
        IdentifyProfileDocument,
        { input: { userId: `u${n}`, properties } },
        { bearer: app.writeOnlyKey },
      );
    }
  });
  afterAll(() => app.close());

  const send = (variables: ProfilesQueryVariables, bearer = app.readWriteKey) =>
    app.send(ProfilesDocument, variables, { bearer });
  const list = async (variables: ProfilesQueryVariables) => {
    const { profiles } = await app.get(ProfilesDocument, variables, { bearer: app.readWriteKey });
    return { ...profiles, userIds: profiles.edges.map(({ node }) => node.userId) };
  };

  test('come newest first and page by page, each profile once', async () => {
    const first = await list({ first: 3 });
    const second = await list({ first: 3, after: first.pageInfo.endCursor });
    const third = await list({ first: 3, after: second.pageInfo.endCursor });
    expect([first.userIds, second.userIds, third.userIds]).toEqual([
      ['u7', 'u6', 'u5'],
      ['u4', 'u3', 'u2'],
      ['u1'],
    ]);
    expect(
      [first, second, third].map(({ pageInfo }) => [pageInfo.hasPreviousPage, pageInfo.hasNextPage]),
    ).toEqual([
      [false, true],
      [true, true],
      [true, false],
    ]);
  });

  test('go on where they were when a newer profile arrives', async () => {
    const first = await list({ first: 3 });
    await app.get(IdentifyProfileDocument, { input: { userId: 'late' } }, { bearer: app.writeOnlyKey });
    expect((await list({ first: 1, after: first.pageInfo.endCursor })).userIds).toEqual(['u4']);
    await app.sql(`delete from identity where value = 'late'`);
    await app.sql(`delete from profile where user_id = 'late'`);
  });

  test('are fifty at most unless more are asked for', async () => {
    const other = await givenMember(app, { role: 'ADMIN' });
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        app.get(IdentifyProfileDocument, { input: { userId: `v${n}` } }, { bearer: other.session }),
      ),
    );
    const [few, all] = [await send({}, other.session), await send({ first: 100 }, other.session)];
    expect([few.data?.profiles.edges.length, all.data?.profiles.edges.length]).toEqual([50, 60]);
  });

  test('can be narrowed to those whose properties contain an object', async () => {
    const { userIds } = await list({ filter: { propertiesContain: { address: { city: 'Bonn' } } } });
    expect(userIds).toEqual(['u6', 'u4', 'u2']);
  });

  test('can be narrowed by the time last seen and by a segment, all conditions together', async () => {
    await app.sql(`update profile set last_seen_at = '2001-01-01Z' where user_id in ('u1', 'u2')`);
    await app.sql(`update profile set segments = '{vip}' where user_id in ('u2', 'u3')`);
    expect((await list({ filter: { segment: 'vip' } })).userIds).toEqual(['u3', 'u2']);
    expect(
      (await list({ filter: { lastSeenAfter: '2001-01-01T00:00:00Z', segment: 'vip' } })).userIds,
    ).toEqual(['u3']);
    expect((await list({ filter: {} })).userIds).toHaveLength(7);
  });

  test('are none of another workspace', async () => {
    const other = await givenMember(app, { role: 'VIEWER' });
    expect((await send({}, other.session)).data?.profiles.edges).toEqual([]);
  });

  test.each<[string, ProfilesQueryVariables, (string | number)[]]>([
    ['a page of none', { first: 0 }, ['first']],
    ['a page of less than none', { first: -1 }, ['first']],
    ['a page over the limit', { first: 101 }, ['first']],
    ['a cursor that is none', { after: 'rubbish' }, ['after']],
    ['a cursor of something else', { after: Buffer.from('["x"]').toString('base64url') }, ['after']],
    [
      'NUL in a condition',
      { filter: { propertiesContain: { a: '\0' } } },
      ['filter', 'propertiesContain', 'a'],
    ],
    ['NUL in a segment', { filter: { segment: '\0' } }, ['filter', 'segment']],
  ])('refuse %s with BAD_USER_INPUT at its place', async (_what, variables, path) => {
    const { status, code, errors } = await send(variables);
    expect({ status, code, path: errors[0]?.extensions.path }).toEqual({
      status: 400,
      code: 'BAD_USER_INPUT',
      path,
    });
  });
});
