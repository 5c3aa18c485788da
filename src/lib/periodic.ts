/** Background work that is repeated until it is stopped. */
export interface Periodic {
  /** Resolves when a run that is under way has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `work` every `intervalMs`, never twice at once. A failure goes to `onError` and the next run comes as usual.
 * The signal tells work that takes long that it is to end early.
 */
export function runEvery(
  intervalMs: number,
  work: (stopping: AbortSignal) => Promise<void>,
  onError: (error: unknown) => void,
): Periodic {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= work(stopping.signal)
      .catch(onError)
      .finally(() => (running = undefined));
  }, intervalMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await running;
    },
  };
}
