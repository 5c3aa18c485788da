import type { EntityManager } from 'typeorm';
import { KEY_SCOPES } from '../auth/scopes';
import { isUuid } from '../lib/uuid';
import { notFound } from '../errors';
import { IntegrationKeyEntity } from './integration-key.entity';
import type { IntegrationKey } from './integration-key.types';

type KeyRow = Omit<IntegrationKey, 'scopes' | 'ipAccess' | 'allowedEvents'> & {
  ipMode: IntegrationKey['ipAccess']['mode'];
  ipEnforcement: IntegrationKey['ipAccess']['enforcement'];
  eventsMode: IntegrationKey['allowedEvents']['mode'];
  eventsEnforcement: IntegrationKey['allowedEvents']['enforcement'];
  entries: { id: string; range: string; description: string | null; createdAt: string; createdBy: string }[];
  names: string[];
};

/** One statement, so that a key, its ranges and its names are always of one moment. */
const SELECT_KEYS = `
  select id, name, kind, preview, ip_mode as "ipMode", ip_enforcement as "ipEnforcement",
    events_mode as "eventsMode", events_enforcement as "eventsEnforcement", created_at as "createdAt",
    created_by as "createdBy", expires_at as "expiresAt", revoked_at as "revokedAt",
    array(select allowed_event.name from allowed_event where key_id = integration_key.id) as names,
    coalesce((
      select json_agg(json_build_object('id', entry.id, 'range', range, 'description', description,
        'createdAt', entry.created_at, 'createdBy', entry.created_by) order by entry.created_at, entry.id)
      from ip_range entry where key_id = integration_key.id), '[]') as entries
  from integration_key`;

/** Oldest first. */
export async function listIntegrationKeys(
  tx: EntityManager,
  { workspaceId, includeRevoked }: { workspaceId: string; includeRevoked: boolean },
): Promise<IntegrationKey[]> {
  const rows = await tx.query<KeyRow[]>(
    `/* settings.listIntegrationKeys */ ${SELECT_KEYS}
     where workspace_id = $1 and ($2 or revoked_at is null) order by created_at, id`,
    [workspaceId, includeRevoked],
  );
  return rows.map(toIntegrationKey);
}

/** Throws NOT_FOUND, the same for an id of another workspace and for a text that is no id. */
export async function getIntegrationKey(
  tx: EntityManager,
  workspaceId: string,
  keyId: string,
): Promise<IntegrationKey> {
  const rows = await tx.query<KeyRow[]>(
    `/* settings.getIntegrationKey */ ${SELECT_KEYS} where workspace_id = $1 and id = $2`,
    [workspaceId, keyId],
  );
  const [row] = rows;
  if (!row) throw notFound('integration key');
  return toIntegrationKey(row);
}

/**
 * Makes every other change of this key wait until this transaction ends. Read the key after it, never before: what
 * another admin committed meanwhile is seen only then. Throws NOT_FOUND.
 */
export async function lockIntegrationKey(
  tx: EntityManager,
  workspaceId: string,
  keyId: string,
): Promise<void> {
  const key =
    isUuid(keyId) &&
    (await tx.findOne(IntegrationKeyEntity, {
      select: { id: true },
      where: { id: keyId, workspaceId },
      lock: { mode: 'pessimistic_write' },
    }));
  if (!key) throw notFound('integration key');
}

export async function insertIntegrationKey(tx: EntityManager, row: IntegrationKeyEntity): Promise<void> {
  await tx.insert(IntegrationKeyEntity, row);
}

/** The key must be locked. */
export async function updateIntegrationKey(
  tx: EntityManager,
  keyId: string,
  values: Partial<
    Pick<
      IntegrationKeyEntity,
      'name' | 'ipMode' | 'ipEnforcement' | 'eventsMode' | 'eventsEnforcement' | 'revokedAt'
    >
  >,
): Promise<void> {
  await tx.update(IntegrationKeyEntity, { id: keyId }, values);
}

function toIntegrationKey(row: KeyRow): IntegrationKey {
  const { ipMode, ipEnforcement, eventsMode, eventsEnforcement, entries, names, ...key } = row;
  return {
    ...key,
    scopes: [...KEY_SCOPES[key.kind]].sort(),
    ipAccess: {
      mode: ipMode,
      enforcement: ipEnforcement,
      entries: entries.map((entry) => ({ ...entry, createdAt: new Date(entry.createdAt) })),
    },
    // Sorted here: the order of a database depends on its collation.
    allowedEvents: { mode: eventsMode, enforcement: eventsEnforcement, names: names.sort() },
  };
}
