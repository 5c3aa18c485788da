import type { Sql } from '../database/transaction';
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
 * The events of many profiles in one statement, in the order of the keys. A profile's events are its own and those of
 * the profiles merged into it; per id they are read along event_profile, newest partition first, and stop at the limit.
 */
export async function listProfileEvents(db: Sql, keys: readonly ProfileEventsKey[]): Promise<Event[][]> {
  const { rows } = await db.query<Event & { position: number }>(
    `/* events.listProfileEvents */
     select asked.position, found.*
     from unnest($1::int[], $2::uuid[], $3::uuid[], $4::int[], $5::jsonb[], $6::timestamptz[], $7::timestamptz[],
         $8::timestamptz[], $9::uuid[])
       as asked (position, workspace_id, profile_id, max_rows, names, from_at, to_at, after_at, after_id)
     cross join lateral (
       select ${COLUMNS}
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
           and (asked.from_at is null or occurred_at >= asked.from_at)
           and (asked.to_at is null or occurred_at < asked.to_at)
           and (asked.after_at is null or (occurred_at, event.id) < (asked.after_at, asked.after_id))
         order by occurred_at desc, event.id desc
         limit asked.max_rows
       ) as mine
       order by occurred_at desc, mine.id desc
       limit asked.max_rows
     ) as found
     order by asked.position, found."timestamp" desc, found.id desc`,
    toColumns(keys),
  );
  const events: Event[][] = keys.map(() => []);
  for (const { position, ...event } of rows) events[position]?.push(event);
  return events;
}

function toColumns(keys: readonly ProfileEventsKey[]): unknown[] {
  return [
    keys.map((_, position) => position),
    keys.map((key) => key.workspaceId),
    keys.map((key) => key.profileId),
    keys.map(({ query }) => query.limit),
    keys.map(({ query }) => query.names && JSON.stringify(query.names)),
    keys.map(({ query }) => query.from?.toISOString() ?? null),
    keys.map(({ query }) => query.to?.toISOString() ?? null),
    keys.map(({ query }) => query.after?.occurredAt.toISOString() ?? null),
    keys.map(({ query }) => query.after?.id ?? null),
  ];
}
