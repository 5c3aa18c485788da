import type pg from 'pg';
import { Client } from 'pg';
import { encodeCursor } from '../../src/lib/cursor';
import { startTestApp, type TestApp } from '../support/app';
import {
  EventsDocument,
  type EventsQuery,
  type EventsQueryVariables,
  ProfileEventsDocument,
  ProfilesWithEventsDocument,
  TrackEventsDocument,
} from '../support/operations';

const ID = '01a20ce7-a850-7775-8c12-f90ffe835c68';

/** Minute by minute, so that their order is known. */
const timeOf = (minute: number) => new Date(Date.UTC(2026, 9, 1, 0, minute)).toISOString();

describe('reading events', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
    const events = Array.from({ length: 60 }, (_, minute) => ({
      name: minute % 3 === 0 ? 'third' : 'other',
      userId: minute % 2 === 0 ? 'even' : 'odd',
      timestamp: timeOf(minute),
      properties: { minute },
    }));
    await app.get(TrackEventsDocument, { input: { events } }, { bearer: app.writeOnlyKey });
  });
  afterAll(() => app.close());

  const minutesOf = ({ edges }: { edges: { node: { properties: unknown } }[] }) =>
    edges.map(({ node }) => (node.properties as { minute: number }).minute);

  test('comes newest first and page by page, each event once', async () => {
    const seen: number[] = [];
    let after: string | null = null;
    for (let page = 0; page < 10; page += 1) {
      const { events }: EventsQuery = await readEvents({
        first: 25,
        after,
      });
      seen.push(...minutesOf(events));
      expect(events.pageInfo.hasPreviousPage).toBe(page > 0);
      after = events.pageInfo.endCursor;
      if (!events.pageInfo.hasNextPage) break;
    }
    expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => 59 - index));
  });

  const readEvents = (variables: EventsQueryVariables) =>
    app.get(EventsDocument, variables, { bearer: app.readWriteKey });

  test('can be narrowed by names and by time, from inclusive, to exclusive', async () => {
    const { events } = await app.get(
      EventsDocument,
      { names: ['third'], from: timeOf(30), to: timeOf(39) },
      { bearer: app.readWriteKey },
    );
    expect(minutesOf(events)).toEqual([36, 33, 30]);
  });

  test("of a profile are that person's only, newest first, with the same arguments", async () => {
    const { profile } = await app.get(
      ProfileEventsDocument,
      { key: { userId: 'even' }, first: 3, names: ['third'], to: timeOf(48) },
      { bearer: app.readWriteKey },
    );
    expect(profile && minutesOf(profile.events)).toEqual([42, 36, 30]);
    const next = await app.get(
      ProfileEventsDocument,
      {
        key: { userId: 'even' },
        first: 3,
        names: ['third'],
        to: timeOf(48),
        after: profile?.events.pageInfo.endCursor,
      },
      { bearer: app.readWriteKey },
    );
    expect(next.profile && minutesOf(next.profile.events)).toEqual([24, 18, 12]);
  });

  test('follows an anonymous person through sign-in', async () => {
    const bearer = app.writeOnlyKey;
    const events = [{ name: 'before', anonymousId: 'tablet', timestamp: timeOf(1) }];
    await app.get(TrackEventsDocument, { input: { events } }, { bearer });
    await app.sendText(
      'mutation { identifyProfile(input: { userId: "odd", anonymousId: "tablet" }) { accepted } }',
      {},
      { bearer },
    );
    const { profile } = await app.get(
      ProfileEventsDocument,
      { key: { anonymousId: 'tablet' }, first: 100 },
      { bearer: app.readWriteKey },
    );
    expect(profile?.events.edges.map(({ node }) => node.name)).toContain('before');
    expect(profile?.events.edges).toHaveLength(31);
  });

  test('of 50 profiles takes one statement more than the profiles themselves', async () => {
    const events = Array.from({ length: 50 }, (_, index) => ({ name: 'crowd', userId: `crowd-${index}` }));
    await app.get(TrackEventsDocument, { input: { events } }, { bearer: app.writeOnlyKey });
    const statements: string[] = [];
    const original = Client.prototype.query;
    const spy = jest.spyOn(Client.prototype, 'query').mockImplementation(function (
      this: pg.Client,
      ...args: unknown[]
    ) {
      const [query] = args as [string | { text: string }];
      statements.push(typeof query === 'string' ? query : query.text);
      return (original as (...rest: unknown[]) => unknown).apply(this, args);
    });
    try {
      const { profiles } = await app.get(
        ProfilesWithEventsDocument,
        { first: 50, eventsFirst: 5 },
        { bearer: app.readWriteKey },
      );
      expect(profiles.edges.every(({ node }) => node.events.edges.length > 0)).toBe(true);
      expect(profiles.edges).toHaveLength(50);
    } finally {
      spy.mockRestore();
    }
    const tags = statements
      .map((text) => /\/\* ([\w.]+) \*\//.exec(text)?.[1])
      .filter((tag) => !tag?.startsWith('auth.'));
    expect(tags).toEqual(['profiles.listProfiles', 'events.listProfileEvents']);
  });

  test.each([
    [{ first: 0 }, ['first']],
    [{ first: 101 }, ['first']],
    [{ names: ['page_view', 'a\0'] }, ['names', 1]],
    [{ after: 'nonsense' }, ['after']],
    [{ after: 'WyJhIiwiYiJd' }, ['after']],
    [{ after: encodeCursor(['+010000-01-01T00:00:00.000Z', ID]) }, ['after']],
    [{ after: encodeCursor(['0000-12-31T23:59:59.999Z', ID]) }, ['after']],
  ])('refuses %j', async (variables, path) => {
    const { status, code, errors } = await app.send(EventsDocument, variables, { bearer: app.readWriteKey });
    expect([status, code, errors[0]?.extensions.path]).toEqual([400, 'BAD_USER_INPUT', path]);
  });
});
