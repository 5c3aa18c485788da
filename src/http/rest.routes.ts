import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../auth/authenticator';
import { requireScope } from '../auth/authorize';
import { requireCaller } from '../auth/caller';
import type { RestRoute } from '../auth/rest-route';
import { ApiError } from '../errors';
import { allowCors, allowPreflight, forbidCors } from './cors';
import type { RequestMeter } from '../telemetry/request-meter';
import { toIncomingRequest } from './incoming-request';
import { parseJsonBody } from './request-body';

/** Mounts the REST doors of the features: the same order of checks as GraphQL, then the feature's own handler. */
export function mountRestRoutes(
  app: FastifyInstance,
  routes: readonly RestRoute[],
  { authenticator, requests }: { authenticator: Authenticator; requests: RequestMeter },
): void {
  for (const route of routes) {
    const operation = `${route.method} ${toFastifyPath(route.path)}`;
    app.route({
      method: route.method,
      url: toFastifyPath(route.path),
      onRequest: (_request, reply, done) => {
        if (route.allowsCors) allowCors(reply);
        done();
      },
      handler: (request, reply) => handle(route, { request, reply, operation, authenticator, requests }),
    });
  }
}

/** `/profile/{userId}` → `/profile/:userId`. */
export function toFastifyPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

interface Handling {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** For the meter. */
  readonly operation: string;
  readonly authenticator: Authenticator;
  readonly requests: RequestMeter;
}

async function handle(
  route: RestRoute,
  { request, reply, operation, authenticator, requests }: Handling,
): Promise<FastifyReply> {
  const startedAtMs = performance.now();
  const caller = requireCaller(await authenticator.authenticate(toIncomingRequest(request)));
  // Only public keys are at home in pages of other origins.
  if (caller.kind !== 'WRITE_ONLY_KEY') forbidCors(reply);
  requireScope(caller, route.scope);
  const body = parseJsonBody(request.body);
  if (body instanceof ApiError) throw body;
  const answer = await route.handle({ caller, params: request.params as Record<string, string>, body });
  requests.succeed('rest', operation, startedAtMs);
  return reply.code(answer.status).send(answer.body);
}

/**
 * What is asked of a known path in a way that it does not take: a preflight is answered before any key is looked at,
 * every other method with 405.
 */
export function mountOtherMethods(
  app: FastifyInstance,
  path: string,
  { methods, allowsCors }: { methods: readonly string[]; allowsCors: boolean },
): void {
  const allow = [...methods, 'OPTIONS'].join(', ');
  const others = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'].filter(
    (method) => !methods.includes(method),
  );
  app.route({
    method: 'OPTIONS',
    url: path,
    onRequest: (_request, reply) => {
      if (allowsCors) allowPreflight(reply);
      void reply.code(204).header('allow', allow).send();
    },
    handler: unreachable,
  });
  app.route({
    method: others,
    url: path,
    onRequest: (_request, reply, done) => {
      if (allowsCors) allowCors(reply);
      done(new ApiError('BAD_USER_INPUT', `This path takes ${allow}.`, { status: 405, headers: { allow } }));
    },
    handler: unreachable,
  });
}

/** The hooks have answered, before anything could be said about the body; but Fastify insists on a handler. */
function unreachable(): never {
  throw new Error('A hook let a request through that it had to answer.');
}
