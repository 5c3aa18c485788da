/**
 * A process that asks Fluxgate's own modules to check one known key again and again, with nothing else around: the
 * bearer and its checksum, the policy, the address, the rate, the scope, the name of the event.
 */
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { Authenticator } from '../../dist/src/auth/authenticator.js';
import { judgeEventName, requireScope } from '../../dist/src/auth/authorize.js';
import { PolicyCache } from '../../dist/src/auth/policy-cache.js';
import { readConfig } from '../../dist/src/config.js';
import { createRemoteServer } from '../../dist/src/database/server.js';
import { createLogger } from '../../dist/src/log.js';

/** In bursts, so that the policy cache can confirm its version between them, as it does while requests are served. */
const BURST = 10_000;
const WARM_UP_BURSTS = 5;
const BURSTS = 20;
const PAUSE_MS = 50;

/** Fluxgate's `pg`, which is not ours. */
const pg = createRequire(new URL('../../dist/src/server.js', import.meta.url))('pg');
let queries = 0;

process.once('message', (/** @type {{ key: string, eventName: string }} */ message) => void main(message));

/** @param {{ key: string, eventName: string }} message */
async function main({ key, eventName }) {
  countQueries();
  const { authenticator, policies, db } = await open();
  const request = {
    requestId: 'bench',
    method: 'POST',
    peer: '127.0.0.1',
    headers: { host: '127.0.0.1', authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  };
  const check = async () => {
    const { caller } = await authenticator.authenticate(request);
    requireScope(caller, 'events:write');
    if (judgeEventName(caller, eventName) !== 'ALLOWED') throw new Error('The key may not send the event.');
  };
  for (let burst = 0; burst < WARM_UP_BURSTS; burst += 1) await measureBurst(check);
  const measured = { cpuUs: 0, queries: 0 };
  for (let burst = 0; burst < BURSTS; burst += 1) {
    const cost = await measureBurst(check);
    measured.cpuUs += cost.cpuUs / BURSTS;
    measured.queries += cost.queries;
  }
  await policies.stop();
  await db.end();
  process.send?.(measured);
  process.disconnect();
}

/** CPU is per check. @param {() => Promise<void>} check */
async function measureBurst(check) {
  await sleep(PAUSE_MS);
  const queriesBefore = queries;
  const before = process.cpuUsage();
  for (let count = 0; count < BURST; count += 1) await check();
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / BURST, queries: queries - queriesBefore };
}

function countQueries() {
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (/** @type {unknown[]} */ ...args) {
    queries += 1;
    return query.apply(this, args);
  };
}

/** As the composition root does it. */
async function open() {
  const config = readConfig({ ...process.env, RATE_LIMIT_PER_SECOND: '1000000000' });
  const log = createLogger('warn');
  const { connection } = createRemoteServer(process.env.DATABASE_URL ?? '');
  const db = new pg.Pool(connection);
  const policies = new PolicyCache({ connection, db, log });
  await policies.start();
  const clock = () => new Date();
  const authenticator = new Authenticator({ policies, db, config, clock, log, trustedProxies: [] });
  return { authenticator, policies, db };
}
