import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../load/generator.mjs', import.meta.url));

/** @typedef {import('../load/generator.mjs').LoadPlan} LoadPlan */
/** @typedef {import('../load/generator.mjs').LoadResult} LoadResult */

/** The process that sends. One for all rounds, so that it is as warm for the first server as for the last. */
export class LoadGenerator {
  #child = fork(PROGRAM);
  /** @type {Promise<[undefined]>} */
  #exit = once(this.#child, 'exit').then(() => [undefined]);

  /** @param {LoadPlan} plan @returns {Promise<LoadResult>} */
  async run(plan) {
    this.#child.send(plan);
    const [message] = await Promise.race([once(this.#child, 'message'), this.#exit]);
    const { result, error } = message ?? { error: 'The load generator ended.' };
    if (error) throw new Error(error);
    return result;
  }

  stop() {
    if (this.#child.connected) this.#child.disconnect();
  }
}
