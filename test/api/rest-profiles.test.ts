import { givenMember, startTestApp, type TestApp } from '../support/app';
import { codeOf, postJson, sendHttp, type HttpAnswer } from '../support/http';
import { ProfileDocument } from '../support/operations';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

function identify(body: unknown, bearer = app.writeOnlyKey): Promise<HttpAnswer> {
  return postJson(`${app.url}/profile?locationEnrichment=true`, body, { bearer });
}

function ask(method: 'GET' | 'DELETE', userId: string, bearer = app.readWriteKey): Promise<HttpAnswer> {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  return sendHttp(`${app.url}/profile/${encodeURIComponent(userId)}`, { method, headers });
}

async function profileOf(userId: string): Promise<unknown> {
  const { status, text } = await ask('GET', userId);
  return status === 200 ? JSON.parse(text) : status;
}

describe('POST /profile', () => {
  test('answers 204 without a body, whether the person is new or known', async () => {
    for (const properties of [{ plan: 'free' }, { city: 'Wien' }]) {
      const answer = await identify({ userId: 'ada', properties, deviceData: null });
      expect([answer.status, answer.text]).toEqual([204, '']);
    }
    expect(await profileOf('ada')).toMatchObject({ properties: { plan: 'free', city: 'Wien' } });
  });

  test('merges properties key by key; a null removes the key', async () => {
    await identify({ userId: 'bob', properties: { a: 1, b: { c: 2 } } });
    await identify({ userId: 'bob', properties: { a: null, b: { d: 3 } } });
    expect(await profileOf('bob')).toMatchObject({ properties: { b: { d: 3 } } });
  });

  test('links the ids that it is given', async () => {
    await identify({ anonymousId: 'phone-1', properties: { seen: true } });
    await identify({ userId: 'eve', anonymousId: 'phone-1', externalId: 'crm-1' });
    expect(await profileOf('eve')).toEqual({
      id: 'eve',
      userId: 'eve',
      externalId: 'crm-1',
      anonymousIds: ['phone-1'],
      properties: { seen: true },
      computedProperties: {},
      segments: [],
    });
  });

  test('gives a device to its newest user, and never merges two users', async () => {
    await identify({ userId: 'first', anonymousId: 'shared', properties: { a: 1 } });
    await identify({ userId: 'second', anonymousId: 'shared', properties: { b: 2 } });
    expect(await profileOf('first')).toMatchObject({ anonymousIds: [], properties: { a: 1 } });
    expect(await profileOf('second')).toMatchObject({ anonymousIds: ['shared'], properties: { b: 2 } });
  });

  test.each(['null', 'undefined', '', '[object Object]', null])(
    'takes ids and deviceData of %j for absent',
    async (absent) => {
      const userId = `absent ${String(absent)}`;
      expect(
        (await identify({ userId, anonymousId: absent, externalId: absent, deviceData: absent })).status,
      ).toBe(204);
      expect(await profileOf(userId)).toMatchObject({ userId, externalId: null, anonymousIds: [] });
      const nobody = await identify({ userId: absent, anonymousId: absent, properties: { a: 1 } });
      expect([nobody.status, codeOf(nobody)]).toEqual([400, 'BAD_USER_INPUT']);
    },
  );

  test('takes a number for an id as its digits, and ignores fields that it does not know', async () => {
    expect((await identify({ userId: 42, traits: { a: 1 }, timestamp: 'x', name: 7 })).status).toBe(204);
    expect(await profileOf('42')).toMatchObject({ id: '42', properties: {} });
  });

  test('keeps deviceData as the device of the context', async () => {
    await identify({ userId: 'with device', deviceData: { os: 'linux' } });
    expect(await app.sql(`select context from profile where context is not null`)).toEqual([
      { context: { device: { os: 'linux' } } },
    ]);
  });

  test.each([
    ['an id that is an object', { userId: {} }, ['userId']],
    ['properties that are a list', { userId: 'bad', properties: [] }, ['properties']],
    ['deviceData that is a number', { userId: 'bad', deviceData: 7 }, ['deviceData']],
    ['NUL in a property', { userId: 'bad', properties: { a: '\0' } }, ['properties', 'a']],
    ['half a surrogate pair in an id', { userId: 'bad', anonymousId: '\ud800' }, ['anonymousId']],
  ])('refuses %s at its place, and stores nothing', async (_what, body, path) => {
    const answer = await identify(body);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      400,
      {
        error: {
          code: 'BAD_USER_INPUT',
          message: expect.any(String),
          path,
          requestId: answer.headers['x-request-id'],
        },
      },
    ]);
    expect(await profileOf('bad')).toBe(404);
  });
});

