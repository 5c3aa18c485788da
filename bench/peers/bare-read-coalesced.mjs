/**
 * The limit of reading: node:http, and concurrent reads share one prepared statement the way writes share a flush.
 * A few statements are under way; what is asked for meanwhile is the next one's.
 */
import { createServer } from 'node:http';
import { setImmediate } from 'node:timers';
import pg from 'pg';
import { listenAndTell, readJson, sendJson, WORKSPACE_ID } from './listen.mjs';

const CONNECTIONS = 4;
const FIND_PROFILES = `
  select profile.user_id as "userId", profile.properties, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt",
    event.message_id as "messageId", event.name, event.occurred_at as timestamp, event.properties as "eventProperties"
  from peer.profile
  left join lateral (
    select message_id, name, occurred_at, properties
    from peer.event
    where event.workspace_id = profile.workspace_id and event.user_id = profile.user_id
    order by occurred_at desc limit 20
  ) as event on true
  where profile.workspace_id = $1 and profile.user_id = any($2)`;

const pool = new pg.Pool({ max: CONNECTIONS });

/** @type {{ userId: string, response: import('node:http').ServerResponse }[]} */
let waiting = [];
let running = 0;

/** @param {string[]} userIds */
async function findProfiles(userIds) {
  const values = [WORKSPACE_ID, userIds];
  const { rows } = await pool.query({ name: 'profiles', text: FIND_PROFILES, values });
  const profiles = new Map();
  for (const { messageId, name, timestamp, eventProperties, ...profile } of rows) {
    if (!profiles.has(profile.userId)) profiles.set(profile.userId, { ...profile, events: [] });
    if (messageId)
      profiles.get(profile.userId).events.push({ messageId, name, timestamp, properties: eventProperties });
  }
  return profiles;
}

async function readWaiting() {
  if (running === CONNECTIONS || waiting.length === 0) return;
  const batch = waiting;
  waiting = [];
  running += 1;
  try {
    const profiles = await findProfiles(batch.map(({ userId }) => userId));
    for (const { userId, response } of batch) sendJson(response, { profile: profiles.get(userId) ?? null });
  } catch {
    for (const { response } of batch) response.writeHead(503).end();
  }
  running -= 1;
  void readWaiting();
}

const server = createServer((request, response) => {
  readJson(request, ({ userId }) => {
    if (waiting.push({ userId, response }) === 1) setImmediate(() => void readWaiting());
  });
});
listenAndTell(server);
