import { createKeyedQueue } from '../../../src/lib/keyed-queue';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Work that notes its start and ends when it is told to. */
function createRecordedQueue(maxWaiting = 100) {
  const queue = createKeyedQueue({ maxWaiting });
  const started: string[] = [];
  const ends = new Map<string, { succeed: () => void; fail: () => void }>();
  const run = (key: string, name: string) =>
    queue.run(key, () => {
      started.push(name);
      return new Promise<string>((resolve, reject) => {
        ends.set(name, { succeed: () => resolve(name), fail: () => reject(new Error(name)) });
      });
    });
  return { run, started, ends };
}

test('the work of one key runs one after the other, in the order of the calls', async () => {
  const { run, started, ends } = createRecordedQueue();
  const results = [run('a', '1'), run('a', '2'), run('a', '3')];
  await turn();
  expect(started).toEqual(['1']);
  for (const name of ['1', '2', '3']) {
    expect(started.at(-1)).toBe(name);
    ends.get(name)?.succeed();
    await turn();
  }
  expect(await Promise.all(results.map(async (result) => await result))).toEqual(['1', '2', '3']);
});

test('different keys do not wait for each other', () => {
  const { run, started } = createRecordedQueue();
  void run('a', '1');
  void run('b', '2');
  expect(started).toEqual(['1', '2']);
});

test('work that fails does so by itself, and the next one runs', async () => {
  const { run, started, ends } = createRecordedQueue();
  const failed = expect(run('a', '1')).rejects.toThrow('1');
  void run('a', '2');
  ends.get('1')?.fail();
  await failed;
  await turn();
  expect(started).toEqual(['1', '2']);
});

test('a call beyond the limit of a key is refused and never runs; another key is not affected', async () => {
  const { run, started, ends } = createRecordedQueue(1);
  const accepted = [run('a', '1'), run('a', '2')];
  expect(run('a', '3')).toBeNull();
  void run('b', '4');
  ends.get('1')?.succeed();
  await turn();
  ends.get('2')?.succeed();
  expect(await Promise.all(accepted.map(async (result) => await result))).toEqual(['1', '2']);
  expect(started).toEqual(['1', '4', '2']);
});

test('a key that fell idle starts at once again', async () => {
  const { run, started, ends } = createRecordedQueue(0);
  const first = run('a', '1');
  ends.get('1')?.succeed();
  await first;
  await turn();
  expect(run('a', '2')).not.toBeNull();
  expect(started).toEqual(['1', '2']);
});
