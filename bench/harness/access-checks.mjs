import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { EVENT_NAME } from '../requests.mjs';

const PROGRAM = fileURLToPath(new URL('./access-checks.program.mjs', import.meta.url));

/**
 * CPU of the checks that every request of a key passes, and how many queries they made.
 * @param {import('./workbench.mjs').Workbench} bench
 * @param {{ database: string, writeOnlyKey: string }} fluxgate
 * @returns {Promise<{ cpuUs: number, queries: number }>}
 */
export async function measureAccessChecks({ postgres }, { database, writeOnlyKey }) {
  const { PATH } = process.env;
  const child = fork(PROGRAM, { env: { PATH, NODE_ENV: 'production', ...postgres.environmentOf(database) } });
  child.send({ key: writeOnlyKey, eventName: EVENT_NAME });
  const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (typeof message !== 'object') throw new Error('The access checks could not be measured.');
  await once(child, 'exit');
  return message;
}
