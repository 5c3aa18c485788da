import type { Sql } from '../database/transaction';
import type { EventDefinition } from './event.types';

/** A public key that is allowed all events can invent names; nobody picks from a longer list than this. */
const MAX_DEFINITIONS = 1_000;

/** Names seen in the workspace, the most recent first, at most 1,000; counted over the stripes. */
export async function listEventDefinitions(db: Sql, workspaceId: string): Promise<EventDefinition[]> {
  const { rows } = await db.query<EventDefinition>(
    `/* events.listEventDefinitions */
     select name, min(first_seen_at) as "firstSeenAt", max(last_seen_at) as "lastSeenAt", sum(count)::float8 as count
     from event_definition
     where workspace_id = $1
     group by name
     order by max(last_seen_at) desc, name
     limit $2`,
    [workspaceId, MAX_DEFINITIONS],
  );
  return rows;
}
