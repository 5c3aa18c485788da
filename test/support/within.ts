import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats the check until it answers true. Throws when it never does within the time: rules that "take effect within …". */
export async function within(timeMs: number, check: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + timeMs;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`It was not so within ${timeMs} ms.`);
    await sleep(25);
  }
}
