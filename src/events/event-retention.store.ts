import type { Sql } from '../database/transaction';

/** What one step of a sweep deletes: at most `limit` rows of a workspace from before a time. */
export interface SweepStep {
  readonly workspaceId: string;
  readonly before: Date;
  readonly limit: number;
}

/** All of them, for sweeps that serve each in turn. */
export async function listWorkspaceIds(db: Sql): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(`/* events.listWorkspaces */ select id from workspace`);
  return rows.map(({ id }) => id);
}

/** The oldest first, along the primary key. Says how many they were: fewer than the limit when none are left. */
export async function deleteOldEvents(db: Sql, { workspaceId, before, limit }: SweepStep): Promise<number> {
  const { rowCount } = await db.query(
    `/* events.deleteOldEvents */
     with step as materialized (
       select occurred_at, id from event
       where workspace_id = $1 and occurred_at < $2
       order by occurred_at, id limit $3
     )
     delete from event using step
     where event.workspace_id = $1 and event.occurred_at < $2
       and event.occurred_at = step.occurred_at and event.id = step.id`,
    [workspaceId, before, limit],
  );
  return rowCount ?? 0;
}

/**
 * Message ids by the time of their first receipt, along event_key_received. By ctid, because message ids are random: by
 * the primary key each would cost a read of its own. Says how many they were, like `deleteOldEvents`.
 */
export async function deleteOldKeys(db: Sql, { workspaceId, before, limit }: SweepStep): Promise<number> {
  const { rowCount } = await db.query(
    `/* events.deleteOldKeys */
     delete from event_key
     where workspace_id = $1 and ctid = any(array(
       select ctid from event_key
       where workspace_id = $1 and received_at < $2
       order by received_at limit $3))`,
    [workspaceId, before, limit],
  );
  return rowCount ?? 0;
}
