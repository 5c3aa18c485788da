import type { Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Tracing } from '../telemetry/tracing';

/** A span for each request, from its headers to the end of its answer. */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', (request, { raw: response }, done) => {
    const { method, url } = request.routeOptions;
    // Of a path or method that is not ours, only that it was not.
    const isKnown = url !== undefined && (method === request.method || method?.includes(request.method));
    const span = tracing.startRequest(request.method, isKnown ? url : undefined, request.headers);
    spans.set(request, span);
    response.once('close', () => tracing.endRequest(span, response.statusCode));
    tracing.runIn(span, done);
  });
  // Reading the body has left the context: its last piece came from the socket.
  app.addHook('preValidation', (request, _reply, done) => {
    const span = spans.get(request);
    if (span) tracing.runIn(span, done);
    else done();
  });
}
