import { createSecret, hashSecret } from '../../src/lib/secret';
import { givenKey, givenMember, type SendOptions, type TestApp } from '../support/app';

/** What a credential may do, written down here a second time: the test must not learn it from the code. */
const WRITE_ONLY = ['events:write', 'profiles:write'];
const READ_WRITE = [
  ...WRITE_ONLY,
  'events:read',
  'profiles:read',
  'profiles:delete',
  'workflows:trigger',
  'workflows:read',
];
const VIEWER = [
  'settings:read',
  'events:read',
  'profiles:read',
  'workflows:read',
  'metrics:query',
  'metrics:sql',
];
const ADMIN = [
  ...VIEWER,
  'settings:write',
  'metrics:write',
  'workflows:write',
  'workflows:trigger',
  'profiles:write',
  'profiles:delete',
  'events:write',
  'audit:read',
];
const OWNER = [...ADMIN, 'members:write', 'workspace:write'];

export interface GivenCredential {
  readonly name: string;
  /** null: refused before the operation is looked at, with `refusal`. */
  readonly scopes: readonly string[] | null;
  readonly refusal?: { readonly status: number; readonly code: string };
  /** Anew for every request: some operations end the session that asks. */
  readonly options: () => Promise<SendOptions>;
}

const UNAUTHENTICATED = { status: 401, code: 'UNAUTHENTICATED' };
const ELSEWHERE = [{ range: '203.0.113.0/24' }];

/** One of each kind of credential, good and bad. */
export async function givenCredentials(app: TestApp): Promise<GivenCredential[]> {
  const make = (input: Parameters<typeof givenKey>[2]) => givenKey(app, app.session, input);
  const [revoked, expired, elsewhere, elsewhereRw] = await Promise.all([
    make({ kind: 'READ_WRITE' }),
    make({ kind: 'READ_WRITE' }),
    make({ kind: 'WRITE_ONLY', ipRanges: ELSEWHERE }),
    make({ kind: 'READ_WRITE', ipRanges: ELSEWHERE }),
  ]);
  await app.sql(
    `update integration_key set expires_at = now() - interval '1 second' where id = '${expired.id}'`,
  );
  await app.sendText(
    `mutation { revokeIntegrationKey(input: { keyId: "${revoked.id}" }) { key { id } } }`,
    {},
    { bearer: app.session },
  );
  const bearer = (secret: string) => () => Promise.resolve({ bearer: secret });
  const refused = (name: string, secret: string, refusal = UNAUTHENTICATED): GivenCredential => ({
    name,
    scopes: null,
    refusal,
    options: bearer(secret),
  });
  const member = (role: 'VIEWER' | 'ADMIN' | 'OWNER') => async () => ({
    bearer: (await givenMember(app, { role, workspaceId: app.workspaceId })).session,
  });
  return [
    { name: 'no credential', scopes: [], options: () => Promise.resolve({}) },
    { name: 'a write-only key', scopes: WRITE_ONLY, options: bearer(app.writeOnlyKey) },
    { name: 'a read & write key', scopes: READ_WRITE, options: bearer(app.readWriteKey) },
    { name: "a viewer's session", scopes: VIEWER, options: member('VIEWER') },
    { name: "an admin's session", scopes: ADMIN, options: member('ADMIN') },
    { name: "an owner's session", scopes: OWNER, options: member('OWNER') },
    refused('text that is no key', 'let-me-in'),
    refused('an empty credential', ''),
    refused(
      'a key with a wrong checksum',
      `${app.readWriteKey.slice(0, -1)}${app.readWriteKey.endsWith('0') ? '1' : '0'}`,
    ),
    refused('an unknown key', createSecret('fg_rw_')),
    refused('an unknown session', createSecret('fg_ss_')),
    refused('a session past its end', await givenSession(app, { expires_at: `now() - interval '1 second'` })),
    refused(
      'a session that was not used for long',
      await givenSession(app, { last_used_at: `now() - interval '1 year'` }),
    ),
    refused('a session that was signed out', await givenSignedOutSession(app)),
    refused('a secret of another kind', createSecret('fg_at_')),
    refused('a revoked key', revoked.secret),
    refused('an expired key', expired.secret),
    refused('a write-only key from a wrong address', elsewhere.secret, {
      status: 403,
      code: 'IP_NOT_ALLOWED',
    }),
    refused('a read & write key from a wrong address', elsewhereRw.secret, {
      status: 403,
      code: 'IP_NOT_ALLOWED',
    }),
    {
      ...refused('a read & write key in a browser', '', { status: 403, code: 'BROWSER_NOT_ALLOWED' }),
      options: () =>
        Promise.resolve({
          bearer: app.readWriteKey,
          headers: { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' },
        }),
    },
  ];
}

/** An owner's session of the first workspace, good but for these columns. */
async function givenSession(
  app: TestApp,
  columns: Partial<Record<'expires_at' | 'last_used_at', string>>,
): Promise<string> {
  const { session } = await givenMember(app, { role: 'OWNER', workspaceId: app.workspaceId });
  const changes = Object.entries(columns).map(([column, value]) => `${column} = ${value}`);
  const changed = await app.sql(
    `update session set ${changes.join()} where token_hash = '\\x${hashSecret(session).toString('hex')}' returning 1`,
  );
  if (changed.length !== 1) throw new Error('The session was not found.');
  return session;
}

async function givenSignedOutSession(app: TestApp): Promise<string> {
  const { session } = await givenMember(app, { role: 'OWNER', workspaceId: app.workspaceId });
  const { status } = await app.sendText('mutation { signOut { signedOut } }', {}, { bearer: session });
  if (status !== 200) throw new Error(`Sign-out answered ${status}.`);
  return session;
}
