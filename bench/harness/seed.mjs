import { runLoad } from './measure.mjs';
import { trackEventsMessage } from '../requests.mjs';

export const SEED_BATCH = 500;
const CONNECTIONS = 8;
const PARTS = 10;

/**
 * Stores events through the API, in batches, and answers the rate of each tenth: how it changes as the table grows.
 * @param {import('./workbench.mjs').Workbench} bench
 * @param {{ server: any, port: number, database: string, writeOnlyKey: string }} fluxgate
 * @param {{ events: number, users: number, times?: { startMs: number, stepMs: number } }} options
 * @returns {Promise<{ stored: number, eventsPerSecond: number }[]>}
 */
export async function seedEvents(bench, fluxgate, { events, users, times }) {
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
