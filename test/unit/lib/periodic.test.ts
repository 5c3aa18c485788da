import { inSteps } from '../../../src/lib/in-steps';
import { runEvery } from '../../../src/lib/periodic';

test('a stop ends work in steps after the step that is under way', async () => {
  let begun = 0;
  let ended = 0;
  const step = async (): Promise<'more'> => {
    begun += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    ended += 1;
    return 'more';
  };
  const work = runEvery(1, (stopping) => inSteps(step, stopping), fail);
  while (begun === 0) await new Promise((resolve) => setTimeout(resolve, 1));

  await work.stop();

  expect(ended).toBe(begun);
  const atStop = begun;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(begun).toBe(atStop);
});

function fail(error: unknown): never {
  throw error;
}
