/** Background work that is repeated until it is stopped. */
export interface Periodic {
  /** Resolves when a run that is under way has ended. */
  stop(): Promise<void>;
}

/** Runs `work` every `intervalMs`, never twice at once. A failure goes to `onError` and the next run comes as usual. */
export function runEvery(
  intervalMs: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Periodic {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= work()
      .catch(onError)
      .finally(() => (running = undefined));
  }, intervalMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
