import { HeaderMap, type ApolloServer, type HTTPGraphQLResponse } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../auth/authenticator';
import type { RequestContext } from '../auth/caller';
import type { Config } from '../config';
import { ApiError } from '../errors';
import { toApiError } from '../database/to-api-error';
import type { Logger } from '../log';
import { allowCors, forbidCors } from './cors';
import { toIncomingRequest } from './incoming-request';
import { parseJsonBody } from './request-body';

export interface GraphQLEndpointOptions {
  readonly apollo: ApolloServer<RequestContext>;
  readonly authenticator: Authenticator;
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
  { apollo, authenticator, config, log }: GraphQLEndpointOptions,
): Promise<FastifyReply> {
  const body = parseJsonBody(request.body);
  let context: RequestContext | undefined;
  const response = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method,
      headers: toHeaderMap(request.headers),
      search: /\?.*$/s.exec(request.url)?.[0] ?? '',
      body,
    },
    // The one place where a request becomes a caller; what it throws, Apollo answers in the negotiated media type.
    context: async () => {
      try {
        context = await authenticator.authenticate(toIncomingRequest(request));
        requireDocument(request, body, config);
        return context;
      } catch (error) {
        throw toApiError(error, { requestId: request.id, log });
      }
    },
  });
  return send(reply, response, context);
}

/** Step 7, before parsing. Throws BAD_USER_INPUT or GRAPHQL_PARSE_FAILED. */
function requireDocument(request: FastifyRequest, body: unknown, { MAX_DOCUMENT_BYTES }: Config): void {
  if (body instanceof ApiError) throw body;
  if (Array.isArray(body))
    throw new ApiError('BAD_USER_INPUT', 'One operation per request; a list is not taken.');
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

function toHeaderMap(headers: FastifyRequest['headers']): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return map;
}

function send(
  reply: FastifyReply,
  { status = 200, headers, body }: HTTPGraphQLResponse,
  context: RequestContext | undefined,
): FastifyReply {
  if (!mayBeReadAcrossOrigins(context, status)) forbidCors(reply);
  for (const [name, value] of headers) void reply.header(name, value);
  for (const [name, value] of context?.responseHeaders ?? []) void reply.header(name, value);
  // Incremental delivery (@defer, @stream) is not in the schema, so every body is complete.
  return reply.code(status).send(body.kind === 'complete' ? body.string : '');
}

/** Write-only traffic and refusals may be read by pages of every origin; secret keys, sessions and sign-in may not. */
function mayBeReadAcrossOrigins(context: RequestContext | undefined, status: number): boolean {
  if (!context) return true;
  return context.caller.kind === 'WRITE_ONLY_KEY' || (context.caller.kind === 'ANONYMOUS' && status !== 200);
}
