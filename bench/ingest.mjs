import { measureAccessChecks } from './harness/access-checks.mjs';
import { choose, describeQuiet, p99Ratio, rateRatio, runInterleaved, toRows } from './harness/rounds.mjs';
import {
  batchMessage,
  createEventMessage,
  eventMessage,
  trackEventMessage,
  trackEventsMessage,
} from './requests.mjs';
import { formatNumber, judge } from './targets.mjs';

/** @typedef {import('./harness/measure.mjs').Contestant} Contestant */
/** @typedef {import('./harness/workbench.mjs').Workbench} Workbench */
/** @typedef {import('./flags.mjs').Flags} Flags */

const USERS = 10_000;
const SINGLE = { connections: 64, eventsPerRequest: 1 };
const BATCH = { connections: 8, eventsPerRequest: 100 };
/** In less it cannot be told whether memory grows. */
const FLAT_SECONDS = 60;

/** Events per second, one per request and a hundred. @param {Workbench} bench @param {Flags} flags */
export async function benchIngest(bench, flags) {
  const fluxgate = { ...(await bench.startFluxgate('fluxgate')), table: 'event' };
  /** @type {Contestant[]} */
  const contestants = [];
  for (const entry of choose(listEntries(fluxgate.writeOnlyKey), flags)) {
    const { id, name, program, message, load } = entry;
    const server = program ? await startPeer(bench, program, id) : fluxgate;
    contestants.push({ id, name, ...server, ...load, request: { ...message, users: USERS } });
  }
  const rounds = await runInterleaved(bench, contestants, flags);
  const checks = await measureAccessChecks(bench, fluxgate);
  const single = contestants.filter(({ eventsPerRequest }) => eventsPerRequest === 1);
  const batches = contestants.filter(({ eventsPerRequest }) => eventsPerRequest > 1);
  return {
    tables: [
      {
        title: 'One event per request, 64 connections; CPU per request',
        rows: toRows(single, rounds, { limit: 'limit', unit: 'events' }),
      },
      {
        title: '100 events per request, 8 connections; CPU per request',
        rows: toRows(batches, rounds, { limit: 'batch-limit', unit: 'events' }),
      },
    ],
    targets: [
      judge('trackEvent', rateRatio(rounds, 'trackEvent', 'limit')),
      judge('postgraphile', rateRatio(rounds, 'trackEvent', 'postgraphile')),
      judge('naive', rateRatio(rounds, 'trackEvent', 'naive')),
      judge('p99', p99Ratio(rounds, 'trackEvent', 'limit')),
      judge('rest', rateRatio(rounds, 'rest', 'limit')),
      judge('batch', rateRatio(rounds, 'trackEvents', 'batch-limit')),
      judge('checks', checks.cpuUs),
      judge('checkQueries', checks.queries),
      ...judgeMemory(rounds.get('trackEvent')?.at(-1)?.residentMb ?? [], flags),
    ],
    notes: [
      describeQuiet([...rounds.values()].flat()),
      `Of ${flags.rounds} rounds of ${flags.seconds} s the medians; ratios are medians of the ratios of each round.`,
      'After each round the rows in the table were those that had been acknowledged.',
      `Users are drawn from ${formatNumber(USERS)}. Fluxgate's key has an address list and allowed events.`,
      'CPU is that of the server process, and that of all processes of PostgreSQL together.',
    ],
    rounds: Object.fromEntries(rounds),
  };
}

/** @param {(number | null)[]} residentMb Second by second. @param {Flags} flags */
function judgeMemory(residentMb, { seconds, rounds }) {
  const last = residentMb.at(-1) ?? null;
  const middle = residentMb[residentMb.length >> 1] ?? null;
  const memory = judge('memory', last, `after ${rounds} rounds of ${seconds} s`);
  if (seconds < FLAT_SECONDS || last === null || middle === null) return [memory];
  return [memory, judge('memoryGrowth', last / middle, `a round of ${seconds} s`)];
}

/**
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} name
 * @property {string} [program]  Of `peers`; absent: Fluxgate.
 * @property {import('./requests.mjs').Message} message
 * @property {typeof SINGLE} load
 */

/** Who takes part, in the order of a round. @param {string} key Of Fluxgate. @returns {Entry[]} */
function listEntries(key) {
  const single = [
    {
      id: 'limit',
      name: 'bare node, group commit (the limit)',
      program: 'bare-group-commit',
      message: eventMessage('/event'),
    },
    { id: 'trackEvent', name: 'Fluxgate trackEvent', message: trackEventMessage('/graphql', key) },
    { id: 'rest', name: 'Fluxgate POST /event/ingest', message: eventMessage('/event/ingest', key) },
    {
      id: 'insert',
      name: 'bare node, an INSERT per request',
      program: 'bare-insert',
      message: eventMessage('/event'),
    },
    {
      id: 'naive',
      name: 'Apollo Server + TypeORM save()',
      program: 'apollo-typeorm',
      message: trackEventMessage('/'),
    },
    { id: 'postgraphile', name: 'PostGraphile 5', program: 'postgraphile', message: createEventMessage() },
    {
      id: 'mercurius',
      name: 'Mercurius, an INSERT per mutation',
      program: 'mercurius',
      message: trackEventMessage('/graphql'),
    },
  ];
  const count = BATCH.eventsPerRequest;
  const batches = [
    {
      id: 'batch-limit',
      name: 'bare node, group commit (the limit)',
      program: 'bare-group-commit',
      message: batchMessage('/events', count),
    },
    { id: 'trackEvents', name: 'Fluxgate trackEvents', message: trackEventsMessage(count, key) },
  ];
  return [
    ...single.map((entry) => ({ ...entry, load: SINGLE })),
    ...batches.map((entry) => ({ ...entry, load: BATCH })),
  ];
}

/** Each with a database of its own. @param {Workbench} bench @param {string} program @param {string} id */
async function startPeer(bench, program, id) {
  const database = `peer_${id.replaceAll('-', '_')}`;
  await bench.postgres.createDatabase(database, { forPeers: true });
  return { ...(await bench.startPeer(program, database)), table: 'peer.event' };
}
