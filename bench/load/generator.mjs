/**
 * The load, in a process of its own: a closed loop, in which each connection sends its next request when the last one
 * is answered. Takes a `LoadPlan` as a message and answers with a `LoadResult`; they come one at a time.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection.mjs';
import { Phase } from './phase.mjs';
import { Clock, RequestTemplate } from './request-template.mjs';

/**
 * @typedef {object} LoadPlan
 * @property {number} port
 * @property {import('./request-template.mjs').RequestPlan} request
 * @property {import('./phase.mjs').PhasePlan[]} phases
 */

/**
 * @typedef {object} LoadResult
 * @property {import('./phase.mjs').PhaseResult[]} phases  As planned, and one for what was still under way at the end.
 * @property {number} cpuSeconds  Of the load generator.
 */

const POLL_MS = 5;
const DRAIN_TIMEOUT_MS = 30_000;

class Load {
  #plan;
  #clock;
  /** @type {Connection[]} */
  #connections = [];
  #allowed = 0;
  #unsent = Infinity;
  #phase = new Phase();
  /** @type {Error | undefined} */
  #fault;

  /** @param {LoadPlan} plan */
  constructor(plan) {
    this.#plan = plan;
    this.#clock = new Clock(plan.request.times);
  }

  /** @returns {Promise<LoadResult>} */
  async run() {
    const cpu = process.cpuUsage();
    const phases = [];
    try {
      for (const plan of this.#plan.phases) phases.push(await this.#runPhase(plan));
      this.#phase = new Phase();
      this.#allowed = 0;
      await this.#waitUntilIdle();
      phases.push(this.#phase.end());
    } finally {
      for (const connection of this.#connections) connection.close();
    }
    const { user, system } = process.cpuUsage(cpu);
    return { phases, cpuSeconds: (user + system) / 1e6 };
  }

  /** @param {import('./phase.mjs').PhasePlan} plan */
  async #runPhase({ connections, seconds, requests = Infinity }) {
    this.#phase = new Phase();
    this.#unsent = requests;
    this.#allowed = connections;
    while (this.#connections.length < connections) this.#connections.push(this.#open());
    for (const connection of this.#connections) if (!connection.isBusy) this.#sendOn(connection);
    if (seconds === undefined) await this.#waitUntilIdle(Infinity);
    else await sleep(seconds * 1000);
    if (this.#fault) throw this.#fault;
    return this.#phase.end();
  }

  #open() {
    return new Connection({
      number: this.#connections.length,
      port: this.#plan.port,
      template: new RequestTemplate(this.#plan.request, this.#clock),
      onAnswer: (connection, answer) => {
        this.#phase.add(answer);
        this.#sendOn(connection);
      },
      onBroken: (error) => (this.#fault ??= error),
    });
  }

  /** Connections beyond the allowed number fall silent after their last answer. @param {Connection} connection */
  #sendOn(connection) {
    if (this.#unsent <= 0 || connection.number >= this.#allowed) return;
    this.#unsent -= 1;
    connection.send();
  }

  async #waitUntilIdle(timeoutMs = DRAIN_TIMEOUT_MS) {
    const deadline = performance.now() + timeoutMs;
    while (this.#connections.some(({ isBusy }) => isBusy)) {
      if (this.#fault) throw this.#fault;
      if (performance.now() > deadline) throw new Error('Requests were not answered in time.');
      await sleep(POLL_MS);
    }
  }
}

process.on('message', (/** @type {LoadPlan} */ plan) => {
  new Load(plan).run().then(
    (result) => process.send?.({ result }),
    (error) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
