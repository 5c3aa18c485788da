import { givenKey, givenMember, startTestApp, type Answer, type TestApp } from '../support/app';
import { listRootFields, type RootField } from './root-fields';

/** Every id argument of every root field, tried with ids that exist in another workspace. */
const PLACES = listRootFields().flatMap((field) =>
  field.idPaths.map((path) => ({ field, path, place: path.join('.') })),
);
const RANDOM_ID = '00000000-0000-7000-8000-00000000ffff';

describe('an id of another workspace', () => {
  let app: TestApp;
  let foreignIds: Record<string, string>;
  let foreignSession: string;

  beforeAll(async () => {
    app = await startTestApp();
    const other = await givenMember(app, { role: 'OWNER' });
    foreignSession = other.session;
    const key = await givenKey(app, foreignSession, {
      kind: 'READ_WRITE',
      ipRanges: [{ range: '127.0.0.1' }],
    });
    const [entry] = await app.sql<{ id: string }>(`select id from ip_range where key_id = '${key.id}'`);
    await app.sql(`update integration_key set ip_mode = 'ANYWHERE' where id = '${key.id}'`);
    foreignIds = {
      keyId: key.id,
      entryId: entry?.id ?? '',
      userId: 'eve',
      anonymousId: 'eves-phone',
      externalId: 'crm-eve',
      sessionId: 'eves-visit',
      messageId: 'eves-message',
    };
    await app.sendText(
      `mutation { identifyProfile(input: { userId: "eve", anonymousId: "eves-phone", externalId: "crm-eve",
        properties: { secret: "hers" } }) { accepted } }`,
      {},
      { bearer: foreignSession },
    );
    await app.sendText(
      `mutation { trackEvents(input: { events: [
        { name: "hers-by-user", userId: "eve", sessionId: "eves-visit", messageId: "eves-message" }
        { name: "hers-by-phone", anonymousId: "eves-phone" }
        { name: "hers-by-crm", externalId: "crm-eve" }
      ] }) { acceptedCount } }`,
      {},
      { bearer: foreignSession },
    );
  });
  afterAll(() => app.close());
  // Our own copies of the ids would hide the foreign ones: a message id is a duplicate once a trial has stored it.
  beforeEach(() => app.sql(`delete from event_key where workspace_id = '${app.workspaceId}'`));

  test.each(PLACES)('answers like an unknown one at $field.name $place', async ({ field, path }) => {
    const before = await readForeignState();
    const name = path.at(-1) ?? '';
    const foreign = await sendWith(field, path, foreignIds[name] ?? RANDOM_ID);
    const random = await sendWith(field, path, RANDOM_ID);
    expect(withoutIds(foreign, foreignIds)).toEqual(withoutIds(random, foreignIds));
    expect(await readForeignState()).toEqual(before);
  });

  test('has kinds that this test knows, in lists too', () => {
    const kinds = new Set(PLACES.map(({ path }) => path.at(-1) ?? ''));
    expect([...kinds].filter((kind) => !foreignIds[kind])).toEqual([]);
    expect(PLACES.map(({ place }) => place)).toContain('input.events.0.messageId');
  });

  test('leads to something that could be lost', async () => {
    const state = JSON.stringify(await readForeignState());
    for (const id of ['eve', 'eves-phone', 'crm-eve', 'eves-visit', 'eves-message', foreignIds['keyId']])
      expect(state).toContain(`"${id}"`);
    for (const name of ['hers-by-user', 'hers-by-phone', 'hers-by-crm'])
      // In the list of events, among those of the profile, and in the list of names.
      expect(state.split(`"name":"${name}"`)).toHaveLength(4);
  });

  function sendWith(field: RootField, path: string[], id: string): Promise<Answer<Record<string, unknown>>> {
    const variables = structuredClone(field.variables);
    let place: Record<string, unknown> = variables;
    for (const step of path.slice(0, -1)) place = place[step] as Record<string, unknown>;
    // A profile key takes exactly one id.
    if (field.text.includes('ProfileKey') || path.includes('key'))
      for (const key of Object.keys(place)) delete place[key];
    place[path.at(-1) ?? ''] = id;
    return app.sendText(field.text, variables, { bearer: app.session });
  }

  /** All that the other workspace has, as its owner and the tables see it. */
  async function readForeignState(): Promise<unknown> {
    const event = 'id messageId name userId anonymousId externalId sessionId properties';
    const text = `{ events { edges { node { ${event} } } }
      profiles { edges { node { id userId externalId anonymousIds properties events { edges { node { ${event} } } } } } }
      apiSettings { eventDefinitions { name count } integrationKeys(includeRevoked: true) { id name revokedAt ipAccess { mode entries { range } } allowedEvents { mode names } } } }`;
    return (await app.sendText(text, {}, { bearer: foreignSession })).data;
  }
});

/** An answer may repeat the id that was sent, and ids are made for it. */
function withoutIds(
  { status, data, errors }: Answer<Record<string, unknown>>,
  sent: Readonly<Record<string, string>>,
): string {
  let text = JSON.stringify({ status, data, errors });
  for (const id of Object.values(sent)) text = text.replaceAll(`"${id}"`, '"<id>"');
  return text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}/g, '<id>');
}
