const WINDOW_MS = 1_000;

/**
 * Counts the requests of each key in windows of a second, which are the same for all keys: what is kept is what came in
 * this second. Per process. (`rate-limiter-flexible`, which guards sign-in, answers with a promise and a timer; this runs
 * on every event.)
 */
export class KeyRate {
  private readonly counts = new Map<string, number>();
  private windowEndsAtMs = 0;

  constructor(private readonly limitPerSecond: number) {}

  /** 0 and the request is counted, or the milliseconds until the key may send another one. */
  consume(keyId: string, nowMs = performance.now()): number {
    if (nowMs >= this.windowEndsAtMs) {
      this.counts.clear();
      this.windowEndsAtMs = nowMs + WINDOW_MS;
    }
    const count = this.counts.get(keyId) ?? 0;
    if (count >= this.limitPerSecond) return this.windowEndsAtMs - nowMs;
    this.counts.set(keyId, count + 1);
    return 0;
  }
}
