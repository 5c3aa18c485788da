import assert from 'node:assert/strict';
import { PEER_INDEXES, PEER_TABLES } from './harness/peer-tables.mjs';
import { choose, describeQuiet, rateRatio, runInterleaved, toRows } from './harness/rounds.mjs';
import { seedEvents } from './harness/seed.mjs';
import { PLACEHOLDERS } from './load/request-template.mjs';
import { WORKSPACE_ID } from './peers/listen.mjs';
import { bareProfileMessage, fluxgateProfileMessage, postgraphileProfileMessage } from './requests.mjs';
import { formatNumber, judge } from './targets.mjs';

/** @typedef {import('./harness/workbench.mjs').Workbench} Workbench */
/** @typedef {import('./harness/measure.mjs').Contestant} Contestant */
/** @typedef {Awaited<ReturnType<Workbench['startFluxgate']>>} Fluxgate */

const LOAD = { connections: 64, eventsPerRequest: 1 };
const EVENTS_PER_USER = 50;
const MAX_USERS = 1_000_000;
const PERIOD_MS = 30 * 24 * 3_600_000;
const SAMPLE = 20;

const COPY_FOR_PEERS = `
  insert into peer.profile
  select '${WORKSPACE_ID}', user_id, properties, first_seen_at, last_seen_at from profile where user_id is not null;
  insert into peer.event
  select id, '${WORKSPACE_ID}', message_id, name, user_id, occurred_at, received_at, properties from event`;

/**
 * Profiles with their last 20 events per second, everybody on the same data in the same PostgreSQL.
 * @param {Workbench} bench @param {import('./flags.mjs').Flags} flags
 */
export async function benchRead(bench, flags) {
  const users = Math.min(MAX_USERS, Math.ceil(flags.events / EVENTS_PER_USER));
  const fluxgate = await bench.startFluxgate('fluxgate');
  const entries = choose(listEntries(fluxgate.readWriteKey), flags);
  await fill(bench, fluxgate, { events: flags.events, users });
  const contestants = [];
  for (const { program, message, ...entry } of entries) {
    const server = program ? await bench.startPeer(program, fluxgate.database) : fluxgate;
    contestants.push({ ...entry, ...server, ...LOAD, request: { ...message, users } });
  }
  await requireSameAnswers(contestants, users);
  const rounds = await runInterleaved(bench, contestants, flags);
  const stored = `${formatNumber(flags.events)} stored`;
  return {
    tables: [
      {
        title: `Profile and last 20 events, ${formatNumber(flags.events)} events stored, ${LOAD.connections} connections; CPU per request`,
        rows: toRows(contestants, rounds, { limit: 'limit', unit: 'reads' }),
      },
    ],
    targets: [
      judge('readLimit', rateRatio(rounds, 'profile', 'limit'), stored),
      judge('readPostgraphile', rateRatio(rounds, 'profile', 'postgraphile'), stored),
    ],
    notes: [
      describeQuiet([...rounds.values()].flat()),
      'The design asks for 10,000,000 events: --events 10000000.',
      `${formatNumber(users)} users, whose events are spread over the last ${PERIOD_MS / 86_400_000} days.`,
      `Of ${flags.rounds} rounds of ${flags.seconds} s the medians; ratios are medians of the ratios of each round.`,
      `For ${SAMPLE} users all servers had answered with the same events in the same order.`,
    ],
    rounds: Object.fromEntries(rounds),
  };
}

/** @param {Workbench} bench @param {Fluxgate} fluxgate @param {{ events: number, users: number }} size */
async function fill(bench, fluxgate, { events, users }) {
  const { database } = fluxgate;
  const times = { startMs: Date.now() - PERIOD_MS, stepMs: Math.floor(PERIOD_MS / events) };
  await seedEvents(bench, fluxgate, { events, users, times });
  console.error('copying them for the peers');
  await bench.postgres.query(database, PEER_TABLES);
  await bench.postgres.query(database, COPY_FOR_PEERS);
  await bench.postgres.query(database, PEER_INDEXES);
  await bench.postgres.query(database, 'vacuum analyze');
}

/**
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} name
 * @property {string} [program]  Of `peers`; absent: Fluxgate.
 * @property {import('./requests.mjs').Message} message
 * @property {(answer: any) => any[]} listEvents  Those in its answer.
 */

/** Who takes part, in the order of a round. @param {string} key Of Fluxgate. @returns {Entry[]} */
function listEntries(key) {
  return [
    {
      id: 'limit',
      name: 'bare node, coalesced reads (the limit)',
      program: 'bare-read-coalesced',
      message: bareProfileMessage(),
      listEvents: ({ profile }) => profile.events,
    },
    {
      id: 'profile',
      name: 'Fluxgate profile { events }',
      message: fluxgateProfileMessage(key),
      listEvents: ({ data }) => data.profile.events.edges.map((/** @type {any} */ { node }) => node),
    },
    {
      id: 'pool',
      name: 'bare node, pool of 20',
      program: 'bare-read-pool',
      message: bareProfileMessage(),
      listEvents: ({ profile }) => profile.events,
    },
    {
      id: 'postgraphile',
      name: 'PostGraphile 5',
      program: 'postgraphile',
      message: postgraphileProfileMessage(),
      listEvents: ({ data }) => data.profileByWorkspaceIdAndUserId.eventsByWorkspaceIdAndUserId.nodes,
    },
  ];
}

/** @param {(Contestant & Pick<Entry, 'listEvents'>)[]} contestants @param {number} users */
async function requireSameAnswers(contestants, users) {
  for (let sample = 0; sample < SAMPLE; sample += 1) {
    const userId = `user-${String(Math.floor((users * sample) / SAMPLE)).padStart(6, '0')}`;
    const answers = await Promise.all(contestants.map((contestant) => readMessageIds(contestant, userId)));
    for (const answer of answers) assert.deepEqual(answer, answers[0], `The events of ${userId} differ.`);
  }
}

/** @param {(Contestant & Pick<Entry, 'listEvents'>)} contestant @param {string} userId */
async function readMessageIds({ port, request, listEvents }, userId) {
  const response = await fetch(`http://127.0.0.1:${port}${request.path}`, {
    method: 'POST',
    headers: request.headers,
    body: request.body.replace(PLACEHOLDERS.userId, userId),
  });
  return listEvents(await response.json()).map(({ messageId }) => /** @type {string} */ (messageId));
}
