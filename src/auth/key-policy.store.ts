import type { Sql } from '../database/transaction';
import { parseIpRange, type IpRange } from '../lib/ip-range';
import type { AllowedEventsMode, EnforcementMode, IpAccessMode, KeyPolicy } from './caller';
import { KEY_SCOPES, type IntegrationKeyKind } from './scopes';

interface KeyRow {
  id: string;
  workspace_id: string;
  kind: IntegrationKeyKind;
  ip_mode: IpAccessMode;
  ip_enforcement: EnforcementMode;
  events_mode: AllowedEventsMode;
  events_enforcement: EnforcementMode;
  expires_at: Date | null;
  ranges: string[];
  names: string[];
}

/** The policy of the key with this secret hash; null when there is none or it is revoked. One statement, by index. */
export async function findKeyPolicy(db: Sql, secretHash: Buffer): Promise<KeyPolicy | null> {
  const { rows } = await db.query<KeyRow>(
    `/* auth.findKeyPolicy */
     select id, workspace_id, kind, ip_mode, ip_enforcement, events_mode, events_enforcement, expires_at,
       array(select range from ip_range where key_id = integration_key.id) as ranges,
       array(select name from allowed_event where key_id = integration_key.id) as names
     from integration_key
     where secret_hash = $1 and revoked_at is null`,
    [secretHash],
  );
  return rows[0] ? toKeyPolicy(rows[0]) : null;
}

function toKeyPolicy(row: KeyRow): KeyPolicy {
  return Object.freeze({
    keyId: row.id,
    workspaceId: row.workspace_id,
    credentialKind: `${row.kind}_KEY` as const,
    scopes: KEY_SCOPES[row.kind],
    ipAccess: { mode: row.ip_mode, enforcement: row.ip_enforcement, ranges: row.ranges.map(getRange) },
    allowedEvents: { mode: row.events_mode, enforcement: row.events_enforcement, names: new Set(row.names) },
    expiresAt: row.expires_at,
  });
}

/** Ranges were parsed before they were stored, so a bad one means that somebody wrote to the table by hand. */
function getRange(text: string): IpRange {
  const range = parseIpRange(text);
  if ('fault' in range) throw new Error(`A stored IP range ${range.fault}`);
  return range;
}
