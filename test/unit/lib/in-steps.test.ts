import { setTimeout as sleep } from 'node:timers/promises';
import { inSteps } from '../../../src/lib/in-steps';

const STEP_MS = 400;

test('a stop does not wait for the rest after a long step', async () => {
  const stopping = new AbortController();
  let steps = 0;
  const startedAt = performance.now();
  const working = inSteps(async () => {
    steps += 1;
    await sleep(STEP_MS);
    return 'more';
  }, stopping.signal);
  await sleep(STEP_MS * 1.5);
  stopping.abort();
  await working;

  expect(steps).toBe(1);
  expect(performance.now() - startedAt).toBeLessThan(STEP_MS * 3);
});

test('steps go on until nothing is left', async () => {
  let steps = 0;
  await inSteps(() => Promise.resolve((steps += 1) < 5 ? 'more' : 'done'), new AbortController().signal);

  expect(steps).toBe(5);
});
