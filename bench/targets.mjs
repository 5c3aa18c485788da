/**
 * What is to be reached: the rows of the design that these benchmarks measure, in its words. `must` is what holds before
 * a change lands, `aim` is what the best of the field would reach.
 * @typedef {object} Target
 * @property {string} work
 * @property {'least' | 'most'} bound  What `must` and `aim` are.
 * @property {number} must
 * @property {number} aim
 * @property {string} [unit]
 */

/** @type {Record<string, Target>} */
export const TARGETS = {
  trackEvent: { work: '`trackEvent` vs the limit', bound: 'least', must: 0.45, aim: 0.65 },
  postgraphile: { work: '`trackEvent` vs PostGraphile', bound: 'least', must: 6, aim: 9 },
  naive: { work: '`trackEvent` vs naive Apollo + TypeORM', bound: 'least', must: 7, aim: 10 },
  p99: { work: "p99 of `trackEvent` vs the limit's p99", bound: 'most', must: 2, aim: 1.3 },
  rest: { work: '`POST /event/ingest` vs the limit', bound: 'least', must: 0.65, aim: 0.85 },
  batch: { work: '`trackEvents`, 100 per request, vs the limit', bound: 'least', must: 0.6, aim: 0.8 },
  checks: { work: 'all access checks for a known key, CPU', bound: 'most', must: 10, aim: 3, unit: 'µs' },
  checkQueries: { work: 'queries of these checks', bound: 'most', must: 0, aim: 0 },
  memory: { work: 'resident memory at the end', bound: 'most', must: 250, aim: 180, unit: 'MB' },
  memoryGrowth: { work: 'the same vs in the middle of the last round', bound: 'most', must: 1.1, aim: 1.05 },
  readLimit: { work: 'profile + last 20 events vs coalesced reads', bound: 'least', must: 0.4, aim: 0.7 },
  readPostgraphile: { work: 'profile + last 20 events vs PostGraphile', bound: 'least', must: 6, aim: 10 },
  goodput: {
    work: 'goodput with 5 times the connections vs the maximum',
    bound: 'least',
    must: 0.7,
    aim: 0.9,
  },
  refusal: { work: 'p99 of a 503 or 429', bound: 'most', must: 100, aim: 50, unit: 'ms' },
  recovery: { work: 'until p50 is normal again', bound: 'most', must: 10, aim: 1, unit: 's' },
  growth: { work: 'rate with many events stored vs with none', bound: 'least', must: 0.8, aim: 0.95 },
};

/**
 * @typedef {object} Judged
 * @property {string} work
 * @property {string} must
 * @property {string} aim
 * @property {string} measured
 * @property {string} verdict
 */

/**
 * @param {keyof typeof TARGETS} name @param {number | null} measured null: it could not be measured.
 * @param {string} [note] What one has to know of the conditions, e.g. that they were milder than the design's.
 * @returns {Judged}
 */
export function judge(name, measured, note) {
  const { work, bound, must, aim, unit = '' } = TARGETS[name];
  const sign = bound === 'least' ? '≥' : '≤';
  const say = (/** @type {number} */ value) => `${formatNumber(value)}${unit && ` ${unit}`}`;
  const reaches = (/** @type {number} */ target) =>
    measured !== null && (bound === 'least' ? measured >= target : measured <= target);
  return {
    work: note ? `${work} (${note})` : work,
    must: `${sign} ${say(must)}`,
    aim: `${sign} ${say(aim)}`,
    measured: measured === null ? 'not known' : say(measured),
    verdict: measured === null ? '' : reaches(aim) ? 'aim met' : reaches(must) ? 'must met' : 'MISSED',
  };
}

/** Three digits are more than a shared machine can tell. @param {number | null} value */
export function formatNumber(value) {
  if (value === null) return '–';
  if (value === Infinity) return 'never';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
