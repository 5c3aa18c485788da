/** The same without group commit: node:http and one prepared INSERT per request, each its own transaction. */
import { createServer } from 'node:http';
import pg from 'pg';
import { listenAndTell, POOL_SIZE, readJson, WORKSPACE_ID } from './listen.mjs';

const INSERT = `
  insert into peer.event (workspace_id, message_id, name, user_id, occurred_at, properties)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (message_id) do nothing`;

const pool = new pg.Pool({ max: POOL_SIZE });

const server = createServer((request, response) => {
  readJson(request, ({ messageId, name, userId, timestamp, properties }) => {
    const values = [WORKSPACE_ID, messageId, name, userId, timestamp, JSON.stringify(properties)];
    pool.query({ name: 'insert', text: INSERT, values }).then(
      () => response.writeHead(204).end(),
      () => response.writeHead(503).end(),
    );
  });
});
listenAndTell(server);
