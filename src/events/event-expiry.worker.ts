import { retryConflicts, type Sql } from '../database/transaction';
import { inSteps } from '../lib/in-steps';
import { dropOldPartitions, ensureEventPartitions } from './event-partition.store';
import { deleteOldEvents, deleteOldKeys, listWorkspaceIds, type SweepStep } from './event-retention.store';

const DAY_MS = 86_400_000;
/** A key was stored by the clock of one process and is judged by that of another. */
const CLOCK_MARGIN_MS = 3_600_000;
/** Rows of one statement: some ten milliseconds, after which locks are let go and others have their turn. */
const STEP_ROWS = 1_000;

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
  deleteStep: (db: Sql, step: SweepStep) => Promise<number>,
): Promise<void> {
  for (const workspaceId of await listWorkspaceIds(db)) {
    await inSteps(async () => {
      const count = await deleteStep(db, { workspaceId, before, limit: STEP_ROWS });
      return count < STEP_ROWS ? 'done' : 'more';
    }, stopping);
  }
}
