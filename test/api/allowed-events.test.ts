import { givenKey, givenMember, startTestApp, type TestApp } from '../support/app';
import {
  SetAllowedEventsDocument,
  TrackEventDocument,
  type SetAllowedEventsInput,
} from '../support/operations';
import { within } from '../support/within';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

function track(name: string, bearer: string) {
  return app.send(TrackEventDocument, { input: { name, userId: 'ada' } }, { bearer });
}

function setAllowedEvents(input: SetAllowedEventsInput) {
  return app.send(SetAllowedEventsDocument, { input }, { bearer: app.session });
}

test('the list takes effect within a second', async () => {
  const { id: keyId, secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY' });
  expect((await track('sale', secret)).status).toBe(200);
  const { data } = await setAllowedEvents({ keyId, mode: 'SPECIFIC', names: ['visit', 'Sale', 'visit'] });
  expect(data?.setAllowedEvents.key).toMatchObject({
    id: keyId,
    allowedEvents: { mode: 'SPECIFIC', enforcement: 'ENFORCE', names: ['Sale', 'visit'] },
  });
  await within(1000, async () => (await track('sale', secret)).code === 'EVENT_NOT_ALLOWED');
  expect((await track('Sale', secret)).status).toBe(200);
  await setAllowedEvents({ keyId, mode: 'ALL' });
  await within(1000, async () => (await track('sale', secret)).status === 200);
});

test('an empty list allows nothing', async () => {
  const { secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: [] });
  expect(await track('sale', secret)).toMatchObject({ status: 403, code: 'EVENT_NOT_ALLOWED' });
});

test('OBSERVE refuses nothing', async () => {
  const { id: keyId, secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: [] });
  await setAllowedEvents({ keyId, mode: 'SPECIFIC', enforcement: 'OBSERVE' });
  await within(1000, async () => (await track('sale', secret)).status === 200);
});

test('a name is the same however its characters are composed', async () => {
  const { secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY', allowedEvents: ['cafe\u0301'] });
  expect((await track('caf\u00e9', secret)).status).toBe(200);
});

test.each(['', 'two words', 'canary\0', 'canary\n', 'canary\ud800', 'canary'.repeat(40)])(
  'the name %.10j refuses the whole list',
  async (name) => {
    const { id: keyId, secret } = await givenKey(app, app.session, {
      kind: 'WRITE_ONLY',
      allowedEvents: ['sale'],
    });
    const answer = await setAllowedEvents({ keyId, mode: 'SPECIFIC', names: ['visit', name] });
    expect(answer).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    expect(answer.errors[0]?.extensions.path).toEqual(['input', 'names', 1]);
    expect(JSON.stringify(answer.errors)).not.toContain('canary');
    expect((await track('sale', secret)).status).toBe(200);
  },
);

test('a key of another workspace answers like one that never was', async () => {
  const { id: keyId, secret } = await givenKey(app, app.session, { kind: 'WRITE_ONLY' });
  const { session: bearer } = await givenMember(app, { role: 'OWNER' });
  const input = { keyId, mode: 'SPECIFIC' as const };
  expect(await app.send(SetAllowedEventsDocument, { input }, { bearer })).toMatchObject({
    status: 404,
    code: 'NOT_FOUND',
  });
  expect((await track('sale', secret)).status).toBe(200);
});
