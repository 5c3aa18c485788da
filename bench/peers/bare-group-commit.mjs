/**
 * The limit of one Node process: node:http, group commit, nothing else. One flush is in flight, what arrives meanwhile
 * is the next one; each flush is one prepared multi-row insert, and requests are answered after its commit.
 */
import { createServer } from 'node:http';
import { setImmediate } from 'node:timers';
import pg from 'pg';
import { listenAndTell, readJson, WORKSPACE_ID } from './listen.mjs';

const INSERT = `
  insert into peer.event (workspace_id, message_id, name, user_id, occurred_at, properties)
  select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::jsonb[])
  on conflict (message_id) do nothing`;

const pool = new pg.Pool({ max: 1 });

/** @type {{ events: any[], response: import('node:http').ServerResponse }[]} */
let waiting = [];
let isFlushing = false;

/** @param {any[]} events */
function insert(events) {
  return pool.query({
    name: 'insert',
    text: INSERT,
    values: [
      WORKSPACE_ID,
      events.map(({ messageId }) => messageId),
      events.map(({ name }) => name),
      events.map(({ userId }) => userId),
      events.map(({ timestamp }) => timestamp),
      events.map(({ properties }) => JSON.stringify(properties)),
    ],
  });
}

async function flushAll() {
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    const status = await insert(batch.flatMap(({ events }) => events)).then(
      () => 204,
      () => 503,
    );
    for (const { response } of batch) response.writeHead(status).end();
  }
  isFlushing = false;
}

const server = createServer((request, response) => {
  readJson(request, (body) => {
    waiting.push({ events: body.events ?? [body], response });
    if (isFlushing) return;
    isFlushing = true;
    // What arrives in the same turn of the event loop shares the flush.
    setImmediate(() => void flushAll());
  });
});
listenAndTell(server);
