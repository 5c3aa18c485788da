import { createSecret } from '../../src/lib/secret';
import { givenKey, startTestApp, type TestApp } from '../support/app';
import { ProfileDocument, TrackEventDocument } from '../support/operations';
import { recordStatements, type Statements } from '../support/statements';
import { within } from '../support/within';

const REQUESTS = 200;
/** Known by heart of every process, and polled by a connection of its own, however many requests come. */
const POLL = 'auth.readPolicyVersion';

let app: TestApp;
let statements: Statements;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());
beforeEach(() => {
  statements = recordStatements();
});
afterEach(() => statements.stop());

const authStatements = () => statements.tags.filter((tag) => tag?.startsWith('auth.') && tag !== POLL);

const trackEvent = (bearer: string) =>
  app.send(TrackEventDocument, { input: { name: 'page_view', userId: 'ada' } }, { bearer });
const readProfile = (bearer: string) => app.send(ProfileDocument, { key: { userId: 'ada' } }, { bearer });
const postEvent = (bearer: string) =>
  fetch(`${app.url}/event/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'page_view', userId: 'ada' }),
  });
const getProfile = (bearer: string) =>
  fetch(`${app.url}/profile/ada`, { headers: { authorization: `Bearer ${bearer}` } });

describe('a request with a known key makes no query for authentication', () => {
  beforeAll(async () => {
    const { tags, stop } = recordStatements();
    // Then the changes of the first start are known, and no key has to be read a second time because of them.
    await within(5_000, () => Promise.resolve(tags.filter((tag) => tag === POLL).length >= 2));
    stop();
    for (const bearer of [app.writeOnlyKey, app.readWriteKey]) await trackEvent(bearer);
  });

  test.each([
    ['trackEvent with a write-only key', () => trackEvent(app.writeOnlyKey), 'events.insertEvents'],
    ['trackEvent with a read & write key', () => trackEvent(app.readWriteKey), 'events.insertEvents'],
    ['profile with a read & write key', () => readProfile(app.readWriteKey), 'profiles.findProfiles'],
    ['a refused profile with a write-only key', () => readProfile(app.writeOnlyKey), undefined],
    ['POST /event/ingest', () => postEvent(app.writeOnlyKey), 'events.insertEvents'],
    ['GET /profile/{id}', () => getProfile(app.readWriteKey), 'profiles.findProfiles'],
  ])('%s', async (_name, ask, itsStatement) => {
    for (let index = 0; index < REQUESTS / 10; index += 1)
      await Promise.all(Array.from({ length: 10 }, () => ask()));

    expect(authStatements()).toEqual([]);
    // The counter counts.
    if (itsStatement) expect(statements.tags).toContain(itsStatement);
  });
});

test('a new key is looked up once, also when its first requests come together', async () => {
  const { secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY' });
  // A change of settings makes every key be read anew, once. It has happened when it has to a known key.
  await within(5_000, async () => {
    await trackEvent(app.writeOnlyKey);
    return authStatements().includes('auth.findKeyPolicy');
  });
  statements.stop();
  statements = recordStatements();

  await Promise.all(Array.from({ length: 20 }, () => trackEvent(secret)));

  expect(authStatements()).toEqual(['auth.findKeyPolicy']);
});

test('an unknown key is looked up once, and a wrong checksum never', async () => {
  const unknown = createSecret('fg_wo_');
  for (let index = 0; index < 20; index += 1) {
    expect((await trackEvent(unknown)).code).toBe('UNAUTHENTICATED');
    expect((await trackEvent(`${unknown.slice(0, -1)}_`)).code).toBe('UNAUTHENTICATED');
  }

  expect(authStatements()).toEqual(['auth.findKeyPolicy']);
});
