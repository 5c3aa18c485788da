import { readFileSync } from 'node:fs';
import { EVENT_NAME } from '../requests.mjs';

const OWNER_PASSWORD = 'a password for one run of a benchmark';
const CREATE_KEY = `mutation ($input: CreateIntegrationKeyInput!) { createIntegrationKey(input: $input) { secret } }`;
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }`;

export const FLUXGATE_PROGRAM = 'dist/src/server.js';

/** Those of `npm start`. */
export const FLUXGATE_NODE_OPTIONS = readStartScript()
  .split(' ')
  .filter((word) => word.startsWith('--'));

function readStartScript() {
  /** @type {{ scripts: { start: string } }} */
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return scripts.start;
}

/** What a user sets; only the rate limit is out of the way. @param {string} databaseUrl */
export function fluxgateEnvironment(databaseUrl) {
  return {
    DATABASE_URL: databaseUrl,
    PORT: '0',
    LOG_LEVEL: 'warn',
    RATE_LIMIT_PER_SECOND: '10000000',
    FLUXGATE_OWNER_PASSWORD: OWNER_PASSWORD,
  };
}

/**
 * Keys with all checks on: for these addresses and these events only.
 * @param {URL} url Of a server that started for the first time.
 */
export async function createKeys(url) {
  const { signIn } = await ask(url, SIGN_IN, { email: 'owner@localhost', password: OWNER_PASSWORD });
  const createKey = async (/** @type {string} */ kind) => {
    const ipRanges = ['192.0.2.0/24', '2001:db8::/32', '127.0.0.0/8'].map((range) => ({ range }));
    const input = { name: 'Bench', kind, ipRanges, allowedEvents: [EVENT_NAME, 'signed_up', 'purchased'] };
    /** @type {string} */
    const secret = (await ask(url, CREATE_KEY, input, signIn.sessionToken)).createIntegrationKey.secret;
    return secret;
  };
  return { writeOnlyKey: await createKey('WRITE_ONLY'), readWriteKey: await createKey('READ_WRITE') };
}

/** @param {URL} url @param {string} query @param {object} input @param {string} [token] @returns {Promise<any>} */
async function ask(url, query, input, token) {
  const response = await fetch(new URL('/graphql', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(`Fluxgate refused: ${JSON.stringify(errors)}`);
  return data;
}
