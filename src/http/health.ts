import type { FastifyInstance } from 'fastify';
import { unavailable } from '../errors';

/** Whether traffic may come: resolves, or throws when it may not. */
export type ReadinessCheck = () => Promise<void>;

/**
 * `/healthz`: the process runs. `/readyz`: it can store and read now; 503 while starting, stopping or cut off. Some
 * monitors ask by HEAD.
 */
export function mountHealth(app: FastifyInstance, requireReady: ReadinessCheck): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/healthz',
    handler: (_request, reply) => reply.send({ status: 'ok' }),
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: '/readyz',
    handler: async (_request, reply) => {
      try {
        await requireReady();
      } catch (error) {
        throw unavailable('Not ready.', error);
      }
      return reply.send({ status: 'ready' });
    },
  });
}
