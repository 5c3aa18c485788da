import { givenKey, startTestApp, type TestApp } from '../support/app';
import { TrackEventsDocument } from '../support/operations';

describe('trackEvents', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const track = (events: object[], bearer = app.writeOnlyKey) =>
    app.send(TrackEventsDocument, { input: { events: events as never } }, { bearer });
  const countStored = async (where: string) =>
    Number((await app.sql<{ count: string }>(`select count(*) from event where ${where}`))[0]?.count);

  test('stores the good events of a batch and lists the others in the order sent', async () => {
    const key = await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: ['view', 'click'] });
    const { status, data } = await track(
      [
        { name: 'view', userId: 'ada', messageId: 'b-0' },
        { name: 'purchase', userId: 'ada' },
        { name: 'click', userId: 'ada', messageId: 'b-2' },
        { name: 'click' },
        { name: 'click', userId: 'ada', properties: { text: 'a\0' } },
      ],
      key.secret,
    );
    expect(status).toBe(200);
    expect(data?.trackEvents).toEqual({
      acceptedCount: 2,
      duplicateCount: 0,
      rejected: [
        { index: 1, code: 'EVENT_NOT_ALLOWED', message: expect.any(String) },
        { index: 3, code: 'BAD_USER_INPUT', message: expect.any(String) },
        { index: 4, code: 'BAD_USER_INPUT', message: expect.any(String) },
      ],
    });
    expect(await countStored(`user_id = 'ada'`)).toBe(2);
  });

  test('answers 200 when every event is refused', async () => {
    const key = await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: [] });
    const { status, data } = await track([{ name: 'view', userId: 'ada' }], key.secret);
    expect([status, data?.trackEvents.acceptedCount, data?.trackEvents.rejected.length]).toEqual([200, 0, 1]);
  });

  test('stores one of two equal message ids in a batch', async () => {
    const { data } = await track([
      { name: 'view', userId: 'bob', messageId: 'same' },
      { name: 'click', userId: 'bob', messageId: 'same' },
    ]);
    expect(data?.trackEvents).toEqual({ acceptedCount: 1, duplicateCount: 1, rejected: [] });
    expect(await countStored(`message_id = 'same' and name = 'view'`)).toBe(1);
  });

  test('takes 500 events, and refuses 501 and none', async () => {
    const events = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ name: 'many', userId: `many-${index}` }));
    expect((await track(events(500))).data?.trackEvents.acceptedCount).toBe(500);
    for (const count of [0, 501]) {
      const { status, code, errors } = await track(events(count));
      expect([status, code, errors[0]?.extensions.path]).toEqual([
        400,
        'BAD_USER_INPUT',
        ['input', 'events'],
      ]);
    }
    expect(await countStored(`name = 'many'`)).toBe(500);
  });

  test('gives one profile to many new events of one person', async () => {
    await track(Array.from({ length: 30 }, () => ({ name: 'view', anonymousId: 'new-phone' })));
    const rows = await app.sql(`select distinct profile_id from event where anonymous_id = 'new-phone'`);
    const people = await app.sql(`select profile_id from identity where value = 'new-phone'`);
    expect([rows.length, people.length]).toEqual([1, 1]);
  });
});
