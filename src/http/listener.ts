import type { AddressInfo } from 'node:net';
import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';
import type { RestRoute } from '../auth/rest-route';
import type { Config } from '../config';
import { ApiError } from '../errors';
import { newId } from '../lib/uuid';
import type { Logger } from '../log';
import type { Tracing } from '../telemetry/tracing';
import { endConnectionsOnClose } from './connections';
import { mountGraphQL, type GraphQLEndpointOptions } from './graphql.endpoint';
import { mountHealth, type ReadinessCheck } from './health';
import { answerMalformed } from './malformed';
import { sendRefusal } from './refusal';
import { readBodiesAsText } from './request-body';
import { mountOtherMethods, mountRestRoutes, toFastifyPath } from './rest.routes';
import { traceRequests } from './trace-requests';

export interface ListenerOptions extends GraphQLEndpointOptions {
  readonly routes: readonly RestRoute[];
  readonly requireReady: ReadinessCheck;
  readonly tracing: Tracing | null;
}

/** A client has so long to send a whole request; slow ones must not hold sockets for ever. */
const REQUEST_TIMEOUT_MS = 30_000;

/** All doors on one HTTP server, not listening yet. */
export function createListener(options: ListenerOptions): FastifyInstance {
  const { config, log, routes } = options;
  const app = fastify({
    bodyLimit: config.MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // A request id of the client's is not believed: ids are how the log is searched.
    genReqId: createRequestIds(),
    requestIdHeader: false,
    exposeHeadRoutes: false,
    // Requests that are under way when it stops are answered, by us and not by Fastify.
    return503OnClosing: false,
    routerOptions: { maxParamLength: config.MAX_ID_LENGTH * 12 },
    // No hook runs for these.
    frameworkErrors: (error, _request, reply) => void sendRefusal(addCommonHeaders(reply), error, options),
    clientErrorHandler: (error, socket) => answerMalformed(error, socket, options),
  });
  endConnectionsOnClose(app, config.SHUTDOWN_TIMEOUT_MS);
  if (options.tracing) traceRequests(app, options.tracing);
  readBodiesAsText(app);
  app.addHook('onRequest', (_request, reply, done) => {
    addCommonHeaders(reply);
    done();
  });
  if (log.isLevelEnabled('debug')) logAnswers(app, log);
  app.setErrorHandler((error, _request, reply) => sendRefusal(reply, error, options));
  app.setNotFoundHandler((_request, reply) =>
    sendRefusal(reply, new ApiError('NOT_FOUND', 'There is no such path.'), options),
  );
  mountHealth(app, options.requireReady);
  mountGraphQL(app, options);
  mountRestRoutes(app, routes, options);
  mountRefusedMethods(app, routes);
  return app;
}

/** Unique without a random number per request: the process has one, and counts its requests. */
function createRequestIds(): () => string {
  const prefix = newId();
  let count = 0;
  return () => `${prefix}-${(count += 1)}`;
}

function logAnswers(app: FastifyInstance, log: Logger): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, id: requestId, routeOptions } = request;
    const durationMs = Math.round(reply.elapsedTime);
    log.debug(
      { requestId, method, route: routeOptions.url, status: reply.statusCode, durationMs },
      'answered',
    );
    done();
  });
}

function addCommonHeaders(reply: FastifyReply): FastifyReply {
  return reply.headers({
    'x-request-id': reply.request.id,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
}

/**
 * Answers the URL under which a client on this machine reaches it. Throws an Error that says what to do when the port
 * is taken.
 */
export async function listen(app: FastifyInstance, { HOST: host, PORT: port }: Config): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      EADDRINUSE: `Port ${port} of ${host} is in use already. Set PORT to another one, or stop what listens there.`,
      EACCES: `This user may not listen on port ${port}. Set PORT to one above 1023.`,
    };
    throw new Error(reasons[code ?? ''] ?? `Cannot listen on HOST and PORT: ${message}`, { cause });
  }
  return urlOf(app.server.address() as AddressInfo);
}

/** A wildcard is no address that a client can use. */
function urlOf({ address, family, port }: AddressInfo): string {
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address] ?? address;
  return `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`;
}

function mountRefusedMethods(app: FastifyInstance, routes: readonly RestRoute[]): void {
  const doors = [
    { path: '/graphql', methods: ['GET', 'POST'], allowsCors: true },
    { path: '/healthz', methods: ['GET', 'HEAD'], allowsCors: false },
    { path: '/readyz', methods: ['GET', 'HEAD'], allowsCors: false },
    ...[...new Set(routes.map(({ path }) => path))].map((path) => {
      const ofPath = routes.filter((route) => route.path === path);
      return {
        path: toFastifyPath(path),
        methods: ofPath.map(({ method }) => method),
        allowsCors: ofPath.some(({ allowsCors }) => allowsCors),
      };
    }),
  ];
  for (const { path, ...door } of doors) mountOtherMethods(app, path, door);
}
