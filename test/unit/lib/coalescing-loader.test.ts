import { createCoalescingLoader } from '../../../src/lib/coalescing-loader';

interface Batch {
  readonly keys: readonly number[];
  /** Ends the batch; each key's value is ten times the key. */
  succeed(): Promise<void>;
  fail(): Promise<void>;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function createRecordedLoader(maxBatchSize = 100) {
  const batches: Batch[] = [];
  const loader = createCoalescingLoader<number, number>((keys) => {
    return new Promise((resolve, reject) => {
      batches.push({
        keys,
        succeed: async () => (resolve(keys.map((key) => key * 10)), void (await turn())),
        fail: async () => (reject(new Error('no database')), void (await turn())),
      });
    });
  }, maxBatchSize);
  return { loader, batches };
}

test('an idle loader starts at once, with all that was asked for in the same turn', async () => {
  const { loader, batches } = createRecordedLoader();
  void loader.load(1);
  void Promise.resolve().then(() => loader.load(2));
  await turn();
  expect(batches.map(({ keys }) => keys)).toEqual([[1, 2]]);
});

test('what is asked for while a batch runs is the next batch', async () => {
  const { loader, batches } = createRecordedLoader();
  const first = loader.load(1);
  await turn();
  const second = loader.load(2);
  await turn();
  const third = loader.load(3);
  await turn();
  expect(batches).toHaveLength(1);

  await batches[0]?.succeed();
  expect(batches.map(({ keys }) => keys)).toEqual([[1], [2, 3]]);
  await batches[1]?.succeed();
  expect(await Promise.all([first, second, third])).toEqual([10, 20, 30]);
});

test('a batch has no more keys than the limit; the rest waits for its turn', async () => {
  const { loader, batches } = createRecordedLoader(2);
  const loads = [1, 2, 3, 4, 5].map((key) => loader.load(key));
  await turn();
  expect(batches.map(({ keys }) => keys)).toEqual([[1, 2]]);
  await batches[0]?.succeed();
  expect(batches.map(({ keys }) => keys)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  await batches[1]?.succeed();
  await batches[2]?.succeed();
  expect(await Promise.all(loads)).toEqual([10, 20, 30, 40, 50]);
});

test('an error fails the loads of its own batch only', async () => {
  const { loader, batches } = createRecordedLoader();
  const first = expect(loader.load(1)).rejects.toThrow('no database');
  await turn();
  const second = loader.load(2);
  await batches[0]?.fail();
  await batches[1]?.succeed();
  await first;
  expect(await second).toBe(20);
});

test('a loader that fell idle starts at once again', async () => {
  const { loader, batches } = createRecordedLoader();
  const first = loader.load(1);
  await turn();
  await batches[0]?.succeed();
  await first;
  void loader.load(2);
  await turn();
  expect(batches.map(({ keys }) => keys)).toEqual([[1], [2]]);
});

test('nothing is kept: the same key is read again, in one batch too', async () => {
  const { loader, batches } = createRecordedLoader();
  void loader.load(1);
  void loader.load(1);
  await turn();
  await batches[0]?.succeed();
  void loader.load(1);
  await turn();
  expect(batches.map(({ keys }) => keys)).toEqual([[1, 1], [1]]);
});
