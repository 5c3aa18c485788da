/** Fastify and Mercurius with one prepared INSERT per mutation. */
import { fastify } from 'fastify';
import mercurius from 'mercurius';
import pg from 'pg';
import { POOL_SIZE, WORKSPACE_ID } from './listen.mjs';
import { TRACK_EVENT_SCHEMA } from './track-event.schema.mjs';

const INSERT = `
  insert into peer.event (workspace_id, message_id, name, user_id, occurred_at, properties)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (message_id) do nothing`;

const pool = new pg.Pool({ max: POOL_SIZE });

/** @param {unknown} _parent @param {{ input: any }} args */
async function trackEvent(_parent, { input }) {
  const { messageId, name, userId, timestamp, properties } = input;
  const values = [WORKSPACE_ID, messageId, name, userId, timestamp, JSON.stringify(properties)];
  await pool.query({ name: 'insert', text: INSERT, values });
  return { messageId };
}

const app = fastify();
app.register(mercurius, { schema: TRACK_EVENT_SCHEMA, resolvers: { Mutation: { trackEvent } } });
console.log(`listens on ${await app.listen({ port: 0, host: '127.0.0.1' })}`);
