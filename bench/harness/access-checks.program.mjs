/**
 * A process that asks Fluxgate's own modules to check one known key again and again, with nothing else around: the
 * bearer and its checksum, the policy, the address, the rate, the scope, the name of the event.
 */
import pg from 'pg';
import { Authenticator } from '../../dist/src/auth/authenticator.js';
import { judgeEventName, requireScope } from '../../dist/src/auth/authorize.js';
import { PolicyCache } from '../../dist/src/auth/policy-cache.js';
import { readConfig } from '../../dist/src/config.js';
import { createRemoteServer } from '../../dist/src/database/server.js';
import { createLogger } from '../../dist/src/log.js';

const WARM_UP = 20_000;
const CHECKS = 200_000;

process.once('message', (/** @type {{ key: string, eventName: string }} */ message) => void main(message));

/** @param {{ key: string, eventName: string }} message */
async function main({ key, eventName }) {
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
  for (let count = 0; count < WARM_UP; count += 1) await check();
  const before = process.cpuUsage();
  const queriesBefore = db.queries;
  for (let count = 0; count < CHECKS; count += 1) await check();
  const { user, system } = process.cpuUsage(before);
  await policies.stop();
  await db.pool.end();
  process.send?.({ cpuUs: (user + system) / CHECKS, queries: db.queries - queriesBefore });
  process.disconnect();
}

/** As the composition root does it, on a pool that counts. */
async function open() {
  const config = readConfig({ ...process.env, RATE_LIMIT_PER_SECOND: '1000000000' });
  const log = createLogger('warn');
  const { connection } = createRemoteServer(process.env.DATABASE_URL ?? '');
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
  const db = { pool, queries: 0 };
  const query = pool.query.bind(pool);
  pool.query = (/** @type {[any]} */ ...args) => {
    db.queries += 1;
    return query(...args);
  };
  const policies = new PolicyCache({ connection, db: pool, log });
  await policies.start();
  const clock = () => new Date();
  const authenticator = new Authenticator({ policies, db: pool, config, clock, log, trustedProxies: [] });
  return { authenticator, policies, db };
}
