import { measureAccessChecks } from './harness/access-checks.mjs';
import { choose, p99Ratio, rateRatio, runInterleaved, toRows } from './harness/rounds.mjs';
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
  const contestants = choose(
    [...(await startSingle(bench, fluxgate)), ...(await startBatch(bench, fluxgate))],
    flags,
  );
  const rounds = await runInterleaved(bench, contestants, flags);
  const checks = await measureAccessChecks(bench, fluxgate);
  return {
    tables: [
      {
        title: 'One event per request, 64 connections; CPU per request',
        rows: toRows(
          contestants.filter(({ eventsPerRequest }) => eventsPerRequest === 1),
          rounds,
          { limit: 'limit', unit: 'events' },
        ),
      },
      {
        title: '100 events per request, 8 connections; CPU per request',
        rows: toRows(
          contestants.filter(({ eventsPerRequest }) => eventsPerRequest > 1),
          rounds,
          { limit: 'batch-limit', unit: 'events' },
        ),
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

/** @typedef {Awaited<ReturnType<Workbench['startFluxgate']>> & { table: string }} Fluxgate */

/** @param {Workbench} bench @param {Fluxgate} fluxgate @returns {Promise<Contestant[]>} */
async function startSingle(bench, fluxgate) {
  const { writeOnlyKey: key } = fluxgate;
  const rows = [
    {
      id: 'limit',
      name: 'bare node, group commit (the limit)',
      ...(await startPeer(bench, 'bare-group-commit')),
      message: eventMessage('/event'),
    },
    {
      id: 'trackEvent',
      name: 'Fluxgate trackEvent',
      ...fluxgate,
      message: trackEventMessage('/graphql', key),
    },
    {
      id: 'rest',
      name: 'Fluxgate POST /event/ingest',
      ...fluxgate,
      message: eventMessage('/event/ingest', key),
    },
    {
      id: 'insert',
      name: 'bare node, an INSERT per request',
      ...(await startPeer(bench, 'bare-insert')),
      message: eventMessage('/event'),
    },
    {
      id: 'naive',
      name: 'Apollo Server + TypeORM save()',
      ...(await startPeer(bench, 'apollo-typeorm')),
      message: trackEventMessage('/'),
    },
    {
      id: 'postgraphile',
      name: 'PostGraphile 5',
      ...(await startPeer(bench, 'postgraphile')),
      message: createEventMessage(),
    },
    {
      id: 'mercurius',
      name: 'Mercurius, an INSERT per mutation',
      ...(await startPeer(bench, 'mercurius')),
      message: trackEventMessage('/graphql'),
    },
  ];
  return rows.map(({ message, ...row }) => ({ ...row, ...SINGLE, request: { ...message, users: USERS } }));
}

/** @param {Workbench} bench @param {Fluxgate} fluxgate @returns {Promise<Contestant[]>} */
async function startBatch(bench, fluxgate) {
  const count = BATCH.eventsPerRequest;
  const rows = [
    {
      id: 'batch-limit',
      name: 'bare node, group commit (the limit)',
      ...(await startPeer(bench, 'bare-group-commit', 'bare_batches')),
      message: batchMessage('/events', count),
    },
    {
      id: 'trackEvents',
      name: 'Fluxgate trackEvents',
      ...fluxgate,
      message: trackEventsMessage(count, fluxgate.writeOnlyKey),
    },
  ];
  return rows.map(({ message, ...row }) => ({ ...row, ...BATCH, request: { ...message, users: USERS } }));
}

/** Each with a database of its own. @param {Workbench} bench @param {string} program @param {string} [database] */
async function startPeer(bench, program, database = program.replaceAll('-', '_')) {
  await bench.postgres.createDatabase(database, { forPeers: true });
  return { ...(await bench.startPeer(program, database)), table: 'peer.event' };
}
