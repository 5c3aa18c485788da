import { givenMember, startTestApp, type TestApp } from '../support/app';
import { ProfileDocument } from '../support/operations';
import { codeOf, postJson, sendHttp } from '../support/http';

describe('/profile', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const identify = (body: unknown, bearer = app.writeOnlyKey) =>
    postJson(`${app.url}/profile?locationEnrichment=false`, body, { bearer });
  const call = (method: string, userId: string, bearer = app.readWriteKey) =>
    sendHttp(`${app.url}/profile/${encodeURIComponent(userId)}`, {
      method,
      headers: { authorization: `Bearer ${bearer}` },
    });

  test('POST identifies, and answers 204 without a body for known and unknown people alike', async () => {
    const person = {
      userId: 'ada',
      anonymousId: 'a-1',
      externalId: 'x-1',
      properties: { plan: 'pro' },
      deviceData: { os: 'x' },
    };
    const answers = [await identify(person), await identify(person)];
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [204, ''],
      [204, ''],
    ]);
    const { profile } = await app.get(
      ProfileDocument,
      { key: { anonymousId: 'a-1' } },
      { bearer: app.readWriteKey },
    );
    expect(profile).toMatchObject({ userId: 'ada', externalId: 'x-1', properties: { plan: 'pro' } });
  });

  test('GET answers the profile with its user id as id', async () => {
    await identify({ userId: 'b/ö b', properties: { plan: 'free' } });
    const { status, text } = await call('GET', 'b/ö b');
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        id: 'b/ö b',
        userId: 'b/ö b',
        externalId: null,
        anonymousIds: [],
        properties: { plan: 'free' },
        computedProperties: {},
        segments: [],
      },
    ]);
  });

  test('GET answers 404 for somebody unknown and for somebody of another workspace', async () => {
    const other = await givenMember(app, { role: 'OWNER' });
    await app.sendText(
      'mutation { identifyProfile(input: { userId: "eve" }) { accepted } }',
      {},
      { bearer: other.session },
    );
    for (const userId of ['nobody', 'eve']) {
      const answer = await call('GET', userId);
      expect([answer.status, codeOf(answer)]).toEqual([404, 'NOT_FOUND']);
    }
  });

  test('DELETE erases and says how much', async () => {
    await identify({ userId: 'cy' });
    await postJson(`${app.url}/event/ingest`, { userId: 'cy', name: 'x' }, { bearer: app.writeOnlyKey });
    const { status, text } = await call('DELETE', 'cy');
    expect([status, JSON.parse(text)]).toEqual([200, { deletedProfileCount: 1, deletedEventCount: 1 }]);
    expect((await call('GET', 'cy')).status).toBe(404);
  });

  test.each(['GET', 'DELETE'])(
    '%s is refused to a write-only key, with the scope that it lacks',
    async (method) => {
      const answer = await call(method, 'ada', app.writeOnlyKey);
      const scope = method === 'GET' ? 'profiles:read' : 'profiles:delete';
      const { error } = JSON.parse(answer.text) as { error: object };
      expect([answer.status, error]).toMatchObject([403, { code: 'FORBIDDEN', missingScopes: [scope] }]);
    },
  );

  test.each([
    [{ properties: {} }, undefined],
    [{ userId: 'ada', properties: 'text' }, ['properties']],
    [{ userId: 'x'.repeat(257) }, ['userId']],
  ])('POST refuses %j', async (body, path) => {
    const { status, text } = await identify(body);
    const { error } = JSON.parse(text) as { error: { code: string; path?: string[] } };
    expect([status, error.code, error.path]).toEqual([400, 'BAD_USER_INPUT', path]);
  });
});
