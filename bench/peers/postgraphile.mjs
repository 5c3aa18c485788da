/**
 * PostGraphile 5 as its documentation sets it up: it makes its GraphQL API, with mutations, from the tables. Of the versions on
 * npm, 5.0.0-rc.3 is the last that declares Node 20; 5.1.5 declares 22, and on 20 failed to read a row when we tried.
 */
import { createServer } from 'node:http';
import pg from 'pg';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { postgraphile } from 'postgraphile';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { listenAndTell, POOL_SIZE } from './listen.mjs';

const service = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ pool: new pg.Pool({ max: POOL_SIZE }), schemas: ['peer'] })],
  grafserv: { graphiql: false, watch: false },
  grafast: { explain: false },
});
const server = createServer();
await service.createServ(grafserv).addTo(server);
listenAndTell(server);
