import type { PreparableSql } from '../database/transaction';
import { toPgArray, toPgJsonArray, toPgPlainArray } from '../lib/pg-array';
import type { NewEvent } from './event.rules';

/** ERASED: it happened before its person was deleted, so it is acknowledged, and nothing is stored or done. */
export type InsertOutcome = 'ACCEPTED' | 'DUPLICATE' | 'ERASED';

/**
 * One statement for a whole flush, one row per event.
 *
 * - `erased`: events that happened before their person was deleted are not stored (architecture.md §4). Their message
 *   ids are kept like all others, so that a repeat tells nobody who was deleted. FOR KEY SHARE puts ROW SHARE on the
 *   table, for which `waitForFlushes` (profiles/erasure.store) waits.
 * - `fresh`: deduplication. A message id that another process is just storing makes this wait for its COMMIT. Sorted,
 *   so that two flushes with the same ids cannot deadlock.
 * - `new_identity` has no ON CONFLICT on purpose: when another process made the same identity meanwhile, the unique
 *   violation rolls the flush back and it is tried again, now seeing the other's profile.
 * - `due` writes a profile at most once a minute, so that a busy person costs no row version per event, and passes over
 *   one that is locked: who identifies that person may be waiting for an id that this flush has just inserted.
 * - `definition` adds to this process's own stripe: no flush waits for another process's counter.
 *
 * Answers the positions that were not stored, and why.
 */
const INSERT_EVENTS = `/* events.insertEvents */
with input as materialized (
  select * from unnest(
    $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::jsonb[], $12::jsonb[], $13::text[], $14::text[], $15::uuid[]
  ) with ordinality as t (
    workspace_id, id, message_id, name, occurred_at, received_at, user_id, anonymous_id,
    external_id, session_id, properties, context, identity_kind, identity_value, new_profile_id, position
  )
), erased as (
  select position
  from input join deleted_identity using (workspace_id)
  where identity_hash = sha256(convert_to(identity_kind || ':' || identity_value, 'UTF8')) and occurred_at <= deleted_at
  for key share of deleted_identity
), fresh as (
  insert into event_key (workspace_id, message_id, received_at)
  select workspace_id, message_id, received_at
  from input
  order by workspace_id, message_id
  on conflict do nothing
  returning workspace_id, message_id
), accepted as (
  select input.*, identity.profile_id
  from input
  join fresh using (workspace_id, message_id)
  left join identity on identity.workspace_id = input.workspace_id and kind = identity_kind and value = identity_value
  where position not in (select position from erased)
), person as (
  select workspace_id, identity_kind, identity_value, new_profile_id,
    min(occurred_at) as first_seen_at, max(occurred_at) as last_seen_at
  from accepted where profile_id is null
  group by 1, 2, 3, 4
), new_identity as (
  insert into identity (workspace_id, kind, value, profile_id, claimed_at)
  select workspace_id, identity_kind, identity_value, new_profile_id, first_seen_at
  from person order by 1, 2, 3
), new_profile as (
  insert into profile (workspace_id, id, user_id, external_id, first_seen_at, last_seen_at)
  select workspace_id, new_profile_id, case identity_kind when 'user' then identity_value end,
    case identity_kind when 'external' then identity_value end, first_seen_at, last_seen_at
  from person order by 1, 2
), due as (
  select profile.workspace_id, profile.id, span.first_seen_at, span.last_seen_at
  from profile join (
    select workspace_id, profile_id, min(occurred_at) as first_seen_at, max(occurred_at) as last_seen_at
    from accepted where profile_id is not null group by 1, 2
  ) as span on profile.workspace_id = span.workspace_id and profile.id = span.profile_id
  where profile.last_seen_at < span.last_seen_at - interval '1 minute' or profile.first_seen_at > span.first_seen_at
  for no key update of profile skip locked
), seen as (
  update profile
  set first_seen_at = least(profile.first_seen_at, due.first_seen_at),
    last_seen_at = greatest(profile.last_seen_at, due.last_seen_at)
  from due where profile.workspace_id = due.workspace_id and profile.id = due.id
), definition as (
  insert into event_definition (workspace_id, name, stripe, first_seen_at, last_seen_at, count)
  select workspace_id, name, $16::smallint, min(received_at), max(received_at), count(*)
  from accepted group by 1, 2 order by 1, 2
  on conflict (workspace_id, name, stripe) do update
  set last_seen_at = greatest(event_definition.last_seen_at, excluded.last_seen_at),
    count = event_definition.count + excluded.count
), stored as (
  insert into event (workspace_id, id, message_id, name, occurred_at, received_at, profile_id,
    user_id, anonymous_id, external_id, session_id, properties, context)
  select workspace_id, id, message_id, name, occurred_at, received_at, coalesce(profile_id, new_profile_id),
    user_id, anonymous_id, external_id, session_id, properties, context
  from accepted
)
select position, case when fresh.message_id is null then 'DUPLICATE' else 'ERASED' end as outcome
from input left join fresh using (workspace_id, message_id)
where fresh.message_id is null or position in (select position from erased)`;

/**
 * Message ids must be distinct per workspace. `newProfileIds` has, for each event, the id of the profile that is made if
 * nobody has the event's identity: the same for the same identity. `stripe` names the counter of this process, 0 to 32767.
 */
export async function insertEvents(
  db: PreparableSql,
  { events, newProfileIds }: { events: readonly NewEvent[]; newProfileIds: readonly string[] },
  { stripe, isPrepared }: { stripe: number; isPrepared: boolean },
): Promise<InsertOutcome[]> {
  const values = [
    toPgPlainArray(events.map((event) => event.workspaceId)),
    toPgPlainArray(events.map((event) => event.id)),
    toPgArray(events.map((event) => event.messageId)),
    toPgArray(events.map((event) => event.name)),
    toPgPlainArray(events.map((event) => event.occurredAt.toISOString())),
    toPgPlainArray(events.map((event) => event.receivedAt.toISOString())),
    toPgArray(events.map((event) => event.userId)),
    toPgArray(events.map((event) => event.anonymousId)),
    toPgArray(events.map((event) => event.externalId)),
    toPgArray(events.map((event) => event.sessionId)),
    toPgJsonArray(events.map((event) => event.propertiesJson)),
    toPgJsonArray(events.map((event) => event.contextJson)),
    toPgPlainArray(events.map((event) => event.identity.kind)),
    toPgArray(events.map((event) => event.identity.value)),
    toPgPlainArray(newProfileIds),
    stripe,
  ];
  const query = { text: INSERT_EVENTS, values, ...(isPrepared && { name: 'events.insertEvents' }) };
  const { rows } = await db.query<{ position: string; outcome: InsertOutcome }>(query);
  const outcomes = events.map((): InsertOutcome => 'ACCEPTED');
  for (const { position, outcome } of rows) outcomes[Number(position) - 1] = outcome;
  return outcomes;
}
