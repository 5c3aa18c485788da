import { IngestQueue } from '../../../src/events/ingest-queue';

/** A flush that is held until the test lets it end. */
interface Flush {
  readonly items: readonly string[];
  succeed(): void;
  fail(error: unknown): void;
}

const KEY = { owner: 'workspace', lane: 'key' };
const LIMITS = { maxBatch: 100, maxItems: 100, maxBytes: 1000 };

/** A queue whose flushes wait for the test; each item counts as many bytes as it has letters. */
function openQueue(limits: Partial<typeof LIMITS> = {}) {
  const flushes: Flush[] = [];
  const queue = new IngestQueue<string, string>({
    ...LIMITS,
    ...limits,
    sizeOf: (item) => item.length,
    flush: (items) =>
      new Promise((resolve, reject) => {
        flushes.push({ items, succeed: () => resolve(items.map((item) => `${item} stored`)), fail: reject });
      }),
  });
  return { queue, flushes };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const stored = (...items: string[]) =>
  items.map((item) => ({ status: 'fulfilled', value: `${item} stored` }));
const unavailable = expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }) as Error;

test('what arrives in the same turn of the event loop shares a flush', async () => {
  const { queue, flushes } = openQueue();

  const answers = [queue.addAll(['a'], KEY), queue.addAll(['b', 'c'], KEY)];
  await nextTurn();

  expect(flushes.map(({ items }) => items)).toEqual([['a', 'b', 'c']]);
  flushes[0]?.succeed();
  expect(await Promise.all(answers)).toEqual([stored('a'), stored('b', 'c')]);
});

test('one flush runs at a time, and what arrives meanwhile is the next', async () => {
  const { queue, flushes } = openQueue();
  const first = queue.addAll(['a'], KEY);
  await nextTurn();
  const others = [queue.addAll(['b'], KEY), queue.addAll(['c'], KEY)];
  await nextTurn();
  expect(flushes).toHaveLength(1);

  flushes[0]?.succeed();
  await first;
  await nextTurn();

  expect(flushes.map(({ items }) => items)).toEqual([['a'], ['b', 'c']]);
  flushes[1]?.succeed();
  expect(await Promise.all(others)).toEqual([stored('b'), stored('c')]);
});

test('a flush takes at most maxBatch items, in the order in which they came', async () => {
  const { queue, flushes } = openQueue({ maxBatch: 2 });
  const answer = queue.addAll(['a', 'b', 'c'], KEY);
  await nextTurn();
  flushes[0]?.succeed();
  await nextTurn();
  flushes[1]?.succeed();

  expect(await answer).toEqual(stored('a', 'b', 'c'));
  expect(flushes.map(({ items }) => items)).toEqual([['a', 'b'], ['c']]);
});

test('a caller who was just answered can add again', async () => {
  const queue = new IngestQueue<string, string>({
    ...LIMITS,
    sizeOf: () => 1,
    flush: (items) => Promise.resolve(items),
  });

  // Every continuation runs before the event loop turns: the queue must not believe that it still runs.
  for (let index = 0; index < 10; index += 1) await queue.addAll([`${index}`], KEY);
  await queue.addAll(['x'], KEY).then(() => queue.addAll(['y'], KEY));
});

test.each([
  ['items', { maxItems: 3 }, ['a', 'b'], ['c', 'd']],
  ['bytes', { maxBytes: 5 }, ['aaa'], ['bbb']],
])(
  'beyond its %s it refuses whole calls, and takes them again when there is room',
  async (_name, limits, some, more) => {
    const { queue, flushes } = openQueue(limits);
    const first = queue.addAll(some, KEY);

    expect(() => queue.addAll(more, KEY)).toThrow(unavailable);
    await nextTurn();
    // They count until they are stored.
    expect(() => queue.addAll(more, KEY)).toThrow(unavailable);
    expect(flushes.map(({ items }) => items)).toEqual([some]);

    flushes[0]?.succeed();
    await first;
    const second = queue.addAll(more, KEY);
    await nextTurn();
    flushes[1]?.succeed();
    expect(await second).toEqual(stored(...more));
  },
);

test('a call without items needs no room', async () => {
  const { queue } = openQueue();
  const many = (count: number) => Array.from({ length: count }, () => 'x');
  void queue.addAll(many(30), KEY);
  void queue.addAll(many(50), { owner: 'another workspace', lane: 'key' });
  expect(() => queue.addAll(['x'], KEY)).toThrow(unavailable);

  expect(await queue.addAll([], KEY)).toEqual([]);
});

