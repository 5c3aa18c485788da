/**
 * The limit of reading: node:http, and concurrent reads share one prepared statement the way writes share a flush. One
 * statement is under way (two and four were slower on two cores), and PostgreSQL
 * writes the JSON, so that Node only passes it on.
 */
import { createServer } from 'node:http';
import { setImmediate } from 'node:timers';
import pg from 'pg';
import { listenAndTell, readJson, sendJsonText, WORKSPACE_ID } from './listen.mjs';

const FIND_PROFILES = `
  select user_id, json_build_object('userId', user_id, 'properties', properties, 'firstSeenAt', first_seen_at,
    'lastSeenAt', last_seen_at, 'events', coalesce(events, '[]'))::text as json
  from peer.profile
  cross join lateral (
    select json_agg(json_build_object('messageId', message_id, 'name', name, 'timestamp', occurred_at,
      'properties', properties)) as events
    from (
      select message_id, name, occurred_at, properties
      from peer.event
      where event.workspace_id = profile.workspace_id and event.user_id = profile.user_id
      order by occurred_at desc limit 20
    ) as newest
  ) as found
  where workspace_id = $1 and user_id = any($2)`;

const pool = new pg.Pool({ max: 1 });

/** @type {{ userId: string, response: import('node:http').ServerResponse }[]} */
let waiting = [];
let isReading = false;

/** JSON of profiles by user id. @param {string[]} userIds @returns {Promise<Map<string, string>>} */
async function findProfiles(userIds) {
  const values = [WORKSPACE_ID, userIds];
  const { rows } = await pool.query({ name: 'profiles', text: FIND_PROFILES, values });
  return new Map(rows.map(({ user_id: userId, json }) => [userId, json]));
}

async function readAll() {
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    try {
      const profiles = await findProfiles(batch.map(({ userId }) => userId));
      for (const { userId, response } of batch) {
        sendJsonText(response, `{"profile":${profiles.get(userId) ?? 'null'}}`);
      }
    } catch {
      for (const { response } of batch) response.writeHead(503).end();
    }
  }
  isReading = false;
}

const server = createServer((request, response) => {
  readJson(request, ({ userId }) => {
    waiting.push({ userId, response });
    if (isReading) return;
    isReading = true;
    // What arrives in the same turn of the event loop shares the statement.
    setImmediate(() => void readAll());
  });
});
listenAndTell(server);
