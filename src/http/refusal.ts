import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../errors';
import { toApiError } from '../database/to-api-error';
import type { Logger } from '../log';
import { UNKNOWN_OPERATION, type RequestMeter } from '../telemetry/request-meter';

/** Every answer that is not a success, on every path: JSON with a stable code (security.md rule 17). */
export function sendRefusal(
  reply: FastifyReply,
  thrown: unknown,
  { log, requests }: { log: Logger; requests: RequestMeter },
): FastifyReply {
  const { request } = reply;
  const error = toApiError(fromFastify(thrown), { requestId: request.id, log });
  countRefusal(requests, request, error);
  void reply.code(error.status).headers(error.headers);
  // Fastify would end the connection while the client is still sending, which then sees a reset instead of this answer.
  // Node reads the rest and drops it, until the request's time is up.
  if (error.code === 'PAYLOAD_TOO_LARGE') reply.removeHeader('connection');
  return reply.type('application/json; charset=utf-8').send(toBody(error, request));
}

function toBody({ code, message, inputPath, details }: ApiError, request: FastifyRequest): object {
  if (isGraphQL(request))
    return { errors: [{ message, extensions: { code, ...(inputPath && { path: inputPath }), ...details } }] };
  return {
    error: {
      code,
      message,
      ...(inputPath?.length && { path: inputPath }),
      ...details,
      requestId: request.id,
    },
  };
}

/** By its route, not by its path: a path is whatever a client chose. */
function countRefusal(requests: RequestMeter, request: FastifyRequest, { code }: ApiError): void {
  const { method, url } = request.routeOptions;
  if (isGraphQL(request)) requests.refuse('graphql', UNKNOWN_OPERATION, code);
  // Doors that take several methods, or refuse them, are no operation of REST.
  else if (typeof method === 'string') requests.refuse('rest', `${method} ${url}`, code);
  else requests.refuse('other', UNKNOWN_OPERATION, code);
}

function isGraphQL({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url === '/graphql';
}

/** Fastify's own errors about size, media type and framing, in our words. */
function fromFastify(thrown: unknown): unknown {
  // Its message can quote the URL; its code cannot.
  const { statusCode, code } = thrown as Partial<FastifyError>;
  if (thrown instanceof ApiError || statusCode === undefined || statusCode >= 500) return thrown;
  if (statusCode === 413) return new ApiError('PAYLOAD_TOO_LARGE', 'The request body is too large.');
  if (statusCode === 415) {
    return new ApiError('BAD_USER_INPUT', 'The body must be JSON, with Content-Type application/json.', {
      status: 415,
    });
  }
  return new ApiError('BAD_USER_INPUT', 'The request is malformed.', { status: statusCode, cause: code });
}
