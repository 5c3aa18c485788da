import { query } from '../support/database';
import { judge, KEPT, type StoredTicket } from './ledger';
import type { Load } from './load';

/** By the ticket that each event carries, as REST derives the message ids. */
const LIST_STORED = `
  select ticket, count(*)::int as events, sum(keys)::int as keys from (
    select event.properties->>'ticket' as ticket, (
      select count(*) from event_key
      where event_key.workspace_id = event.workspace_id and event_key.message_id = event.message_id) as keys
    from event) as stored
  group by ticket`;
const COUNT_LONELY_KEYS = `
  select count(*)::int as lonely from event_key where not exists (
    select from event where event.workspace_id = event_key.workspace_id and event.message_id = event_key.message_id)`;

/**
 * The set test, on a database that holds nothing but this load: once as it is after the fault, and again when all that
 * was unknown has been sent again and acknowledged. A key without an event would swallow that event for ever.
 */
export async function expectKept(load: Load, databaseUrl: string): Promise<void> {
  await expectNow(load, databaseUrl);
  await load.sendUnknownAgain();
  expect(load.ledger.count('UNKNOWN')).toBe(0);
  await expectNow(load, databaseUrl);
}

async function expectNow({ ledger, said }: Load, databaseUrl: string): Promise<void> {
  const stored = await query<StoredTicket>(databaseUrl, LIST_STORED);
  const [keys] = await query<{ lonely: number }>(databaseUrl, COUNT_LONELY_KEYS);
  const verdict = { ...judge(ledger, stored), keysWithoutEvent: keys?.lonely };
  const kept = { ...KEPT, keysWithoutEvent: 0 };
  // Shown in the difference when the promise was broken.
  const answers = Object.fromEntries(said);
  expect({ verdict, answers }).toEqual({ verdict: kept, answers });
  expect(ledger.count('ACKNOWLEDGED')).toBeGreaterThan(0);
  expect(ledger.count('REFUSED')).toBeGreaterThan(0);
}
