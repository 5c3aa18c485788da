/** Reads as most would write them: node:http, a pool, two prepared statements per request. */
import { createServer } from 'node:http';
import pg from 'pg';
import { listenAndTell, POOL_SIZE, readJson, sendJsonText, WORKSPACE_ID } from './listen.mjs';

const FIND_PROFILE = `
  select user_id as "userId", properties, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt"
  from peer.profile where workspace_id = $1 and user_id = $2`;
const LIST_EVENTS = `
  select message_id as "messageId", name, occurred_at as timestamp, properties
  from peer.event where workspace_id = $1 and user_id = $2
  order by occurred_at desc limit 20`;

const pool = new pg.Pool({ max: POOL_SIZE });

/** @param {string} userId */
async function findProfile(userId) {
  const values = [WORKSPACE_ID, userId];
  const profile = (await pool.query({ name: 'profile', text: FIND_PROFILE, values })).rows[0];
  if (!profile) return null;
  const events = (await pool.query({ name: 'events', text: LIST_EVENTS, values })).rows;
  return { ...profile, events };
}

const server = createServer((request, response) => {
  readJson(request, ({ userId }) => {
    findProfile(userId).then(
      (profile) => sendJsonText(response, JSON.stringify({ profile })),
      () => response.writeHead(503).end(),
    );
  });
});
listenAndTell(server);
