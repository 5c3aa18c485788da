import type { DataSource, EntityManager } from 'typeorm';
import { bumpPolicyVersion } from '../auth/policy-version.store';
import type { Clock } from '../clock';
import type { Config } from '../config';
import { inEntityTransaction } from '../database/transaction';
import type { Actor } from './actor';
import { insertAuditEntry, type Change } from './audit.store';
import { requireLiveKey } from './integration-key.rules';
import { getIntegrationKey, lockIntegrationKey } from './integration-key.store';
import type { IntegrationKey } from './integration-key.types';

export interface SettingsParts {
  readonly dataSource: DataSource;
  readonly config: Config;
  readonly clock: Clock;
}

interface KeyChange {
  readonly tx: EntityManager;
  /** As it stands under the lock. */
  readonly key: IntegrationKey;
  readonly now: Date;
}
type Work = (change: KeyChange) => Promise<Pick<Change, 'action' | 'before' | 'after'> | null>;

/**
 * One transaction: the change, its audit row (rule 22) and the word to every process (rule 11). Two changes of one key
 * run one after the other. `work` answers null when there is nothing to change. Throws NOT_FOUND.
 */
export function changeKey(
  { dataSource, clock }: SettingsParts,
  { actor, keyId }: { actor: Actor; keyId: string },
  work: Work,
): Promise<IntegrationKey> {
  return inEntityTransaction(dataSource, async (tx) => {
    await lockIntegrationKey(tx, actor.workspaceId, keyId);
    const key = await getIntegrationKey(tx, actor.workspaceId, keyId);
    const now = clock();
    const change = await work({ tx, key, now });
    if (!change) return key;
    await recordChange(tx, actor, { ...change, target: key.id, at: now });
    return getIntegrationKey(tx, actor.workspaceId, key.id);
  });
}

/** As `changeKey`. Throws CONFLICT when the key is revoked. */
export function changeLiveKey(
  parts: SettingsParts,
  target: { actor: Actor; keyId: string },
  work: Work,
): Promise<IntegrationKey> {
  return changeKey(parts, target, (change) => {
    requireLiveKey(change.key);
    return work(change);
  });
}

/** Comes last in a transaction: from here to the commit no other settings change proceeds. */
export async function recordChange(tx: EntityManager, actor: Actor, change: Change): Promise<void> {
  await insertAuditEntry(tx, actor, change);
  await bumpPolicyVersion(tx);
}
