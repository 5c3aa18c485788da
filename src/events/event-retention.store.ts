import type { Sql } from '../database/transaction';

/** What one step of a sweep deletes: at most `limit` rows of a workspace from before a time. */
export interface SweepStep {
  readonly workspaceId: string;
  readonly before: Date;
  /** Where the step before has ended; null for the first. Spares a look at all that was deleted and not vacuumed yet. */
  readonly from: Date | null;
  readonly limit: number;
}

export interface SweepProgress {
  /** Fewer than the limit when none are left. */
  readonly deletedCount: number;
  /** Time of the last of them, null when there was none. */
  readonly reachedAt: Date | null;
}

/** All of them, for sweeps that serve each in turn. */
export async function listWorkspaceIds(db: Sql): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(`/* events.listWorkspaces */ select id from workspace`);
  return rows.map(({ id }) => id);
}

/** By the time at which they happened, the oldest first, along the primary key. */
export async function deleteOldEvents(db: Sql, step: SweepStep): Promise<SweepProgress> {
  return readProgress(
    await db.query<SweepProgress>(
      `/* events.deleteOldEvents */
       with step as materialized (
         select occurred_at, id from event
         where workspace_id = $1 and occurred_at < $2 and occurred_at >= coalesce($3::timestamptz, '-infinity')
         order by occurred_at, id limit $4
       ), gone as (
         delete from event using step
         where event.workspace_id = $1 and event.occurred_at < $2
           and event.occurred_at = step.occurred_at and event.id = step.id
         returning event.occurred_at
       )
       select count(*)::int as "deletedCount", max(occurred_at) as "reachedAt" from gone`,
      [step.workspaceId, step.before, step.from, step.limit],
    ),
  );
}

/**
 * Message ids by the time of their first receipt, along event_key_received. By ctid, because message ids are random: by
 * the primary key each would cost a read of its own.
 */
export async function deleteOldKeys(db: Sql, step: SweepStep): Promise<SweepProgress> {
  return readProgress(
    await db.query<SweepProgress>(
      `/* events.deleteOldKeys */
       with gone as (
         delete from event_key
         where workspace_id = $1 and ctid = any(array(
           select ctid from event_key
           where workspace_id = $1 and received_at < $2 and received_at >= coalesce($3::timestamptz, '-infinity')
           order by received_at limit $4))
         returning received_at
       )
       select count(*)::int as "deletedCount", max(received_at) as "reachedAt" from gone`,
      [step.workspaceId, step.before, step.from, step.limit],
    ),
  );
}

function readProgress({ rows: [progress] }: { rows: SweepProgress[] }): SweepProgress {
  return progress ?? { deletedCount: 0, reachedAt: null };
}
