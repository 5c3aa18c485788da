import type { PreparableSql, Sql } from '../database/transaction';
import type { Identity } from './identity.rules';
import type { JsonObject } from './input.rules';
import type { ProfileState } from './profile.rules';

/** A profile as it is read; anonymous ids with the newest claim last. */
export interface ProfileRow {
  readonly id: string;
  readonly userId: string | null;
  readonly externalId: string | null;
  readonly anonymousIds: string[];
  readonly properties: JsonObject;
  readonly computedProperties: JsonObject;
  readonly segments: string[];
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** Null is no condition. */
export interface ProfileConditions {
  readonly propertiesContain: JsonObject | null;
  readonly segment: string | null;
  readonly lastSeenAfter: Date | null;
}

interface ProfileListing extends ProfileConditions {
  readonly workspaceId: string;
  readonly beforeId: string | null;
  readonly limit: number;
}

/**
 * An anonymous id can be claimed with a public key, so a profile can have any number of them: 1,000 are shown.
 */
const PROFILE_COLUMNS = `
  profile.id, profile.user_id as "userId", profile.external_id as "externalId",
  array(
    select value from (
      select value, claimed_at from identity as anonymous
      where anonymous.workspace_id = profile.workspace_id and anonymous.profile_id = profile.id and kind = 'anonymous'
      order by claimed_at desc limit 1000) as newest
    order by claimed_at, value) as "anonymousIds",
  profile.properties, profile.computed_properties as "computedProperties", profile.segments,
  profile.first_seen_at as "firstSeenAt", profile.last_seen_at as "lastSeenAt"`;

/**
 * The limit, which changes nothing of the answer, keeps the planner from reading a whole table for a large batch. The last
 * parameter stands in a subquery, so that it does not plan small batches anew for being small.
 */
const FIND_PROFILES = `/* profiles.findProfiles */
select found.*, key.position
from unnest($1::uuid[], $2::text[], (select $3::text[])) with ordinality as key (workspace_id, kind, value, position)
cross join lateral (
  select ${PROFILE_COLUMNS}
  from identity join profile
    on profile.workspace_id = identity.workspace_id and profile.id = identity.profile_id
  where identity.workspace_id = key.workspace_id and identity.kind = key.kind and identity.value = key.value
  limit 1) as found`;

/** One profile or null for each id, in their order; the ids may be of several workspaces. */
export async function findProfiles(
  db: PreparableSql,
  keys: readonly (Identity & { readonly workspaceId: string })[],
  { isPrepared }: { isPrepared: boolean },
): Promise<(ProfileRow | null)[]> {
  const { rows } = await db.query<ProfileRow & { position: string }>({
    text: FIND_PROFILES,
    values: [
      keys.map(({ workspaceId }) => workspaceId),
      keys.map(({ kind }) => kind),
      keys.map(({ value }) => value),
    ],
    ...(isPrepared && { name: 'profiles.findProfiles' }),
  });
  const found = new Map(rows.map(({ position, ...profile }) => [Number(position), profile]));
  return keys.map((_, index) => found.get(index + 1) ?? null);
}

/** Newest first: ids are UUIDv7. A condition on properties is answered by the GIN index profile_properties. */
export async function listProfiles(db: Sql, listing: ProfileListing): Promise<ProfileRow[]> {
  const { rows } = await db.query<ProfileRow>(
    `/* profiles.listProfiles */
     select ${PROFILE_COLUMNS}
     from profile
     where workspace_id = $1
       and ($2::uuid is null or id < $2)
       and ($3::jsonb is null or properties @> $3)
       and ($4::text is null or $4 = any(segments))
       and ($5::timestamptz is null or last_seen_at > $5)
     order by id desc
     limit $6`,
    [
      listing.workspaceId,
      listing.beforeId,
      listing.propertiesContain,
      listing.segment,
      listing.lastSeenAfter,
      listing.limit,
    ],
  );
  return rows;
}

/** Inserts the profile or overwrites it; an existing one must be locked. */
export async function saveProfile(tx: Sql, workspaceId: string, profile: ProfileState): Promise<void> {
  await tx.query(
    `/* profiles.saveProfile */
     insert into profile (workspace_id, id, user_id, external_id, properties, properties_set_at, context, first_seen_at,
       last_seen_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (workspace_id, id) do update set user_id = excluded.user_id, external_id = excluded.external_id,
       properties = excluded.properties, properties_set_at = excluded.properties_set_at, context = excluded.context,
       first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at`,
    [
      workspaceId,
      profile.id,
      profile.userId,
      profile.externalId,
      profile.properties,
      profile.propertiesSetAt,
      profile.context,
      profile.firstSeenAt,
      profile.lastSeenAt,
    ],
  );
}
