import { createCoalescingLoader } from '../../../src/lib/coalescing-loader';

interface Batch {
  readonly keys: readonly number[];
  /** Ends the batch; each key's value is ten times the key. */
  succeed(): Promise<void>;
  fail(message: string): Promise<void>;
}

const OUTAGE = 'no database';

const turn = () => new Promise((resolve) => setImmediate(resolve));

const PATIENCE_MS = 5;
const patience = () => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS * 4));

function createRecordedLoader({ maxBatchSize = 100, maxBatchesInFlight = 1 } = {}) {
  const batches: Batch[] = [];
  const loadMany = (keys: readonly number[]) =>
    new Promise<number[]>((resolve, reject) => {
      batches.push({
        keys,
        succeed: async () => (resolve(keys.map((key) => key * 10)), void (await turn())),
        fail: async (message) => (reject(new Error(message)), void (await turn())),
      });
    });
  const isOutage = (error: unknown) => error instanceof Error && error.message === OUTAGE;
  const loader = createCoalescingLoader(loadMany, {
    maxBatchSize,
    maxBatchesInFlight,
    isOutage,
    patienceMs: PATIENCE_MS,
  });
  return { loader, batches, keysOf: () => batches.map(({ keys }) => keys) };
}

test('an idle loader starts at once, with all that was asked for in the same turn', async () => {
  const { loader, keysOf } = createRecordedLoader();
  void loader.load(1);
  void Promise.resolve().then(() => loader.load(2));
  await turn();
  expect(keysOf()).toEqual([[1, 2]]);
});

test('a slow batch does not hold up others while fewer than the limit run', async () => {
  const { loader, batches, keysOf } = createRecordedLoader({ maxBatchesInFlight: 2 });
  void loader.load(1);
  await turn();
  const second = loader.load(2);
  await turn();
  expect(keysOf()).toEqual([[1]]);
  await patience();
  expect(keysOf()).toEqual([[1], [2]]);
  await batches[1]?.succeed();
  expect(await second).toBe(20);
  void loader.load(3);
  await patience();
  expect(keysOf()).toEqual([[1], [2], [3]]);
});

test('what is asked for while a batch runs is one batch, which starts as soon as that one ends', async () => {
  const { loader, batches, keysOf } = createRecordedLoader({ maxBatchesInFlight: 4 });
  const loads = [loader.load(1)];
  await turn();
  for (const key of [2, 3, 4]) {
    loads.push(loader.load(key));
    await turn();
  }
  await batches[0]?.succeed();
  expect(keysOf()).toEqual([[1], [2, 3, 4]]);
  await batches[1]?.succeed();
  expect(await Promise.all(loads)).toEqual([10, 20, 30, 40]);
  await patience();
  expect(batches).toHaveLength(2);
});

test.each([1, 2, 3])('what is asked for while all %d batches run is the next batch', async (limit) => {
  const { loader, batches, keysOf } = createRecordedLoader({ maxBatchesInFlight: limit });
  const loads: Promise<number>[] = [];
  for (let key = 1; key <= limit + 2; key += 1) {
    loads.push(loader.load(key));
    await patience();
  }
  expect(batches).toHaveLength(limit);

  await batches[0]?.succeed();
  expect(keysOf().slice(limit)).toEqual([[limit + 1, limit + 2]]);
  for (const batch of batches.slice(1)) await batch.succeed();
  expect(await Promise.all(loads)).toEqual(loads.map((_, index) => (index + 1) * 10));
});

test('a batch has no more keys than the limit; the rest waits for its turn', async () => {
  const { loader, batches, keysOf } = createRecordedLoader({ maxBatchSize: 2 });
  const loads = [1, 2, 3, 4, 5].map((key) => loader.load(key));
  await turn();
  expect(keysOf()).toEqual([[1, 2]]);
  await batches[0]?.succeed();
  await batches[1]?.succeed();
  expect(keysOf()).toEqual([[1, 2], [3, 4], [5]]);
  await batches[2]?.succeed();
  expect(await Promise.all(loads)).toEqual([10, 20, 30, 40, 50]);
});

test('when a batch fails, its keys are loaded one by one and only the bad one fails', async () => {
  const { loader, batches, keysOf } = createRecordedLoader();
  const settled = Promise.allSettled([1, 2, 3].map((key) => loader.load(key)));
  await turn();
  await batches[0]?.fail('bad key');
  await batches[1]?.succeed();
  await batches[2]?.fail('bad key');
  await batches[3]?.succeed();
  expect(keysOf()).toEqual([[1, 2, 3], [1], [2], [3]]);
  expect(await settled).toEqual([
    { status: 'fulfilled', value: 10 },
    { status: 'rejected', reason: new Error('bad key') },
    { status: 'fulfilled', value: 30 },
  ]);
});

test('a key that fails alone is not loaded again', async () => {
  const { loader, batches } = createRecordedLoader();
  const failed = expect(loader.load(1)).rejects.toThrow('bad key');
  await turn();
  await batches[0]?.fail('bad key');
  await failed;
  expect(batches).toHaveLength(1);
});

test('an outage fails the loads of its own batch only, without a second try', async () => {
  const { loader, batches, keysOf } = createRecordedLoader();
  const first = Promise.allSettled([loader.load(1), loader.load(2)]);
  await turn();
  const third = loader.load(3);
  await batches[0]?.fail(OUTAGE);
  await batches[1]?.succeed();
  expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await third).toBe(30);
  expect(keysOf()).toEqual([[1, 2], [3]]);
});

test('an outage ends the loading one by one', async () => {
  const { loader, batches, keysOf } = createRecordedLoader();
  const settled = Promise.allSettled([1, 2, 3].map((key) => loader.load(key)));
  await turn();
  await batches[0]?.fail('bad key');
  await batches[1]?.fail(OUTAGE);
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(keysOf()).toEqual([[1, 2, 3], [1]]);
});

test('a loader that fell idle starts at once again', async () => {
  const { loader, batches, keysOf } = createRecordedLoader();
  const first = loader.load(1);
  await turn();
  await batches[0]?.succeed();
  await first;
  void loader.load(2);
  await turn();
  expect(keysOf()).toEqual([[1], [2]]);
});

test('nothing is kept: the same key is read again, in one batch too', async () => {
  const { loader, batches, keysOf } = createRecordedLoader();
  void loader.load(1);
  void loader.load(1);
  await turn();
  await batches[0]?.succeed();
  void loader.load(1);
  await turn();
  expect(keysOf()).toEqual([[1, 1], [1]]);
});