describe('GET /profile/{userId}', () => {
  test('finds by the user id only, and says the same as GraphQL', async () => {
    await identify({
      userId: 'gil',
      externalId: 'crm-gil',
      anonymousId: 'phone-gil',
      properties: { a: [1, { b: null }] },
    });
    const { profile } = await app.get(
      ProfileDocument,
      { key: { userId: 'gil' } },
      { bearer: app.readWriteKey },
    );
    const found = await profileOf('gil');
    expect(found).toMatchObject({ id: 'gil' });
    expect(profile).toMatchObject({ ...(found as object), id: expect.any(String) });
    expect(await profileOf('crm-gil')).toBe(404);
    expect(await profileOf('phone-gil')).toBe(404);
  });

  test.each(['a/b', 'a b', 'a+b', 'a%b', 'a%2Fb', 'a?b=c#d', 'é🙂', ';,:@&=', "'; drop table profile --"])(
    'finds the user %j, whatever stands in the id',
    async (userId) => {
      expect((await identify({ userId })).status).toBe(204);
      expect(await profileOf(userId)).toMatchObject({ id: userId });
    },
  );

  test('finds the longest id there is, in the most bytes', async () => {
    const userId = '🙂'.repeat(256);
    await identify({ userId });
    expect(await profileOf(userId)).toMatchObject({ id: userId });
  });

  test('answers 404 for nobody, and for somebody of another workspace', async () => {
    const other = await givenMember(app, { role: 'OWNER' });
    await identify({ userId: 'theirs' }, other.session);
    for (const userId of ['nobody', 'theirs']) {
      const answer = await ask('GET', userId);
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        404,
        {
          error: {
            code: 'NOT_FOUND',
            message: expect.any(String),
            requestId: answer.headers['x-request-id'],
          },
        },
      ]);
    }
  });

  test('refuses an id that nobody can have', async () => {
    for (const userId of ['a\0b', 'x'.repeat(257)]) {
      const answer = await ask('GET', userId);
      expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_USER_INPUT']);
    }
  });
});

describe('DELETE /profile/{userId}', () => {
  test('erases the person and the events, and answers how many', async () => {
    await identify({ userId: 'ida', anonymousId: 'phone-ida' });
    const events = [
      { name: 'a', userId: 'ida' },
      { name: 'b', anonymousId: 'phone-ida' },
      { name: 'c', userId: 'other' },
    ];
    await postJson(`${app.url}/event/ingest/batch`, { events }, { bearer: app.writeOnlyKey });
    const answer = await ask('DELETE', 'ida');
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      { deletedProfileCount: 1, deletedEventCount: 2 },
    ]);
    expect(await profileOf('ida')).toBe(404);
    const again = await ask('DELETE', 'ida');
    expect([again.status, JSON.parse(again.text)]).toEqual([
      200,
      { deletedProfileCount: 0, deletedEventCount: 0 },
    ]);
  });

  test('touches nobody of another workspace', async () => {
    const other = await givenMember(app, { role: 'OWNER' });
    await identify({ userId: 'jo' }, other.session);
    expect(JSON.parse((await ask('DELETE', 'jo')).text)).toEqual({
      deletedProfileCount: 0,
      deletedEventCount: 0,
    });
    expect((await ask('GET', 'jo', other.session)).status).toBe(200);
  });
});

test('a write-only key identifies, and learns and deletes nothing', async () => {
  await identify({ userId: 'kim' });
  for (const [method, scope] of [
    ['GET', 'profiles:read'],
    ['DELETE', 'profiles:delete'],
  ] as const) {
    for (const userId of ['kim', 'nobody']) {
      const answer = await ask(method, userId, app.writeOnlyKey);
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        403,
        {
          error: {
            code: 'FORBIDDEN',
            message: `The credential lacks ${scope}.`,
            missingScopes: [scope],
            requestId: expect.any(String),
          },
        },
      ]);
    }
  }
  expect((await ask('GET', 'kim')).status).toBe(200);
});

test('a member who may only look reads, and neither identifies nor deletes', async () => {
  const { session } = await givenMember(app, { role: 'VIEWER', workspaceId: app.workspaceId });
  await identify({ userId: 'lee' });
  expect((await ask('GET', 'lee', session)).status).toBe(200);
  expect(codeOf(await ask('DELETE', 'lee', session))).toBe('FORBIDDEN');
  expect(codeOf(await identify({ userId: 'lee', properties: { a: 1 } }, session))).toBe('FORBIDDEN');
});

test('nobody is let in without a credential', async () => {
  const path = `${app.url}/profile/nobody`;
  for (const answer of [
    await sendHttp(path),
    await sendHttp(path, { method: 'DELETE' }),
    await postJson(`${app.url}/profile`, { userId: 'a' }),
  ]) {
    expect([answer.status, codeOf(answer)]).toEqual([401, 'UNAUTHENTICATED']);
  }
});
