import DataLoader from 'dataloader';

export interface CoalescingLoader<Key, Value> {
  load(key: Key): Promise<Value>;
}

export interface CoalescingLoaderOptions {
  readonly maxBatchSize: number;
  /** Whether a failed batch says nothing about its keys (the database is away), so that trying each is of no use. */
  readonly isOutage: (error: unknown) => boolean;
  readonly maxBatchesInFlight?: number;
  /** Longest wait for the running batches before one more is started, in milliseconds. */
  readonly patienceMs?: number;
}

/** A loader must leave connections of the API pool (8 by default) to the rest: half of them. */
const MAX_BATCHES_IN_FLIGHT = 4;

/**
 * One slow batch (a workspace with huge profiles) must not hold up all others. A usual one takes 2 to 10 ms, on a machine
 * that is busy 30 ms; four at once are four small ones, which cost PostgreSQL twice as much as one large one. With 25 ms a
 * busy machine answered a third less.
 */
const PATIENCE_MS = 100;

/**
 * Groups concurrent reads the way writes are grouped: one call of `loadMany` runs, and what is asked for meanwhile is the
 * next batch, which waits for the end of the running ones or for `patienceMs`, whatever comes first; at most
 * `maxBatchesInFlight` run at once. A free loader starts at once, a busy one needs fewer statements the busier it is.
 * Nothing is kept, so every load sees what was committed before it was asked for.
 *
 * `loadMany` answers in the order of its keys. When it fails for several, each is loaded alone and settles by itself,
 * so that nobody's key can fail the reads of others. An outage fails all loads of its batch, and no others.
 */
export function createCoalescingLoader<Key, Value>(
  loadMany: (keys: readonly Key[]) => Promise<readonly Value[]>,
  {
    maxBatchSize,
    isOutage,
    maxBatchesInFlight = MAX_BATCHES_IN_FLIGHT,
    patienceMs = PATIENCE_MS,
  }: CoalescingLoaderOptions,
): CoalescingLoader<Key, Value> {
  const waiting: (() => void)[] = [];
  let inFlightCount = 0;

  function runNext(): void {
    const dispatch = waiting.shift();
    if (dispatch) dispatch();
    else inFlightCount -= 1;
  }

  /** A batch that has been started meanwhile is not among the waiting ones, and the oldest of them is due first. */
  function startOneMore(batch: () => void): void {
    if (!waiting.includes(batch) || inFlightCount >= maxBatchesInFlight) return;
    inFlightCount += 1;
    runNext();
  }

  async function loadBatch(keys: readonly Key[]): Promise<readonly (Value | Error)[]> {
    try {
      return await loadMany(keys);
    } catch (error) {
      if (keys.length === 1 || isOutage(error)) throw error;
      return await loadEach(keys);
    } finally {
      runNext();
    }
  }

  /** One by one: a batch never takes more than one connection. */
  async function loadEach(keys: readonly Key[]): Promise<(Value | Error)[]> {
    const settled: (Value | Error)[] = [];
    for (const key of keys) {
      try {
        settled.push(...(await loadMany([key])));
      } catch (error) {
        if (isOutage(error)) throw error;
        settled.push(
          error instanceof Error ? error : new Error('The key cannot be loaded.', { cause: error }),
        );
      }
    }
    return settled;
  }

  return new DataLoader<Key, Value>(loadBatch, {
    cache: false,
    maxBatchSize,
    batchScheduleFn(dispatch) {
      waiting.push(dispatch);
      if (inFlightCount > 0) {
        if (maxBatchesInFlight > 1) setTimeout(startOneMore, patienceMs, dispatch);
        return;
      }
      inFlightCount += 1;
      // After the promise jobs of this turn, so that the fields of one document go together.
      void Promise.resolve().then(() => process.nextTick(runNext));
    },
  });
}
