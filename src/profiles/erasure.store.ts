import type { Sql } from '../database/transaction';

/** Profiles whose events are to be erased, those included that were merged into them. */
export interface Erasure {
  readonly workspaceId: string;
  readonly profileIds: readonly string[];
}

/**
 * Deletes a locked profile with all its ids, leaves a tombstone for each id, and notes that its events are to be erased.
 * A tombstone is a hash, so that nothing personal is left: sha256 of kind, ':' and value.
 */
export async function deleteProfile(
  tx: Sql,
  { workspaceId, profileId, at }: { workspaceId: string; profileId: string; at: Date },
): Promise<Erasure> {
  const { rows } = await tx.query<{ profile_id: string }>(
    `/* profiles.deleteProfile */
     with gone_identity as (
       delete from identity where workspace_id = $1 and profile_id = $2 returning kind, value
     ), tombstone as (
       insert into deleted_identity (workspace_id, identity_hash, deleted_at)
       select $1, sha256(convert_to(kind || ':' || value, 'UTF8')), $3 from gone_identity
       on conflict (workspace_id, identity_hash)
         do update set deleted_at = greatest(deleted_identity.deleted_at, excluded.deleted_at)
     ), gone_alias as (
       delete from profile_alias where workspace_id = $1 and profile_id = $2 returning merged_profile_id
     ), gone_profile as (
       delete from profile where workspace_id = $1 and id = $2 returning id
     )
     insert into profile_erasure (workspace_id, profile_id, requested_at)
     select $1, id, $3 from (select id from gone_profile union all select merged_profile_id from gone_alias) as gone
     returning profile_id`,
    [workspaceId, profileId, at],
  );
  return { workspaceId, profileIds: rows.map((row) => row.profile_id) };
}

/**
 * Returns when every flush of events has ended that began before. A flush resolves the profile of an event and inserts
 * it in one statement, and holds ROW SHARE on deleted_identity from before its snapshot until its COMMIT: so whatever it
 * still stores for a profile that is gone is visible afterwards. To be called in a transaction of its own, which ends
 * at once: new flushes queue behind it, so it gives up after a second, a conflict, and lets them through before a retry.
 *
 * This table, because it is small: a lock on event_key would wait for an autovacuum of it, which takes minutes, while
 * ingestion stands still. EXCLUSIVE, because it lets backups read.
 */
export async function waitForFlushes(tx: Sql): Promise<void> {
  await tx.query(`/* profiles.limitWait */ set local lock_timeout = '1s'`);
  await tx.query(`/* profiles.waitForFlushes */ lock table deleted_identity in exclusive mode`);
}

/** Says how many they were. Read along event_profile; 45,000 of 200,000 events took 80 ms. */
export async function deleteEvents(db: Sql, { workspaceId, profileIds }: Erasure): Promise<number> {
  const { rowCount } = await db.query(
    `/* profiles.deleteEvents */
     delete from event where workspace_id = $1 and profile_id = any($2::uuid[])`,
    [workspaceId, profileIds],
  );
  return rowCount ?? 0;
}

export async function deleteErasure(db: Sql, { workspaceId, profileIds }: Erasure): Promise<void> {
  await db.query(
    `/* profiles.deleteErasure */
     delete from profile_erasure where workspace_id = $1 and profile_id = any($2::uuid[])`,
    [workspaceId, profileIds],
  );
}

/** What crashed deletions have left to do, over all workspaces. The table is empty but for such moments. */
export async function listErasures(db: Sql, olderThan: Date): Promise<Erasure[]> {
  const { rows } = await db.query<Erasure>(
    `/* profiles.listErasures */
     select workspace_id as "workspaceId", array_agg(profile_id::text) as "profileIds"
     from profile_erasure where requested_at < $1 group by workspace_id`,
    [olderThan],
  );
  return rows;
}
