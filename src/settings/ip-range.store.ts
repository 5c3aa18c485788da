import type { EntityManager } from 'typeorm';
import { notFound } from '../errors';
import { isUuid } from '../lib/uuid';
import { IpRangeEntity } from './ip-range.entity';

export async function insertIpRanges(tx: EntityManager, rows: IpRangeEntity[]): Promise<void> {
  if (rows.length > 0) await tx.insert(IpRangeEntity, rows);
}

/** The key whose list the entry is on. Throws NOT_FOUND, the same for an entry of another workspace. */
export async function getKeyIdOfIpRange(
  tx: EntityManager,
  workspaceId: string,
  entryId: string,
): Promise<string> {
  const entry = isUuid(entryId) && (await tx.findOneBy(IpRangeEntity, { id: entryId, workspaceId }));
  if (!entry) throw notFound('IP range');
  return entry.keyId;
}

export async function deleteIpRange(tx: EntityManager, workspaceId: string, entryId: string): Promise<void> {
  await tx.delete(IpRangeEntity, { id: entryId, workspaceId });
}
