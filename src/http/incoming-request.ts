import type { FastifyRequest } from 'fastify';
import type { IncomingRequest } from '../auth/authenticator';

/** What authentication needs of a request. A socket that is gone has no peer; no address matches the empty text. */
export function toIncomingRequest({ id, method, socket, headers }: FastifyRequest): IncomingRequest {
  return { requestId: id, method, peer: socket.remoteAddress ?? '', headers: headers };
}
