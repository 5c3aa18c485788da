/** @typedef {import('./measure.mjs').Round} Round */

/** null: there is nothing, or something in it is not known. @param {(number | null)[]} values */
export function median(values) {
  if (values.length === 0 || values.includes(null)) return null;
  const sorted = /** @type {number[]} */ ([...values]).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Round by round what one has divided by what the other has: only that is the same on a slow and on a fast machine.
 * @template T
 * @param {T[]} rounds @param {T[]} others @param {(round: T) => number | null} read
 */
export function ratios(rounds, others, read) {
  return rounds.map((round, index) => {
    const value = read(round);
    const other = others[index] === undefined ? null : read(others[index]);
    return value === null || other === null ? null : value / other;
  });
}

/** @param {Round[]} rounds @param {Round[]} limit  Rounds of whom they are compared with. */
export function summarize(rounds, limit) {
  const medianOf = (/** @type {(round: Round) => number | null} */ read) => median(rounds.map(read));
  const rates = ratios(rounds, limit, (round) => round.eventsPerSecond);
  return {
    eventsPerSecond: medianOf((round) => round.eventsPerSecond),
    rateRatio: median(rates),
    rateRatios: rates,
    p50Ms: medianOf((round) => round.p50Ms),
    p99Ms: medianOf((round) => round.p99Ms),
    p99Ratio: median(ratios(rounds, limit, (round) => round.p99Ms)),
    serverCpuUs: medianOf((round) => round.serverCpuUs),
    databaseCpuUs: medianOf((round) => round.databaseCpuUs),
    loadCpuUs: medianOf((round) => round.loadCpuUs),
    residentMb: rounds.at(-1)?.residentMb.at(-1) ?? null,
    refused: rounds.reduce((total, { refused }) => total + refused, 0),
  };
}
