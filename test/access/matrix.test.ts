import { startTestApp, type TestApp } from '../support/app';
import { givenCredentials, type GivenCredential } from './given-credentials';
import { listRootFields, listRuledNestedFields, type NestedField, type RootField } from './root-fields';

/** Whatever a permitted call answers, it is none of these. */
const ACCESS_CODES = ['UNAUTHENTICATED', 'FORBIDDEN', 'IP_NOT_ALLOWED', 'BROWSER_NOT_ALLOWED'];

/** `@authenticated` says any valid credential; ending a session takes one. */
const NEEDS_SESSION = new Set(['signOut', 'signOutEverywhere', 'changePassword']);

const FIELDS = listRootFields();
const NESTED_FIELDS = listRuledNestedFields();

describe('every field with a rule', () => {
  let app: TestApp;
  let credentials: GivenCredential[];

  beforeAll(async () => {
    app = await startTestApp({ settings: { FAILED_SIGN_INS_PER_MINUTE: '100000' } });
    credentials = await givenCredentials(app);
  });
  afterAll(() => app.close());

  test.each(FIELDS)('$operation $name has a rule in the contract', ({ rule }) => {
    expect(rule).toEqual(expect.stringMatching(/^(public|authenticated|\w+:\w+)$/));
  });

  test.each(FIELDS)('$operation $name lets in whom its rule names, and nobody else', async (field) => {
    const answers = await Promise.all(
      credentials.map(async (credential) => {
        const { status, code } = await app.sendText(field.text, field.variables, await credential.options());
        const { allowed, ...refusal } = expectationFor(field, credential);
        const got = allowed && !ACCESS_CODES.includes(code ?? '') ? 'let in' : `${status} ${code}`;
        return {
          name: credential.name,
          got,
          wanted: allowed ? 'let in' : `${refusal.status} ${refusal.code}`,
        };
      }),
    );
    expect(answers.filter(({ got, wanted }) => got !== wanted)).toEqual([]);
  });

  test('fields below the roots have rules too', () => {
    expect(NESTED_FIELDS.map(({ name }) => name)).toContain('Profile.events');
  });

  test.each(NESTED_FIELDS)('$name has a scope in the contract', ({ rules }) => {
    for (const rule of rules) expect(rule).toEqual(expect.stringMatching(/^\w+:\w+$/));
  });

  test.each(NESTED_FIELDS)('$name asks for its scope and for that of the way to it', async (field) => {
    const answers = await Promise.all(
      credentials.map(async (credential) => {
        const answer = await app.sendText(field.text, field.variables, await credential.options());
        const lacked = answer.errors.flatMap(({ extensions }) => extensions['missingScopes'] ?? []);
        return {
          name: credential.name,
          status: answer.status,
          code: answer.code,
          lacked: lacked.sort(),
        };
      }),
    );
    expect(answers).toEqual(
      credentials.map((credential) => ({
        name: credential.name,
        ...nestedExpectationFor(field, credential),
      })),
    );
  });
});

/** A refusal names every scope that is lacking: no credential has just one of the two, so that alone tells them apart. */
function nestedExpectationFor(
  { rules }: NestedField,
  { scopes, refusal }: GivenCredential,
): { status?: number; code?: string; lacked: unknown[] } {
  if (!scopes) return { ...refusal, lacked: [] };
  if (scopes.length === 0) return { status: 401, code: 'UNAUTHENTICATED', lacked: [] };
  const lacked = rules.filter((rule) => !scopes.includes(rule ?? '')).sort();
  return lacked.length === 0 ? { status: 200, lacked } : { status: 403, code: 'FORBIDDEN', lacked };
}

function expectationFor(
  { name, rule }: RootField,
  { scopes, refusal }: GivenCredential,
): { allowed: boolean; status?: number; code?: string } {
  if (!scopes) return { allowed: false, ...refusal };
  // A wrong password is the one refusal that an open door gives.
  if (name === 'signIn') return { allowed: false, status: 401, code: 'UNAUTHENTICATED' };
  if (rule === 'public') return { allowed: true };
  if (scopes.length === 0) return { allowed: false, status: 401, code: 'UNAUTHENTICATED' };
  const isSession = scopes.includes('settings:read');
  const isCovered =
    rule === 'authenticated' ? !NEEDS_SESSION.has(name) || isSession : scopes.includes(rule ?? '');
  return isCovered ? { allowed: true } : { allowed: false, status: 403, code: 'FORBIDDEN' };
}
