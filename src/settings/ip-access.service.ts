import { notFound } from '../errors';
import { newId } from '../lib/uuid';
import type { Actor } from './actor';
import { updateIntegrationKey } from './integration-key.store';
import { parseIpRangeDraft, requireRoomFor } from './ip-access.rules';
import type { AddIpRangeInput, IpAccess, SetIpAccessInput } from './ip-access.types';
import { deleteIpRange, getKeyIdOfIpRange, insertIpRanges } from './ip-range.store';
import { changeLiveKey, type SettingsParts } from './key-change';

/** From where a key may be used. */
export class IpAccessService {
  constructor(private readonly parts: SettingsParts) {}

  /** Throws NOT_FOUND, CONFLICT. */
  async setMode(actor: Actor, input: SetIpAccessInput): Promise<IpAccess> {
    const { mode } = input;
    const enforcement = input.enforcement ?? 'ENFORCE';
    const keyId = requireKeyId(input.keyId);
    const { ipAccess } = await changeLiveKey(this.parts, { actor, keyId }, async ({ tx, key }) => {
      await updateIntegrationKey(tx, key.id, { ipMode: mode, ipEnforcement: enforcement });
      const before = { mode: key.ipAccess.mode, enforcement: key.ipAccess.enforcement };
      return { action: 'integrationKey.setIpAccess', before, after: { mode, enforcement } };
    });
    return ipAccess;
  }

  /** Throws BAD_USER_INPUT, NOT_FOUND, and CONFLICT when the range is listed already. */
  async addRange(actor: Actor, input: AddIpRangeInput): Promise<IpAccess> {
    const draft = parseIpRangeDraft(input, ['input']);
    const keyId = requireKeyId(input.keyId);
    const { ipAccess } = await changeLiveKey(this.parts, { actor, keyId }, async ({ tx, key, now }) => {
      requireRoomFor(draft, key.ipAccess.entries, this.parts.config.MAX_IP_RANGES);
      const created = { workspaceId: actor.workspaceId, createdAt: now, createdBy: actor.name };
      await insertIpRanges(tx, [{ ...draft, ...created, id: newId(), keyId: key.id }]);
      return { action: 'integrationKey.addIpRange', before: null, after: draft };
    });
    return ipAccess;
  }

  /** The last range may go too: SPECIFIC_LOCATIONS then allows nobody (rule 9). Throws NOT_FOUND, CONFLICT. */
  async removeRange(actor: Actor, entryId: string): Promise<IpAccess> {
    const keyId = await getKeyIdOfIpRange(this.parts.dataSource.manager, actor.workspaceId, entryId);
    const { ipAccess } = await changeLiveKey(this.parts, { actor, keyId }, async ({ tx, key }) => {
      const entry = key.ipAccess.entries.find(({ id }) => id === entryId.toLowerCase());
      // Another admin was faster: it went between the first look and the lock.
      if (!entry) throw notFound('IP range');
      await deleteIpRange(tx, actor.workspaceId, entry.id);
      const before = { range: entry.range, description: entry.description };
      return { action: 'integrationKey.removeIpRange', before, after: null };
    });
    return ipAccess;
  }
}

/** Without an id the metrics key is meant. Throws NOT_FOUND: no workspace has one yet. */
function requireKeyId(keyId: string | null | undefined): string {
  if (keyId === null || keyId === undefined) throw notFound('metrics key');
  return keyId;
}
