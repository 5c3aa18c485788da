import type { Clock } from '../clock';
import type { Config } from '../config';
import { retryConflicts, type Sql } from '../database/transaction';
import { inSteps } from '../lib/in-steps';
import { runEvery, type Periodic } from '../lib/periodic';
import type { Logger } from '../log';
import { dropOldPartitions, ensureEventPartitions } from './event-partition.store';
import {
  deleteOldEvents,
  deleteOldKeys,
  listWorkspaceIds,
  type SweepProgress,
  type SweepStep,
} from './event-retention.store';

const DAY_MS = 86_400_000;
/** A key was stored by the clock of one process and is judged by that of another. */
const CLOCK_MARGIN_MS = 3_600_000;
const KEY_INTERVAL_MS = 60_000;
const EVENT_INTERVAL_MS = 600_000;
/** Rows of one statement: some ten milliseconds, after which locks are let go and others have their turn. */
const STEP_ROWS = 1_000;

/** Starts to forget old message ids, and old events when the configuration sets how long they are kept. */
export function startExpiry(options: { db: Sql; config: Config; clock: Clock; log: Logger }): Periodic[] {
  const { db, config, clock, log } = options;
  const { EVENT_RETENTION_DAYS, DEDUPE_WINDOW_DAYS } = config;
  const warn = (what: string) => (error: unknown) => log.warn({ err: error }, what);
  const keys = runEvery(
    KEY_INTERVAL_MS,
    (stopping) => expireMessageIds({ db, now: clock(), days: DEDUPE_WINDOW_DAYS, stopping }),
    warn('old message ids not deleted'),
  );
  if (EVENT_RETENTION_DAYS === 0) return [keys];
  const events = runEvery(
    EVENT_INTERVAL_MS,
    (stopping) => expireEvents({ db, now: clock(), days: EVENT_RETENTION_DAYS, stopping }),
    warn('old events not deleted'),
  );
  return [keys, events];
}

export interface Sweep {
  readonly db: Sql;
  readonly now: Date;
  /** For how long rows are kept. */
  readonly days: number;
  /** Ends the sweep early; the next one goes on. */
  readonly stopping: AbortSignal;
}

/**
 * Deletes the events that happened more than `days` days ago: months as a whole, the rest in steps. Any number of
 * processes may do so at once. Throws a conflict when readers of `event` never let a month be dropped; the rest is done then.
 */
export async function expireEvents({ db, now, days, stopping }: Sweep): Promise<void> {
  const before = new Date(now.getTime() - days * DAY_MS);
  await ensureEventPartitions(db, now);
  const dropping = retryConflicts(() => dropOldPartitions(db, before));
  const [dropped] = await Promise.allSettled([dropping]);
  await sweep({ db, before, stopping }, deleteOldEvents);
  if (dropped.status === 'rejected') throw dropped.reason;
}

/** Forgets message ids whose first receipt is more than `days` days and an hour ago: from then on a repeat is a new event. */
export async function expireMessageIds({ db, now, days, stopping }: Sweep): Promise<void> {
  const before = new Date(now.getTime() - days * DAY_MS - CLOCK_MARGIN_MS);
  await sweep({ db, before, stopping }, deleteOldKeys);
}

async function sweep(
  { db, before, stopping }: { db: Sql; before: Date; stopping: AbortSignal },
  deleteStep: (db: Sql, step: SweepStep) => Promise<SweepProgress>,
): Promise<void> {
  for (const workspaceId of await listWorkspaceIds(db)) {
    let from: Date | null = null;
    await inSteps(async () => {
      const step = { workspaceId, before, from, limit: STEP_ROWS };
      const { deletedCount, reachedAt } = await deleteStep(db, step);
      from = reachedAt;
      return deletedCount < STEP_ROWS ? 'done' : 'more';
    }, stopping);
  }
}
