import { RetryableConflict } from '../database/faults';
import type { Sql } from '../database/transaction';
import type { Identity, IdentityPlan, Link } from './identity.rules';
import type { ProfileState } from './profile.rules';

/** Some ids of one workspace. */
interface IdentitiesOf {
  readonly workspaceId: string;
  readonly identities: readonly Identity[];
}

/**
 * The profile of each id, or null; both locked until the end of the transaction.
 *
 * Locks are waited for in one order only, so nobody waits in a circle: ids as they are sorted, then profiles as their ids
 * are sorted. A profile's links change under its own lock and that of the link.
 */
export async function lockLinks(
  tx: Sql,
  { workspaceId, identities }: IdentitiesOf,
): Promise<Link<ProfileState>[]> {
  const { rows: links } = await tx.query<Identity & { profileId: string }>(
    `/* profiles.lockIdentities */
     select kind, value, profile_id as "profileId" from identity
     where workspace_id = $1 and (kind, value) in (select * from unnest($2::text[], $3::text[]))
     order by kind, value
     for update`,
    [workspaceId, ...toColumns(identities)],
  );
  const { rows: profiles } = await tx.query<ProfileState>(
    `/* profiles.lockProfiles */
     select id, user_id as "userId", external_id as "externalId", properties, properties_set_at as "propertiesSetAt",
       context, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt"
     from profile where workspace_id = $1 and id = any($2::uuid[])
     order by id
     for update`,
    [workspaceId, links.map(({ profileId }) => profileId)],
  );
  return identities.map((identity) => {
    const link = links.find(({ kind, value }) => kind === identity.kind && value === identity.value);
    return { identity, profile: profiles.find(({ id }) => id === link?.profileId) ?? null };
  });
}

/**
 * Locks all ids of locked profiles, to repoint or delete them. Without waiting: who holds one of them may be waiting for
 * the profile. A conflict then (SQLSTATE 55P03), which a retry solves in milliseconds; a deadlock would take a second.
 */
export async function lockIdentitiesOf(
  tx: Sql,
  workspaceId: string,
  profileIds: readonly string[],
): Promise<void> {
  await tx.query(
    `/* profiles.lockIdentitiesOf */
     select from identity where workspace_id = $1 and profile_id = any($2::uuid[]) for update nowait`,
    [workspaceId, profileIds],
  );
}

/**
 * Carries out a plan made under `lockLinks`; the profile with the target's id must exist already.
 * Throws RetryableConflict when another transaction claimed one of the free ids meanwhile.
 */
export async function applyIdentityPlan(
  tx: Sql,
  {
    workspaceId,
    targetId,
    plan,
    at,
  }: { workspaceId: string; targetId: string; plan: IdentityPlan<ProfileState>; at: Date },
): Promise<void> {
  if (plan.claims.length > 0)
    await insertIdentities(tx, { workspaceId, targetId, identities: plan.claims, at });
  for (const { identity, fromId } of plan.moves) {
    await moveIdentity(tx, { workspaceId, identity, targetId, at });
    if (identity.kind === 'external')
      await dropExternalId(tx, { workspaceId, profileId: fromId, externalId: identity.value });
  }
  const mergedIds = plan.merged.map(({ id }) => id);
  if (mergedIds.length > 0) await mergeProfiles(tx, { workspaceId, targetId, mergedIds });
}

interface Claim extends IdentitiesOf {
  readonly targetId: string;
  readonly at: Date;
}

/** Waits for another transaction that is inserting the same id. Sorted, so that two of them never wait for each other. */
async function insertIdentities(tx: Sql, { workspaceId, targetId, identities, at }: Claim): Promise<void> {
  const { rowCount } = await tx.query(
    `/* profiles.insertIdentities */
     insert into identity (workspace_id, kind, value, profile_id, claimed_at)
     select $1, kind, value, $4, $5 from unnest($2::text[], $3::text[]) as claim (kind, value) order by kind, value
     on conflict do nothing`,
    [workspaceId, ...toColumns(identities), targetId, at],
  );
  if (rowCount !== identities.length) throw new RetryableConflict();
}

async function moveIdentity(
  tx: Sql,
  {
    workspaceId,
    identity,
    targetId,
    at,
  }: { workspaceId: string; identity: Identity; targetId: string; at: Date },
): Promise<void> {
  await tx.query(
    `/* profiles.moveIdentity */
     update identity set profile_id = $4, claimed_at = $5 where workspace_id = $1 and kind = $2 and value = $3`,
    [workspaceId, identity.kind, identity.value, targetId, at],
  );
}

/** A profile whose external id was claimed by another falls back to the newest that it still has. */
async function dropExternalId(
  tx: Sql,
  { workspaceId, profileId, externalId }: { workspaceId: string; profileId: string; externalId: string },
): Promise<void> {
  await tx.query(
    `/* profiles.dropExternalId */
     update profile set external_id = (
       select value from identity
       where workspace_id = $1 and profile_id = $2 and kind = 'external'
       order by claimed_at desc, value limit 1)
     where workspace_id = $1 and id = $2 and external_id = $3`,
    [workspaceId, profileId, externalId],
  );
}

/** Everything that names a merged profile names the target from now on; events keep the old id and find it by alias. */
async function mergeProfiles(
  tx: Sql,
  {
    workspaceId,
    targetId,
    mergedIds,
  }: { workspaceId: string; targetId: string; mergedIds: readonly string[] },
): Promise<void> {
  const values = [workspaceId, targetId, mergedIds];
  await lockIdentitiesOf(tx, workspaceId, mergedIds);
  await tx.query(
    `/* profiles.repointIdentities */
     update identity set profile_id = $2 where workspace_id = $1 and profile_id = any($3::uuid[])`,
    values,
  );
  await tx.query(
    `/* profiles.repointAliases */
     update profile_alias set profile_id = $2 where workspace_id = $1 and profile_id = any($3::uuid[])`,
    values,
  );
  await tx.query(
    `/* profiles.insertAliases */
     insert into profile_alias (workspace_id, profile_id, merged_profile_id) select $1, $2, unnest($3::uuid[])`,
    values,
  );
  await tx.query(
    `/* profiles.deleteMergedProfiles */
     delete from profile where workspace_id = $1 and id = any($2::uuid[])`,
    [workspaceId, mergedIds],
  );
}

function toColumns(identities: readonly Identity[]): [kinds: string[], values: string[]] {
  return [identities.map(({ kind }) => kind), identities.map(({ value }) => value)];
}
