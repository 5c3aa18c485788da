export interface KeyedQueue {
  /** Runs `work` when all earlier work of the key has settled, and settles like it; null when too many wait already. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> | null;
}

/**
 * Runs the work of one key one after the other, in the order of the calls; different keys do not wait for each other.
 * At most `maxWaiting` calls of a key wait, not counting the running one. An idle key takes no memory.
 */
export function createKeyedQueue({ maxWaiting }: { readonly maxWaiting: number }): KeyedQueue {
  /** Of each busy key, what starts the calls that wait. */
  const waitingByKey = new Map<string, (() => void)[]>();

  function startNext(key: string): void {
    const start = waitingByKey.get(key)?.shift();
    if (start) start();
    else waitingByKey.delete(key);
  }

  async function runNow<T>(key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      startNext(key);
    }
  }

  return {
    run(key, work) {
      const waiting = waitingByKey.get(key);
      if (!waiting) {
        waitingByKey.set(key, []);
        return runNow(key, work);
      }
      if (waiting.length >= maxWaiting) return null;
      return new Promise<void>((start) => waiting.push(start)).then(() => runNow(key, work));
    },
  };
}
