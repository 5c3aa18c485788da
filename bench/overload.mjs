import { runLoad } from './harness/measure.mjs';
import { describeQuiet, warmUp } from './harness/rounds.mjs';
import { median } from './harness/statistics.mjs';
import { trackEventMessage, trackEventsMessage } from './requests.mjs';
import { judge } from './targets.mjs';

/** @typedef {import('./harness/measure.mjs').Contestant} Contestant */
/** @typedef {import('./load/phase.mjs').PhaseResult} PhaseResult */

const USERS = 10_000;
const NORMAL = 64;
const OVERLOAD = 5 * NORMAL;
const BATCH = 100;
const MIN_RECOVERY_SECONDS = 10;
const WINDOW_SECONDS = 0.25;
/** p50 is normal again when it is at most so many times what it was before. */
const NORMAL_AGAIN = 1.5;

/**
 * @typedef {object} OverloadRound
 * @property {number} maximum       Acknowledged events per second before the overload.
 * @property {number} goodput       The same in it.
 * @property {number} ratio
 * @property {number} refusedShare  Of the requests in the overload.
 * @property {number | null} p50Ms
 * @property {number | null} overloadP50Ms
 * @property {number | null} overloadP99Ms
 * @property {number | null} refusedP99Ms  null: nothing was refused.
 * @property {number | null} recoverySeconds  null: it was not normal again as long as it was watched.
 * @property {number | null} othersShare  As in a `Round`.
 * @property {number | null} residentMb
 */

/**
 * Five times as many connections as usual, none of which waits before it tries again, and back.
 * @param {import('./harness/workbench.mjs').Workbench} bench @param {import('./flags.mjs').Flags} flags
 */
export async function benchOverload(bench, flags) {
  const fluxgate = { ...(await bench.startFluxgate('fluxgate')), table: 'event', connections: NORMAL };
  const { writeOnlyKey: key } = fluxgate;
  /** @type {Contestant[]} */
  const contestants = [
    {
      ...fluxgate,
      id: 'trackEvent',
      name: 'trackEvent',
      request: { ...trackEventMessage('/graphql', key), users: USERS },
      eventsPerRequest: 1,
    },
    {
      ...fluxgate,
      id: 'trackEvents',
      name: `trackEvents, ${BATCH} per request`,
      request: { ...trackEventsMessage(BATCH, key), users: USERS },
      eventsPerRequest: BATCH,
    },
  ];
  /** @type {Record<string, OverloadRound[]>} */
  const rounds = Object.fromEntries(contestants.map(({ id }) => [id, []]));
  await warmUp(bench, contestants, flags);
  for (let round = 1; round <= flags.rounds; round += 1) {
    for (const contestant of contestants) {
      const measured = await measureOverload(bench, contestant, flags);
      rounds[contestant.id].push(measured);
      console.error(
        `round ${round} of ${flags.rounds}: ${contestant.name}, goodput ${measured.ratio.toFixed(2)}`,
      );
    }
  }
  return {
    tables: [
      {
        title: `${NORMAL} connections, then ${OVERLOAD}, then ${NORMAL}`,
        rows: contestants.map(({ id, name }) => toRow(name, rounds[id])),
      },
    ],
    targets: contestants.flatMap(({ id, name }) => judgeRounds(name, rounds[id])),
    notes: [
      describeQuiet(Object.values(rounds).flat()),
      `Of ${flags.rounds} rounds the medians. The maximum is the rate with ${NORMAL} connections in the same round.`,
      'A refused client tries again at once, which is worse than any that heeds Retry-After.',
      `Single events of ${OVERLOAD} connections never fill the queue; batches do.`,
      'After each round the rows in the table were those that had been acknowledged.',
    ],
    rounds,
  };
}

/**
 * @param {import('./harness/workbench.mjs').Workbench} bench @param {Contestant} contestant
 * @param {import('./flags.mjs').Flags} flags
 * @returns {Promise<OverloadRound>}
 */
async function measureOverload(bench, contestant, flags) {
  const { seconds } = flags;
  const { phases, residentMb, othersShare } = await runLoad(bench, contestant, [
    { connections: NORMAL, seconds: flags.warmUp },
    { connections: NORMAL, seconds },
    { connections: OVERLOAD, seconds },
    { connections: NORMAL, seconds: Math.max(seconds, MIN_RECOVERY_SECONDS) },
  ]);
  const [, before, during, after] = phases;
  const rateOf = (/** @type {PhaseResult} */ phase) =>
    (phase.acknowledged * contestant.eventsPerRequest) / phase.seconds;
  return {
    maximum: rateOf(before),
    goodput: rateOf(during),
    ratio: rateOf(during) / rateOf(before),
    refusedShare: during.refused / (during.acknowledged + during.refused),
    p50Ms: before.latencyMs[0],
    overloadP50Ms: during.latencyMs[0],
    overloadP99Ms: during.latencyMs[1],
    refusedP99Ms: during.refusedLatencyMs[1],
    recoverySeconds: findRecovery(after.windowsP50Ms, before.latencyMs[0]),
    othersShare,
    residentMb: residentMb.at(-1) ?? null,
  };
}

/** The end of the first of two windows in a row whose p50 is normal. @param {(number | null)[]} windows @param {number | null} normalMs */
function findRecovery(windows, normalMs) {
  const isNormal = windows.map((p50) => p50 !== null && normalMs !== null && p50 <= normalMs * NORMAL_AGAIN);
  const index = isNormal.findIndex((normal, place) => normal && isNormal[place + 1]);
  return index === -1 ? null : (index + 1) * WINDOW_SECONDS;
}

/** @param {string} name @param {OverloadRound[]} rounds */
function toRow(name, rounds) {
  const medianOf = (/** @type {(round: OverloadRound) => number | null} */ read) => median(rounds.map(read));
  return {
    load: name,
    'maximum events/s': medianOf((round) => round.maximum),
    'goodput events/s': medianOf((round) => round.goodput),
    relative: medianOf((round) => round.ratio),
    'refused %': medianOf((round) => round.refusedShare * 100),
    'p50 ms before': medianOf((round) => round.p50Ms),
    'p50 ms': medianOf((round) => round.overloadP50Ms),
    'p99 ms': medianOf((round) => round.overloadP99Ms),
    'p99 ms of refusals': medianOf((round) => round.refusedP99Ms),
    'recovery s': medianOf((round) => round.recoverySeconds),
    'memory MB': rounds.at(-1)?.residentMb ?? null,
  };
}

/** @param {string} name @param {OverloadRound[]} rounds */
function judgeRounds(name, rounds) {
  const refusals = rounds.map((round) => round.refusedP99Ms).filter((value) => value !== null);
  return [
    judge('goodput', median(rounds.map(({ ratio }) => ratio)), name),
    ...(refusals.length > 0 ? [judge('refusal', median(refusals), name)] : []),
    judge('recovery', median(rounds.map(({ recoverySeconds }) => recoverySeconds ?? Infinity)), name),
    judge('memory', rounds.at(-1)?.residentMb ?? null, name),
  ];
}