test('what can be repeated carries the time after which to do so', () => {
  const { queue } = openQueue({ maxItems: 0 });

  expect(() => queue.addAll(['a'], KEY)).toThrow(
    expect.objectContaining({ status: 503, headers: { 'retry-after': '1' } }) as Error,
  );
});

test('a failed flush fails its own callers only, and makes room', async () => {
  const { queue, flushes } = openQueue({ maxItems: 2 });
  const fault = new Error('connection lost');
  const failed = queue.addAll(['a', 'b'], KEY);
  await nextTurn();
  flushes[0]?.fail(fault);
  expect(await failed).toEqual(Array(2).fill({ status: 'rejected', reason: fault }));

  const answer = queue.addAll(['c', 'd'], KEY);
  await nextTurn();
  flushes[1]?.succeed();
  expect(await answer).toEqual(stored('c', 'd'));
});

test('of a flush with an item that cannot be stored, the others are stored, in few attempts', async () => {
  const attempts: (readonly string[])[] = [];
  const dataFault = Object.assign(new Error('invalid'), { code: '22P05' });
  const queue = new IngestQueue<string, string>({
    ...LIMITS,
    sizeOf: () => 1,
    flush: (items) => {
      attempts.push(items);
      return items.includes('bad') ? Promise.reject(dataFault) : Promise.resolve(items);
    },
  });
  const items = Array.from({ length: 16 }, (_, index) => (index === 5 ? 'bad' : `${index}`));

  const answers = await queue.addAll(items, KEY);

  expect(answers.filter(({ status }) => status === 'rejected')).toEqual([
    {
      status: 'rejected',
      reason: expect.objectContaining({ code: 'BAD_USER_INPUT', cause: dataFault }) as Error,
    },
  ]);
  expect(answers[5]?.status).toBe('rejected');
  expect(attempts).toHaveLength(9);
});

test('drain resolves when everything that waits is stored', async () => {
  const { queue, flushes } = openQueue({ maxBatch: 1 });
  void queue.addAll(['a', 'b'], KEY);
  let isDrained = false;
  const drained = queue.drain().then(() => (isDrained = true));
  await nextTurn();
  flushes[0]?.succeed();
  await nextTurn();
  expect(isDrained).toBe(false);

  flushes[1]?.succeed();
  await drained;
  await queue.drain();
});

describe('of several keys', () => {
  const FLOOD = { owner: 'a', lane: 'flooding' };
  const CALM = { owner: 'a', lane: 'calm' };
  const OTHER = { owner: 'b', lane: 'calm' };
  const many = (count: number) => Array.from({ length: count }, (_, index) => `f${index}`);
  const LARGE = { maxBatch: 4, maxItems: 1000, maxBytes: 100_000 };

  /** Puts in as much as it takes, in steps; answers how much that was. */
  function flood(queue: IngestQueue<string, string>, source: typeof FLOOD): number {
    for (let count = 0; ; count += 1) {
      try {
        void queue.add('f', source);
      } catch {
        return count;
      }
    }
  }

  test('the event of one is in the next flush, whatever another has put in before', async () => {
    const { queue, flushes } = openQueue(LARGE);
    void queue.addAll(many(40), FLOOD);
    const calm = queue.add('calm', CALM);
    const other = queue.add('other', OTHER);
    await nextTurn();

    expect(flushes[0]?.items).toEqual(expect.arrayContaining(['calm', 'other']));
    flushes[0]?.succeed();
    expect(await Promise.all([calm, other])).toEqual(['calm stored', 'other stored']);
  });

  test('one alone gets a third of the room', () => {
    expect(flood(openQueue(LARGE).queue, FLOOD)).toBe(334);
    expect(flood(openQueue({ maxItems: 100_000, maxBytes: 1000 }).queue, FLOOD)).toBe(334);
  });

  test('one that has sent nothing yet finds room beside any number of others', () => {
    const { queue } = openQueue(LARGE);
    for (let index = 0; index < 10; index += 1) flood(queue, { owner: `workspace ${index}`, lane: 'key' });

    expect(() => void queue.add('x', OTHER)).not.toThrow();
  });

  test('a workspace with many keys does not get more of the room than one with a single key can leave', () => {
    const { queue } = openQueue(LARGE);
    for (let index = 0; index < 50; index += 1) flood(queue, { owner: 'a', lane: `key ${index}` });

    expect(flood(queue, OTHER)).toBeGreaterThan(100);
  });
});
