import { measureRound } from './measure.mjs';
import { median, summarize } from './statistics.mjs';

/** @typedef {import('./measure.mjs').Contestant} Contestant */
/** @typedef {import('./workbench.mjs').Workbench} Workbench */
/** @typedef {import('../flags.mjs').Flags} Flags */
/** @typedef {Map<string, import('./measure.mjs').Round[]>} Rounds By the ids of the contestants. */

const COLD_SECONDS = 2;

/**
 * A round that is not counted: in it compilers and caches are cold, and users are new.
 * @param {Workbench} bench @param {Contestant[]} contestants @param {Flags} flags
 */
export async function warmUp(bench, contestants, flags) {
  for (const contestant of contestants) {
    await measureRound(bench, contestant, { warmUp: flags.warmUp, seconds: COLD_SECONDS });
  }
}

/**
 * A B C A B C …: neighbours in time have the same machine, so their ratio means something.
 * @param {Workbench} bench @param {Contestant[]} contestants @param {Flags} flags
 * @returns {Promise<Rounds>}
 */
export async function runInterleaved(bench, contestants, flags) {
  await warmUp(bench, contestants, flags);
  /** @type {Rounds} */
  const rounds = new Map(contestants.map(({ id }) => [id, []]));
  for (let round = 1; round <= flags.rounds; round += 1) {
    for (const contestant of contestants) {
      const measured = await measureRound(bench, contestant, flags);
      rounds.get(contestant.id)?.push(measured);
      const rate = Math.round(measured.eventsPerSecond).toLocaleString('en-US');
      console.error(`round ${round} of ${flags.rounds}: ${contestant.name}, ${rate}/s`);
    }
  }
  return rounds;
}

/**
 * Those that were asked for. Throws an Error when there are none of that name.
 * @template {{ id: string }} T
 * @param {T[]} all @param {Flags} flags
 */
export function choose(all, { only }) {
  const ids = all.map(({ id }) => id);
  if (only.some((id) => !ids.includes(id))) throw new Error(`--only takes some of ${ids.join(', ')}.`);
  return all.filter(({ id }) => only.length === 0 || only.includes(id));
}

/**
 * One row per contestant; `limit` is the id of the one that all are compared with.
 * @param {Contestant[]} contestants @param {Rounds} rounds @param {{ limit: string, unit: string }} options
 */
export function toRows(contestants, rounds, { limit, unit }) {
  return contestants.map(({ id, name }) => {
    const summary = summarize(rounds.get(id) ?? [], rounds.get(limit) ?? []);
    return {
      server: name,
      [`${unit}/s`]: summary.eventsPerSecond,
      relative: summary.rateRatio,
      'p50 ms': summary.p50Ms,
      'p99 ms': summary.p99Ms,
      'p99 relative': summary.p99Ratio,
      'server CPU µs': summary.serverCpuUs,
      'database CPU µs': summary.databaseCpuUs,
      'memory MB': summary.residentMb,
    };
  });
}

/** How far the figures can be believed, for the reader. @param {{ othersShare: number | null }[]} rounds */
export function describeQuiet(rounds) {
  const share = median(rounds.map(({ othersShare }) => othersShare));
  const worst = Math.max(...rounds.map(({ othersShare }) => othersShare ?? 0));
  if (share === null) return 'Whether the machine was quiet is not known.';
  const percent = (/** @type {number} */ value) => `${Math.round(value * 100)} %`;
  return `Other programs used ${percent(share)} of the CPU in the median round, ${percent(worst)} in the worst.`;
}

/** Median of the per-round ratios of rates; null: one of them did not run. @param {Rounds} rounds @param {string} id @param {string} other */
export function rateRatio(rounds, id, other) {
  return summarize(rounds.get(id) ?? [], rounds.get(other) ?? []).rateRatio;
}

/** The same of p99. @param {Rounds} rounds @param {string} id @param {string} other */
export function p99Ratio(rounds, id, other) {
  return summarize(rounds.get(id) ?? [], rounds.get(other) ?? []).p99Ratio;
}
