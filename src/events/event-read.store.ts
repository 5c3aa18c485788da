import { NIL } from 'uuid';
import type { PreparableSql, Sql } from '../database/transaction';
import { toEvents, type EventColumns } from './event-columns';
import type { Event } from './event.types';

/** Which events, newest first. `from` is inclusive, `to` exclusive; `after` is the last event already seen. */
export interface EventQuery {
  readonly limit: number;
  readonly names: readonly string[] | null;
  readonly from: Date | null;
  readonly to: Date | null;
  readonly after: { readonly occurredAt: Date; readonly id: string } | null;
}

const COLUMNS = `id, message_id as "messageId", name, user_id as "userId", anonymous_id as "anonymousId",
  external_id as "externalId", session_id as "sessionId", occurred_at as "timestamp", received_at as "receivedAt",
  properties, context`;

/** Read backwards along the primary key, newest partition first, until `limit` rows are found. */
export async function listEvents(db: Sql, workspaceId: string, query: EventQuery): Promise<Event[]> {
  const { rows } = await db.query<Event>(
    `/* events.listEvents */
     select ${COLUMNS}
     from event
     where workspace_id = $1
       and ($2::text[] is null or name = any($2))
       and ($3::timestamptz is null or occurred_at >= $3)
       and ($4::timestamptz is null or occurred_at < $4)
       and ($5::timestamptz is null or (occurred_at, id) < ($5, $6::uuid))
     order by occurred_at desc, id desc
     limit $7`,
    [
      workspaceId,
      query.names,
      query.from,
      query.to,
      query.after?.occurredAt ?? null,
      query.after?.id ?? null,
      query.limit,
    ],
  );
  return rows;
}

export interface ProfileEventsKey {
  readonly workspaceId: string;
  readonly profileId: string;
  readonly query: EventQuery;
}

/**
 * A profile's events are its own and those of the profiles merged into it. Per id they are read along event_profile,
 * newest partition first, between the bounds, and reading stops at the limit. The bounds are always there (infinity when
 * none is asked for), because an `or` would make them a filter: each page would read all pages before it.
 *
 * One row per profile with a JSON array per column: taking 12 values per event apart costs Node twice as much as all else.
 *
 * The last parameter stands in a subquery, so that the planner does not see how many profiles are asked for. Otherwise it
 * takes a plan made for one profile for cheaper than the prepared one and plans every small batch anew.
 */
const LIST_PROFILE_EVENTS = `/* events.listProfileEvents */
select asked.position, found.*
from unnest($1::int[], $2::uuid[], $3::uuid[], $4::int[], $5::jsonb[], $6::timestamptz[], $7::timestamptz[],
    (select $8::uuid[]))
  as asked (position, workspace_id, profile_id, max_rows, names, from_at, before_at, before_id)
cross join lateral (
  select count(*)::int, json_agg(id)::text as id, json_agg(message_id)::text as "messageId", json_agg(name)::text as name,
    json_agg(user_id)::text as "userId", json_agg(anonymous_id)::text as "anonymousId",
    json_agg(external_id)::text as "externalId", json_agg(session_id)::text as "sessionId",
    json_agg(occurred_at)::text as "timestamp", json_agg(received_at)::text as "receivedAt",
    json_agg(properties)::text as properties, json_agg(context)::text as context
  from (
    select mine.*
    from (
      select asked.profile_id as person_id
      union all
      select merged_profile_id from profile_alias
      where workspace_id = asked.workspace_id and profile_alias.profile_id = asked.profile_id
    ) as person
    cross join lateral (
      select event.*
      from event
      where event.workspace_id = asked.workspace_id and event.profile_id = person.person_id
        and (asked.names is null or asked.names ? event.name)
        -- The second tells which partitions cannot have any; a comparison of rows does not.
        and occurred_at >= asked.from_at and occurred_at <= asked.before_at
        and (occurred_at, event.id) < (asked.before_at, asked.before_id)
      order by occurred_at desc, event.id desc
      limit asked.max_rows
    ) as mine
    order by occurred_at desc, mine.id desc
    limit asked.max_rows
  ) as newest
) as found`;

/** The events of many profiles in one statement, in the order of the keys. */
export async function listProfileEvents(
  db: PreparableSql,
  keys: readonly ProfileEventsKey[],
  { isPrepared }: { isPrepared: boolean },
): Promise<Event[][]> {
  const { rows } = await db.query<EventColumns & { position: number }>({
    text: LIST_PROFILE_EVENTS,
    values: toColumns(keys),
    ...(isPrepared && { name: 'events.listProfileEvents' }),
  });
  const events: Event[][] = keys.map(() => []);
  for (const row of rows) events[row.position] = toEvents(row);
  return events;
}

function toColumns(keys: readonly ProfileEventsKey[]): unknown[] {
  const bounds = keys.map(({ query }) => toUpperBound(query));
  return [
    keys.map((_, position) => position),
    keys.map((key) => key.workspaceId),
    keys.map((key) => key.profileId),
    keys.map(({ query }) => query.limit),
    keys.map(({ query }) => query.names && JSON.stringify(query.names)),
    keys.map(({ query }) => query.from?.toISOString() ?? '-infinity'),
    bounds.map(({ at }) => at),
    bounds.map(({ id }) => id),
  ];
}

/** Events come before it, in the order of (occurred_at, id). `to` is exclusive: no id comes before NIL. */
function toUpperBound({ to, after }: EventQuery): { at: string; id: string } {
  if (after && !(to && to <= after.occurredAt)) return { at: after.occurredAt.toISOString(), id: after.id };
  return to ? { at: to.toISOString(), id: NIL } : { at: 'infinity', id: NIL };
}
