import type { FastifyInstance } from 'fastify';
import { unavailable } from '../errors';

/** Whether traffic may come: resolves, or throws when it may not. */
export type ReadinessCheck = () => Promise<void>;

const REMEMBERED_MS = 1_000;

/** Runs the check once a second at most, however many ask, and tells all of them how it went. */
export function shareCheck(check: ReadinessCheck): ReadinessCheck {
  let last: Promise<void> | undefined;
  let isRunning = false;
  let endedAtMs = 0;
  return () => {
    if (!last || (!isRunning && performance.now() - endedAtMs >= REMEMBERED_MS)) {
      isRunning = true;
      last = check().finally(() => {
        isRunning = false;
        endedAtMs = performance.now();
      });
    }
    return last;
  };
}

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
