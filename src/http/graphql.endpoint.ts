import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../auth/authenticator';
import type { RequestContext } from '../auth/caller';
import type { Config } from '../config';
import { ApiError, ERRORS, type ErrorCode } from '../errors';
import { toApiError } from '../database/to-api-error';
import type { Logger } from '../log';
import { UNKNOWN_OPERATION, type RequestMeter } from '../telemetry/request-meter';
import { allowCors, forbidCors } from './cors';
import { toIncomingRequest } from './incoming-request';
import { parseJsonBody } from './request-body';

interface GraphQLAnswer {
  readonly status: number;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  readonly body: string;
}

/** What is behind the door; `graphql/` fits it. */
export interface GraphQLHandler {
  answer(request: {
    method: string;
    headers: IncomingHttpHeaders;
    search: string;
    body: unknown;
    createContext: () => Promise<RequestContext>;
  }): Promise<GraphQLAnswer>;
}

export interface GraphQLEndpointOptions {
  readonly graphql: GraphQLHandler;
  readonly authenticator: Authenticator;
  readonly requests: RequestMeter;
  readonly config: Config;
  readonly log: Logger;
}

/** `/graphql`: GET for queries, POST for everything. */
export function mountGraphQL(app: FastifyInstance, options: GraphQLEndpointOptions): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    // Before the body is read, so that also a body that is too large is refused with these headers.
    onRequest: (_request, reply, done) => {
      allowCors(reply);
      done();
    },
    handler: (request, reply) => answer(request, reply, options),
  });
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { graphql, authenticator, requests, config, log }: GraphQLEndpointOptions,
): Promise<FastifyReply> {
  const startedAtMs = performance.now();
  const { id: requestId, method, headers, url } = request;
  const body = parseJsonBody(request.body);
  let context: RequestContext | undefined;
  const response = await graphql.answer({
    method,
    headers,
    search: /\?.*$/s.exec(url)?.[0] ?? '',
    body,
    // The one place where a request becomes a caller.
    createContext: async () => {
      try {
        context = await authenticator.authenticate(toIncomingRequest(request));
        requireDocument(request, body, config);
        return context;
      } catch (error) {
        throw toApiError(error, { requestId, log });
      }
    },
  });
  const operation = context?.asked.operation ?? UNKNOWN_OPERATION;
  if (response.status === 200) requests.succeed('graphql', operation, startedAtMs);
  else requests.refuse('graphql', operation, readCode(response.body));
  return send(reply, response, context);
}

/** The first error's; errors come before data in the text, and quotes in their messages are escaped. */
function readCode(body: string): ErrorCode {
  const code = /"code":"([A-Z_]+)"/.exec(body)?.[1] ?? '';
  return code in ERRORS ? (code as ErrorCode) : 'INTERNAL_SERVER_ERROR';
}

/** Step 7, before parsing. Throws BAD_USER_INPUT or GRAPHQL_PARSE_FAILED. */
function requireDocument(request: FastifyRequest, body: unknown, { MAX_DOCUMENT_BYTES }: Config): void {
  if (body instanceof ApiError) throw body;
  const source = request.method === 'GET' ? request.query : body;
  const { query, extensions } = (source ?? {}) as { query?: unknown; extensions?: unknown };
  if (typeof query === 'string' && Buffer.byteLength(query) > MAX_DOCUMENT_BYTES) {
    throw new ApiError('GRAPHQL_PARSE_FAILED', `The document must have at most ${MAX_DOCUMENT_BYTES} bytes.`);
  }
  // Apollo refuses it with 200. Its text is what clients wait for, to send the document instead.
  if (namesPersistedQuery(extensions)) throw new ApiError('BAD_USER_INPUT', 'PersistedQueryNotSupported');
}

/** In a GET, extensions are JSON text. */
function namesPersistedQuery(extensions: unknown): boolean {
  if (typeof extensions === 'string') return extensions.includes('"persistedQuery"');
  return typeof extensions === 'object' && extensions !== null && 'persistedQuery' in extensions;
}

function send(
  reply: FastifyReply,
  { status, headers, body }: GraphQLAnswer,
  context: RequestContext | undefined,
): FastifyReply {
  if (!mayBeReadAcrossOrigins(context, status)) forbidCors(reply);
  for (const [name, value] of headers) void reply.header(name, value);
  for (const [name, value] of context?.responseHeaders ?? []) void reply.header(name, value);
  return reply.code(status).send(body);
}

/** Write-only traffic and refusals may be read by pages of every origin; secret keys, sessions and sign-in may not. */
function mayBeReadAcrossOrigins(context: RequestContext | undefined, status: number): boolean {
  if (!context) return true;
  return context.caller.kind === 'WRITE_ONLY_KEY' || (context.caller.kind === 'ANONYMOUS' && status !== 200);
}
