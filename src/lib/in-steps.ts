import { setTimeout as sleep } from 'node:timers/promises';

/** A step of work takes at most one part of the time in so many, so that a database has the rest for others. */
const REST_PER_WORK = 3;

/**
 * Repeats a step until it answers that nothing is left, or the process stops. After each it rests for three times as
 * long as it took. Throws what the step throws.
 */
export async function inSteps(step: () => Promise<'more' | 'done'>, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    const startedAt = performance.now();
    if ((await step()) === 'done') return;
    const restMs = (performance.now() - startedAt) * REST_PER_WORK;
    // Rejects when the process stops, which must not wait for a rest.
    await sleep(restMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}
