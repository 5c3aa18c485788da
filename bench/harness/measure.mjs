import os from 'node:os';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { cpuSecondsOf, cpuSecondsOfMachine, residentMb } from './process-usage.mjs';

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
 * @property {number | null} othersShare  Of the machine's CPU, what programs used that have no part in it.
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
  const cpu = subtract(readCpu(bench, contestant), cpuBefore);
  requireNoFailure(name, result);
  const acknowledged = sum(result.phases.map((phase) => phase.acknowledged));
  const rows = (await countRows()) - rowsBefore;
  if (table && rows !== acknowledged * eventsPerRequest) {
    throw new Error(`${name} acknowledged ${acknowledged * eventsPerRequest} events and stored ${rows}.`);
  }
  const perRequestUs = (/** @type {number | null} */ seconds) =>
    seconds === null ? null : (seconds * 1e6) / acknowledged;
  return {
    phases: result.phases,
    serverCpuUs: perRequestUs(cpu.server),
    databaseCpuUs: perRequestUs(cpu.database),
    loadCpuUs: (result.cpuSeconds * 1e6) / acknowledged,
    othersShare: shareOfOthers(cpu, result.cpuSeconds),
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

/**
 * Seconds of CPU used so far, and of the clock.
 * @typedef {{ server: number | null, database: number | null, machine: number | null, clock: number }} Cpu
 */

/** @param {Workbench} bench @param {Contestant} contestant @returns {Cpu} */
function readCpu({ postgres }, { server }) {
  return {
    server: cpuSecondsOf(server.pid),
    database: postgres.cpuSeconds(),
    machine: cpuSecondsOfMachine(),
    clock: performance.now() / 1000,
  };
}

/** @param {Cpu} after @param {Cpu} before @returns {Cpu} */
function subtract(after, before) {
  const difference = (/** @type {number | null} */ a, /** @type {number | null} */ b) =>
    a === null || b === null ? null : a - b;
  return {
    server: difference(after.server, before.server),
    database: difference(after.database, before.database),
    machine: difference(after.machine, before.machine),
    clock: after.clock - before.clock,
  };
}

/** @param {Cpu} cpu @param {number} loadSeconds */
function shareOfOthers({ server, database, machine, clock }, loadSeconds) {
  if (server === null || database === null || machine === null) return null;
  return Math.max(0, machine - server - database - loadSeconds) / (clock * os.availableParallelism());
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
