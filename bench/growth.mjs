import { describeQuiet, rateRatio, runInterleaved, toRows } from './harness/rounds.mjs';
import { SEED_BATCH, seedEvents } from './harness/seed.mjs';
import { trackEventsMessage } from './requests.mjs';
import { formatNumber, judge } from './targets.mjs';

const USERS = 10_000;
const CONNECTIONS = 8;

/**
 * The rate of ingestion on two databases, one without events and one with many, in alternation.
 * @param {import('./harness/workbench.mjs').Workbench} bench @param {import('./flags.mjs').Flags} flags
 */
export async function benchGrowth(bench, flags) {
  const empty = await bench.startFluxgate('fluxgate_empty');
  const full = await bench.startFluxgate('fluxgate_full');
  const curve = await seedEvents(bench, full, { events: flags.events, users: USERS });
  await bench.postgres.query(full.database, 'vacuum analyze');
  const stored = `${formatNumber(flags.events)} events stored`;
  const contestants = [
    {
      id: 'empty',
      name: 'no events stored',
      ...toContestant(empty),
      prepare: () => bench.postgres.query(empty.database, 'truncate event, event_key'),
    },
    { id: 'full', name: stored, ...toContestant(full) },
  ];
  const rounds = await runInterleaved(bench, contestants, flags);
  return {
    tables: [
      {
        title: `Batches of ${SEED_BATCH}, ${CONNECTIONS} connections; CPU per request`,
        rows: toRows(contestants, rounds, { limit: 'empty', unit: 'events' }),
      },
      {
        title: 'While the events were stored (not interleaved: it shows what the machine did too)',
        rows: curve.map(({ stored, eventsPerSecond }) => ({
          'events stored': stored,
          'events/s': eventsPerSecond,
        })),
      },
    ],
    targets: [judge('growth', rateRatio(rounds, 'full', 'empty'), stored)],
    notes: [
      describeQuiet([...rounds.values()].flat()),
      'The design asks for 10,000,000 events: --events 10000000.',
      'All stored events are of one month, which is the hardest case: they share the partition that is written to.',
      `Of ${flags.rounds} rounds of ${flags.seconds} s the medians; the empty table is emptied before each round.`,
      'After each round the rows in the table were those that had been acknowledged.',
    ],
    rounds: Object.fromEntries(rounds),
  };
}

/** @param {Awaited<ReturnType<import('./harness/workbench.mjs').Workbench['startFluxgate']>>} fluxgate */
function toContestant(fluxgate) {
  return {
    ...fluxgate,
    table: 'event',
    request: { ...trackEventsMessage(SEED_BATCH, fluxgate.writeOnlyKey), users: USERS },
    connections: CONNECTIONS,
    eventsPerRequest: SEED_BATCH,
  };
}
