import { FairQueue } from '../../../src/lib/fair-queue';

function queueOf(...entries: [owner: string, lane: string, item: string][]): FairQueue<string> {
  const queue = new FairQueue<string>();
  for (const [owner, lane, item] of entries) queue.push({ owner, lane }, item, item.length);
  return queue;
}

test('one lane is first in, first out', () => {
  const queue = queueOf(['o', 'l', '1'], ['o', 'l', '2'], ['o', 'l', '3']);

  expect(queue.take(2)).toEqual(['1', '2']);
  queue.push({ owner: 'o', lane: 'l' }, '4', 1);
  expect(queue.take(10)).toEqual(['3', '4']);
  expect(queue.take(10)).toEqual([]);
});

test('owners take turns', () => {
  const queue = queueOf(
    ['a', 'l', 'a1'],
    ['a', 'l', 'a2'],
    ['a', 'l', 'a3'],
    ['b', 'l', 'b1'],
    ['b', 'l', 'b2'],
  );

  expect(queue.take(10)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
});

test('lanes of an owner share its turns', () => {
  const queue = queueOf(
    ['a', '1', 'a-1-1'],
    ['a', '1', 'a-1-2'],
    ['a', '2', 'a-2-1'],
    ['b', '1', 'b-1'],
    ['b', '1', 'b-2'],
  );

  expect(queue.take(10)).toEqual(['a-1-1', 'b-1', 'a-2-1', 'b-2', 'a-1-2']);
});

test('turns go on where they stopped', () => {
  const queue = queueOf(['a', 'l', 'a1'], ['a', 'l', 'a2'], ['b', 'l', 'b1'], ['c', 'l', 'c1']);

  expect([queue.take(1), queue.take(1), queue.take(2)]).toEqual([['a1'], ['b1'], ['c1', 'a2']]);
});

test('it knows how much waits, per owner and lane', () => {
  const queue = queueOf(['a', '1', 'xx'], ['a', '1', 'xxx'], ['a', '2', 'x']);
  const source = { owner: 'a', lane: '1' };

  expect(queue.getLoad(source)).toMatchObject({
    owner: { count: 3, bytes: 6 },
    lane: { count: 2, bytes: 5 },
  });
  queue.take(1);
  expect(queue.getLoad(source)).toMatchObject({
    owner: { count: 2, bytes: 4 },
    lane: { count: 1, bytes: 3 },
  });
  queue.take(2);
  expect(queue.getLoad(source)).toMatchObject({
    owner: { count: 0, bytes: 0 },
    lane: { count: 0, bytes: 0 },
  });
  expect(queue.count).toBe(0);
});
