import { performance } from 'node:perf_hooks';
import { Samples } from './samples.mjs';

const WINDOW_MS = 250;

/**
 * @typedef {object} PhasePlan
 * @property {number} connections
 * @property {number} [seconds]    How long it lasts; or
 * @property {number} [requests]   how many are sent.
 */

/**
 * @typedef {object} PhaseResult
 * @property {number} seconds           As it was.
 * @property {number} acknowledged      Requests.
 * @property {number} refused           503 or 429.
 * @property {Record<string, number>} failed  Other answers, by what they were.
 * @property {string} [failure]         The first of those.
 * @property {(number | null)[]} latencyMs         p50, p99, largest, of the acknowledged.
 * @property {(number | null)[]} refusedLatencyMs  p50, p99, largest, of the refused.
 * @property {(number | null)[]} windowsP50Ms      p50 in each quarter of a second, one after the other.
 */

/** What happened in one part of a run. An answer belongs to the phase in which it arrives. */
export class Phase {
  #startedAtMs = performance.now();
  #latencies = new Samples();
  #refusedLatencies = new Samples();
  /** @type {Samples[]} */
  #windows = [];
  /** @type {Record<string, number>} */
  #failed = {};
  /** @type {string | undefined} */
  #failure;

  /** @param {{ status: number, text: string, latencyMs: number }} answer */
  add({ status, text, latencyMs }) {
    const hasErrors = text.includes('"errors"');
    if (status >= 200 && status < 300 && !hasErrors) {
      this.#latencies.add(latencyMs);
      const window = Math.floor((performance.now() - this.#startedAtMs) / WINDOW_MS);
      (this.#windows[window] ??= new Samples()).add(latencyMs);
    } else if (isRefusal(status, text)) {
      this.#refusedLatencies.add(latencyMs);
    } else {
      const kind = hasErrors ? `${status} with errors` : String(status);
      this.#failed[kind] = (this.#failed[kind] ?? 0) + 1;
      this.#failure ??= text.slice(0, 300);
    }
  }

  /** @returns {PhaseResult} */
  end() {
    return {
      seconds: (performance.now() - this.#startedAtMs) / 1000,
      acknowledged: this.#latencies.count,
      refused: this.#refusedLatencies.count,
      failed: this.#failed,
      failure: this.#failure,
      latencyMs: this.#latencies.quantiles([0.5, 0.99, 1]),
      refusedLatencyMs: this.#refusedLatencies.quantiles([0.5, 0.99, 1]),
      windowsP50Ms: Array.from(this.#windows, (window) => window?.quantiles([0.5])[0] ?? null),
    };
  }
}

/** GraphQL over HTTP can say it in the body of a 200. @param {number} status @param {string} text */
function isRefusal(status, text) {
  return status === 503 || status === 429 || /"code":"(SERVICE_UNAVAILABLE|RATE_LIMITED)"/.test(text);
}
