import type { EntityManager } from 'typeorm';
import { newId } from '../lib/uuid';
import type { Actor } from './actor';
import { AuditEntryEntity } from './audit-entry.entity';

/** What changed. `before` and `after` hold the changed settings and never a secret. */
export interface Change {
  /** Subject and verb, e.g. integrationKey.rename. */
  readonly action: string;
  /** Id of what was changed. */
  readonly target: string;
  readonly before: object | null;
  readonly after: object | null;
  readonly at: Date;
}

export async function insertAuditEntry(tx: EntityManager, actor: Actor, change: Change): Promise<void> {
  await tx.insert(AuditEntryEntity, {
    id: newId(),
    workspaceId: actor.workspaceId,
    actor: actor.name,
    clientIp: actor.clientIp,
    ...change,
  });
}
