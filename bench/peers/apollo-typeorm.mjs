/** The naive version of Fluxgate's own stack: Apollo Server as it comes, and TypeORM's `save()` for each event. */
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { DataSource, EntitySchema } from 'typeorm';
import { POOL_SIZE, WORKSPACE_ID } from './listen.mjs';
import { TRACK_EVENT_SCHEMA } from './track-event.schema.mjs';

const EventEntity = new EntitySchema({
  name: 'event',
  schema: 'peer',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    workspaceId: { type: 'uuid', name: 'workspace_id' },
    messageId: { type: 'text', name: 'message_id' },
    name: { type: 'text' },
    userId: { type: 'text', name: 'user_id' },
    occurredAt: { type: 'timestamptz', name: 'occurred_at' },
    receivedAt: { type: 'timestamptz', name: 'received_at', createDate: true },
    properties: { type: 'jsonb' },
  },
});

const { PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE } = process.env;
const dataSource = new DataSource({
  type: 'postgres',
  host: PGHOST,
  port: Number(PGPORT),
  username: PGUSER,
  password: PGPASSWORD,
  database: PGDATABASE,
  poolSize: POOL_SIZE,
  entities: [EventEntity],
});
await dataSource.initialize();
const events = dataSource.getRepository(EventEntity);

/** @param {unknown} _parent @param {{ input: any }} args */
async function trackEvent(_parent, { input }) {
  const { timestamp, ...rest } = input;
  const { messageId } = await events.save({ ...rest, workspaceId: WORKSPACE_ID, occurredAt: timestamp });
  return { messageId };
}

const apollo = new ApolloServer({ typeDefs: TRACK_EVENT_SCHEMA, resolvers: { Mutation: { trackEvent } } });
const { url } = await startStandaloneServer(apollo, { listen: { port: 0, host: '127.0.0.1' } });
console.log(`listens on ${url}`);
