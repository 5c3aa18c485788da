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
    };
    await app.sendText(
      `mutation { identifyProfile(input: { userId: "eve", anonymousId: "eves-phone", externalId: "crm-eve",
        properties: { secret: "hers" } }) { accepted } }`,
      {},
      { bearer: foreignSession },
    );
  });
  afterAll(() => app.close());

  test.each(PLACES)('answers like an unknown one at $field.name $place', async ({ field, path }) => {
    const before = await readForeignState();
    const name = path.at(-1) ?? '';
    const foreign = await sendWith(field, path, foreignIds[name] ?? RANDOM_ID);
    const random = await sendWith(field, path, RANDOM_ID);
    expect(withoutIds(foreign)).toEqual(withoutIds(random));
    expect(await readForeignState()).toEqual(before);
  });

  test('has kinds that this test knows', () => {
    const kinds = new Set(PLACES.map(({ path }) => path.at(-1)));
    for (const own of ['sessionId', 'messageId']) kinds.delete(own);
    expect([...kinds].filter((kind) => !(kind! in foreignIds))).toEqual([]);
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
    const text = `{ profiles { edges { node { id userId anonymousIds properties } } }
      apiSettings { integrationKeys(includeRevoked: true) { id name revokedAt ipAccess { mode entries { range } } allowedEvents { mode names } } } }`;
    return (await app.sendText(text, {}, { bearer: foreignSession })).data;
  }
});

function withoutIds({ status, data, errors }: Answer<Record<string, unknown>>): unknown {
  const text = JSON.stringify({ status, data, errors });
  return text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}/g, '<id>');
}
