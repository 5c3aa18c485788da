import { clearInterval, setInterval } from 'node:timers';
import { cpuSecondsOf, residentMb } from './process-usage.mjs';

/** @typedef {import('./workbench.mjs').Workbench} Workbench */
/** @typedef {import('../load/phase.mjs').PhasePlan} PhasePlan */

/**
 * A way to do the work that is compared with others.
 * @typedef {object} Contestant
 * @property {string} id     Short, for flags and results.
 * @property {string} name   For the tables.
 * @property {import('./server-process.mjs').ServerProcess} server
 * @property {number} port
 * @property {string} database
 * @property {() => Promise<unknown>} [prepare]  Before each round.
 * @property {string} [table]          Where the events go, to be counted; absent: it reads.
 * @property {import('../load/request-template.mjs').RequestPlan} request
 * @property {number} connections
 * @property {number} eventsPerRequest 1 for reads.
 */

/**
 * What one round found. Requests and events per second and latencies are of the measured seconds, CPU is of the whole
 * round, warm-up included, by all requests of the whole round.
 * @typedef {object} Round
 * @property {number} eventsPerSecond
 * @property {number | null} p50Ms
 * @property {number | null} p99Ms
 * @property {number} acknowledged   Requests.
 * @property {number} refused        Requests answered with 503 or 429.
 * @property {number | null} serverCpuUs    Microseconds per request; null: this system does not tell.
 * @property {number | null} databaseCpuUs  The same, of all processes of PostgreSQL.
 * @property {number} loadCpuUs      The same, of the load generator.
 * @property {(number | null)[]} residentMb  Of the server, each second.
 */

const MEMORY_INTERVAL_MS = 1_000;

/**
 * Sends to one contestant and checks that what was acknowledged is what is stored. Throws when it is not, and when
 * anything was answered that is neither success nor 503 or 429.
 * @param {Workbench} bench @param {Contestant} contestant @param {PhasePlan[]} phases
 */
export async function runLoad(bench, contestant, phases) {
  const { postgres, load } = bench;
  const { name, server, port, request, database, table, eventsPerRequest } = contestant;
  await contestant.prepare?.();
  const countRows = () => (table ? postgres.countRows(database, table) : 0);
  const rowsBefore = await countRows();
  await postgres.checkpoint();
  const cpuBefore = readCpu(bench, contestant);
  const memory = [residentMb(server.pid)];
  const timer = setInterval(() => memory.push(residentMb(server.pid)), MEMORY_INTERVAL_MS);
  const result = await load.run({ port, request, phases }).finally(() => clearInterval(timer));
  const cpuAfter = readCpu(bench, contestant);
  requireNoFailure(name, result);
  const acknowledged = sum(result.phases.map((phase) => phase.acknowledged));
  const rows = (await countRows()) - rowsBefore;
  if (table && rows !== acknowledged * eventsPerRequest) {
    throw new Error(`${name} acknowledged ${acknowledged * eventsPerRequest} events and stored ${rows}.`);
  }
  const perRequestUs = (/** @type {number | null} */ after, /** @type {number | null} */ before) =>
    after === null || before === null ? null : ((after - before) * 1e6) / acknowledged;
  return {
    phases: result.phases,
    serverCpuUs: perRequestUs(cpuAfter.server, cpuBefore.server),
    databaseCpuUs: perRequestUs(cpuAfter.database, cpuBefore.database),
    loadCpuUs: (result.cpuSeconds * 1e6) / acknowledged,
    residentMb: [...memory, residentMb(server.pid)],
  };
}

/**
 * One round: warm-up, then the seconds that count.
 * @param {Workbench} bench @param {Contestant} contestant @param {{ warmUp: number, seconds: number }} times
 * @returns {Promise<Round>}
 */
export async function measureRound(bench, contestant, { warmUp, seconds }) {
  const { connections, eventsPerRequest } = contestant;
  const { phases, ...usage } = await runLoad(bench, contestant, [
    { connections, seconds: warmUp },
    { connections, seconds },
  ]);
  const { acknowledged, refused, seconds: measured, latencyMs } = phases[1];
  const eventsPerSecond = (acknowledged * eventsPerRequest) / measured;
  return { eventsPerSecond, p50Ms: latencyMs[0], p99Ms: latencyMs[1], acknowledged, refused, ...usage };
}

/** @param {Workbench} bench @param {Contestant} contestant */
function readCpu({ postgres }, { server }) {
  return { server: cpuSecondsOf(server.pid), database: postgres.cpuSeconds() };
}

/** @param {string} name @param {import('../load/generator.mjs').LoadResult} result */
function requireNoFailure(name, { phases }) {
  const failed = phases.find(({ failure }) => failure !== undefined);
  if (failed) throw new Error(`${name} answered ${JSON.stringify(failed.failed)}: ${failed.failure}`);
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
