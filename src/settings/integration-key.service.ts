import type { EntityManager } from 'typeorm';
import { inEntityTransaction } from '../database/transaction';
import { createSecret, hashSecret, previewSecret } from '../lib/secret';
import { newId } from '../lib/uuid';
import type { Actor } from './actor';
import { replaceAllowedEvents } from './allowed-event.store';
import { parseAllowedEvents } from './allowed-events.rules';
import { requireFutureExpiry, requireKeyName } from './integration-key.rules';
import { getIntegrationKey, insertIntegrationKey, updateIntegrationKey } from './integration-key.store';
import type { CreateIntegrationKeyInput, IntegrationKey } from './integration-key.types';
import { parseIpRangeDrafts, type IpRangeDraft } from './ip-access.rules';
import { insertIpRanges } from './ip-range.store';
import { changeKey, changeLiveKey, recordChange, type SettingsParts } from './key-change';

export interface NewIntegrationKey {
  readonly key: IntegrationKey;
  /** The whole secret. It is stored nowhere. */
  readonly secret: string;
}

/** A checked CreateIntegrationKeyInput; null lists mean ALL and ANYWHERE. */
interface KeyDraft {
  readonly name: string;
  readonly kind: IntegrationKey['kind'];
  readonly allowedEvents: readonly string[] | null;
  readonly ipRanges: readonly IpRangeDraft[] | null;
  readonly expiresAt: Date | null;
}

/** Integration keys: made, named, ended. */
export class IntegrationKeyService {
  constructor(private readonly parts: SettingsParts) {}

  /** Throws BAD_USER_INPUT. */
  create(actor: Actor, input: CreateIntegrationKeyInput): Promise<NewIntegrationKey> {
    return inEntityTransaction(this.parts.dataSource, (tx) => this.createWithin(tx, actor, input));
  }

  /** In the caller's transaction, for the first start. Throws BAD_USER_INPUT. */
  async createWithin(
    tx: EntityManager,
    actor: Actor,
    input: CreateIntegrationKeyInput,
  ): Promise<NewIntegrationKey> {
    const at = this.parts.clock();
    const draft = this.parseDraft(input, at);
    const secret = createSecret(draft.kind === 'WRITE_ONLY' ? 'fg_wo_' : 'fg_rw_');
    const keyId = await insertKey(tx, draft, { secret, actor, at });
    const key = await getIntegrationKey(tx, actor.workspaceId, keyId);
    const { name, kind, preview, ipAccess, allowedEvents, expiresAt } = key;
    const after = { name, kind, preview, ipAccess, allowedEvents, expiresAt };
    await recordChange(tx, actor, {
      action: 'integrationKey.create',
      target: keyId,
      before: null,
      after,
      at,
    });
    return { key, secret };
  }

  /** Throws BAD_USER_INPUT, NOT_FOUND, CONFLICT. */
  async rename(actor: Actor, { keyId, name }: { keyId: string; name: string }): Promise<IntegrationKey> {
    requireKeyName(name, this.parts.config.MAX_NAME_LENGTH);
    return changeLiveKey(this.parts, { actor, keyId }, async ({ tx, key }) => {
      await updateIntegrationKey(tx, key.id, { name });
      return { action: 'integrationKey.rename', before: { name: key.name }, after: { name } };
    });
  }

  /** For good. Doing it twice is no fault. Throws NOT_FOUND. */
  revoke(actor: Actor, keyId: string): Promise<IntegrationKey> {
    return changeKey(this.parts, { actor, keyId }, async ({ tx, key, now: revokedAt }) => {
      if (key.revokedAt) return null;
      await updateIntegrationKey(tx, key.id, { revokedAt });
      return { action: 'integrationKey.revoke', before: { revokedAt: null }, after: { revokedAt } };
    });
  }

  private parseDraft(input: CreateIntegrationKeyInput, now: Date): KeyDraft {
    const { name, kind, allowedEvents, ipRanges, expiresAt = null } = input;
    const { config } = this.parts;
    requireKeyName(name, config.MAX_NAME_LENGTH);
    requireFutureExpiry(expiresAt, now);
    return {
      name,
      kind,
      expiresAt,
      allowedEvents: allowedEvents
        ? parseAllowedEvents(allowedEvents, config, ['input', 'allowedEvents'])
        : null,
      ipRanges: ipRanges ? parseIpRangeDrafts(ipRanges, config.MAX_IP_RANGES, ['input', 'ipRanges']) : null,
    };
  }
}

async function insertKey(
  tx: EntityManager,
  { name, kind, allowedEvents, ipRanges, expiresAt }: KeyDraft,
  { secret, actor, at }: { secret: string; actor: Actor; at: Date },
): Promise<string> {
  const created = { workspaceId: actor.workspaceId, createdAt: at, createdBy: actor.name };
  const keyId = newId();
  await insertIntegrationKey(tx, {
    ...created,
    id: keyId,
    name,
    kind,
    secretHash: hashSecret(secret),
    preview: previewSecret(secret),
    ipMode: ipRanges ? 'SPECIFIC_LOCATIONS' : 'ANYWHERE',
    ipEnforcement: 'ENFORCE',
    eventsMode: allowedEvents ? 'SPECIFIC' : 'ALL',
    eventsEnforcement: 'ENFORCE',
    expiresAt,
    revokedAt: null,
  });
  await insertIpRanges(
    tx,
    (ipRanges ?? []).map((draft) => ({ ...created, ...draft, id: newId(), keyId })),
  );
  await replaceAllowedEvents(tx, keyId, allowedEvents ?? []);
  return keyId;
}
