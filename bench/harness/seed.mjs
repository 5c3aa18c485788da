import { runLoad } from './measure.mjs';
import { trackEventsMessage } from '../requests.mjs';

export const SEED_BATCH = 500;
const CONNECTIONS = 8;
const PARTS = 10;

/** More than these come as copies of the rows that the API made. */
const MAX_THROUGH_API = 2_000_000;

/**
 * Stores events through the API, in batches, and answers the rate of each tenth: how it changes as the table grows.
 * Beyond two millions the rows are multiplied inside the database, which takes a minute for each million less.
 * @param {import('./workbench.mjs').Workbench} bench
 * @param {{ server: any, port: number, database: string, writeOnlyKey: string }} fluxgate
 * @param {{ events: number, users: number, times?: { startMs: number, stepMs: number } }} options
 * @returns {Promise<{ stored: number, eventsPerSecond: number }[]>}
 */
export async function seedEvents(bench, fluxgate, { events, users, times }) {
  const copies = Math.ceil(events / MAX_THROUGH_API) - 1;
  const sent = events / (copies + 1);
  const curve = await sendEvents(bench, fluxgate, { events: sent, users, times });
  if (copies > 0) await multiplyEvents(bench, fluxgate, copies);
  return curve;
}

/** @type {typeof seedEvents} */
async function sendEvents(bench, fluxgate, { events, users, times }) {
  console.error(`storing ${events.toLocaleString('en-US')} events through the API`);
  const requests = Math.ceil(events / SEED_BATCH / PARTS);
  const contestant = {
    ...fluxgate,
    id: 'seed',
    name: 'Fluxgate',
    table: 'event',
    request: { ...trackEventsMessage(SEED_BATCH, fluxgate.writeOnlyKey), users, times },
    connections: CONNECTIONS,
    eventsPerRequest: SEED_BATCH,
  };
  const plan = { connections: CONNECTIONS, requests };
  const { phases } = await runLoad(
    bench,
    contestant,
    Array.from({ length: PARTS }, () => plan),
  );
  return phases.slice(0, PARTS).map(({ acknowledged, seconds }, index) => ({
    stored: (index + 1) * requests * SEED_BATCH,
    eventsPerSecond: (acknowledged * SEED_BATCH) / seconds,
  }));
}

/**
 * Each event again, some seconds earlier, with ids of its own. Without the index of the profile, which is made anew.
 * @param {import('./workbench.mjs').Workbench} bench @param {{ database: string }} fluxgate @param {number} copies
 */
async function multiplyEvents({ postgres }, { database }, copies) {
  console.error(`copying them ${copies} times`);
  const [{ definition }] = await postgres.query(
    database,
    `select indexdef as definition from pg_indexes where schemaname = 'public' and indexname = 'event_profile'`,
  );
  const messageId = `md5(message_id || copy)::uuid::text`;
  await postgres.query(
    database,
    `drop index event_profile;
     create temporary table sent as select * from event;
     insert into event (workspace_id, id, message_id, name, occurred_at, received_at, profile_id, user_id, properties)
     select workspace_id, md5(id::text || copy)::uuid, ${messageId}, name,
       greatest(occurred_at - copy * interval '3 seconds', date_trunc('month', occurred_at)),
       received_at, profile_id, user_id, properties
     from sent, generate_series(1, ${copies}) as copy;
     insert into event_key (workspace_id, message_id, received_at)
     select workspace_id, message_id, received_at
     from (select workspace_id, ${messageId} as message_id, received_at
       from sent, generate_series(1, ${copies}) as copy) as key order by message_id;
     ${definition.replace(' ON ONLY ', ' ON ')}`,
  );
}
