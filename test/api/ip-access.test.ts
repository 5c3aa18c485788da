import { givenKey, givenMember, startTestApp, type TestApp } from '../support/app';
import {
  AddIpRangeDocument,
  GetApiSettingsDocument,
  GetViewerDocument,
  RemoveIpRangeDocument,
  SetIpAccessDocument,
  type SetIpAccessInput,
} from '../support/operations';
import { within } from '../support/within';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ settings: { TRUSTED_PROXIES: '127.0.0.1', MAX_IP_RANGES: '3' } });
});
afterAll(() => app.close());

function callFrom(address: string, bearer: string) {
  return app.send(GetViewerDocument, {}, { bearer, headers: { 'x-forwarded-for': address } });
}

async function addRange(keyId: string, range: string) {
  return app.send(AddIpRangeDocument, { input: { keyId, range } }, { bearer: app.session });
}

async function setMode(input: SetIpAccessInput) {
  return app.get(SetIpAccessDocument, { input }, { bearer: app.session });
}

async function rangesOf(keyId: string): Promise<string[] | undefined> {
  const { apiSettings } = await app.get(GetApiSettingsDocument, {}, { bearer: app.session });
  return apiSettings.integrationKeys
    .find(({ id }) => id === keyId)
    ?.ipAccess.entries.map(({ range }) => range);
}

test('a key that is tied to ranges is refused elsewhere, and only its holder is told how it was seen', async () => {
  const { secret } = await givenKey(app, app.session, {
    kind: 'READ_WRITE',
    ipRanges: [{ range: '10.0.0.0/8' }, { range: '2001:db8::/32' }],
  });
  for (const address of ['10.255.0.1', '::ffff:10.0.0.1', '2001:db8:ffff::1']) {
    expect((await callFrom(address, secret)).status).toBe(200);
  }
  for (const [address, clientIp] of [
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db9::1', '2001:db9::1'],
    ['no address', 'unknown'],
  ] as const) {
    const answer = await callFrom(address, secret);
    expect(answer).toMatchObject({ status: 403, code: 'IP_NOT_ALLOWED' });
    expect(answer.errors[0]?.extensions['clientIp']).toBe(clientIp);
    expect(JSON.stringify(answer.errors)).not.toContain('10.0.0.0');
  }
});

test('ranges that are added and removed take effect within a second', async () => {
  const { id: keyId, secret } = await givenKey(app, app.session, { kind: 'READ_WRITE', ipRanges: [] });
  expect((await callFrom('192.0.2.7', secret)).code).toBe('IP_NOT_ALLOWED');
  const { data } = await addRange(keyId, '192.0.2.7');
  const [entry] = data?.addIpRange.ipAccess.entries ?? [];
  expect(entry).toMatchObject({ range: '192.0.2.7', description: null, createdBy: 'owner@example.com' });
  await within(1000, async () => (await callFrom('192.0.2.7', secret)).status === 200);

  const input = { entryId: entry?.id ?? '' };
  const { removeIpRange } = await app.get(RemoveIpRangeDocument, { input }, { bearer: app.session });
  expect(removeIpRange.ipAccess).toEqual({ mode: 'SPECIFIC_LOCATIONS', enforcement: 'ENFORCE', entries: [] });
  await within(1000, async () => (await callFrom('192.0.2.7', secret)).code === 'IP_NOT_ALLOWED');
});

test('the mode takes effect within a second, and OBSERVE refuses nobody', async () => {
  const { id: keyId, secret } = await givenKey(app, app.session, { kind: 'READ_WRITE' });
  expect((await callFrom('192.0.2.7', secret)).status).toBe(200);
  const closed = await setMode({ keyId, mode: 'SPECIFIC_LOCATIONS' });
  expect(closed.setIpAccess.ipAccess).toMatchObject({ mode: 'SPECIFIC_LOCATIONS', enforcement: 'ENFORCE' });
  await within(1000, async () => (await callFrom('192.0.2.7', secret)).code === 'IP_NOT_ALLOWED');
  await setMode({ keyId, mode: 'SPECIFIC_LOCATIONS', enforcement: 'OBSERVE' });
  await within(1000, async () => (await callFrom('192.0.2.7', secret)).status === 200);
});

test.each([
  '10.0.0.1/8',
  '0.0.0.0/0',
  '::/0',
  '010.0.0.1',
  '10.1',
  '0x0a000001',
  'fe80::1%eth0',
  'canary',
  '',
])('the range %j is refused and the list stays', async (range) => {
  const { id: keyId } = await givenKey(app, app.session, {
    kind: 'READ_WRITE',
    ipRanges: [{ range: '10.0.0.0/8' }],
  });
  const answer = await addRange(keyId, range);
  expect(answer).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  expect(answer.errors[0]?.extensions.path).toEqual(['input', 'range']);
  expect(JSON.stringify(answer.errors)).not.toContain('canary');
  expect(await rangesOf(keyId)).toEqual(['10.0.0.0/8']);
});

test('a range is listed once, and the list has an end', async () => {
  const { id: keyId } = await givenKey(app, app.session, { kind: 'READ_WRITE' });
  expect((await addRange(keyId, '10.0.0.0/8')).status).toBe(200);
  expect(await addRange(keyId, '::ffff:10.0.0.0/104')).toMatchObject({ status: 409, code: 'CONFLICT' });
  await addRange(keyId, '10.0.0.1');
  await addRange(keyId, '10.0.0.2');
  expect(await addRange(keyId, '10.0.0.3')).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  expect(await rangesOf(keyId)).toEqual(['10.0.0.0/8', '10.0.0.1', '10.0.0.2']);
});

test('entries of another workspace answer like entries that never were', async () => {
  const { id: keyId } = await givenKey(app, app.session, { kind: 'READ_WRITE' });
  const { data } = await addRange(keyId, '10.0.0.1');
  const { session: bearer } = await givenMember(app, { role: 'OWNER' });
  const answers = [];
  for (const entryId of [data?.addIpRange.ipAccess.entries[0]?.id ?? '', 'no-uuid']) {
    const { status, errors } = await app.send(RemoveIpRangeDocument, { input: { entryId } }, { bearer });
    answers.push({ status, errors });
  }
  expect(answers[0]).toMatchObject({ status: 404, errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  expect(answers[1]).toEqual(answers[0]);
  expect(await rangesOf(keyId)).toEqual(['10.0.0.1']);
});

test('without a key the metrics key is meant, which there is not yet', async () => {
  const input = { mode: 'ANYWHERE' as const };
  expect(await app.send(SetIpAccessDocument, { input }, { bearer: app.session })).toMatchObject({
    status: 404,
    code: 'NOT_FOUND',
  });
});
