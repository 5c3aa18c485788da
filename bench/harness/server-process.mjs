import { spawn } from 'node:child_process';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 20;

/** A server under test: a process of its own, which tells on its standard output where it listens. */
export class ServerProcess {
  #child;
  #exited = false;
  output = '';

  /**
   * @param {string} program  Path from the root of the project.
   * @param {{ environment: Record<string, string>, nodeOptions?: string[] }} options
   */
  constructor(program, { environment, nodeOptions = [] }) {
    this.program = program;
    this.#child = spawn(process.execPath, [...nodeOptions, path.join(ROOT, program)], {
      cwd: ROOT,
      // Nothing of our own environment but where programs are: all servers start alike.
      env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text) => (this.output += text));
    this.#child.on('exit', () => (this.#exited = true));
  }

  get pid() {
    return /** @type {number} */ (this.#child.pid);
  }

  /** Resolves when it listens. @returns {Promise<URL>} */
  async waitForUrl() {
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      const url = /listens on (\S+)/.exec(this.output)?.[1];
      if (url) return new URL(url);
      if (this.#exited || performance.now() > deadline) {
        throw new Error(`${this.program} does not start:\n${this.output}`);
      }
      await sleep(POLL_MS);
    }
  }

  async stop() {
    this.#child.kill('SIGTERM');
    const deadline = performance.now() + STOP_TIMEOUT_MS;
    while (!this.#exited) {
      if (performance.now() > deadline) this.#child.kill('SIGKILL');
      await sleep(POLL_MS);
    }
  }
}
