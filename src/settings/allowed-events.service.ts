import type { Actor } from './actor';
import { replaceAllowedEvents } from './allowed-event.store';
import { parseAllowedEvents } from './allowed-events.rules';
import { updateIntegrationKey } from './integration-key.store';
import type { IntegrationKey, SetAllowedEventsInput } from './integration-key.types';
import { changeLiveKey, type SettingsParts } from './key-change';

/** Which events a key may send. */
export class AllowedEventsService {
  constructor(private readonly parts: SettingsParts) {}

  /** The names are kept in mode ALL too, so that switching back needs no typing. Throws BAD_USER_INPUT, NOT_FOUND, CONFLICT. */
  async set(actor: Actor, input: SetAllowedEventsInput): Promise<IntegrationKey> {
    const { keyId, mode } = input;
    const enforcement = input.enforcement ?? 'ENFORCE';
    const names = parseAllowedEvents(input.names ?? [], this.parts.config, ['input', 'names']);
    return changeLiveKey(this.parts, { actor, keyId }, async ({ tx, key }) => {
      await updateIntegrationKey(tx, key.id, { eventsMode: mode, eventsEnforcement: enforcement });
      await replaceAllowedEvents(tx, key.id, names);
      return {
        action: 'integrationKey.setAllowedEvents',
        before: key.allowedEvents,
        after: { mode, enforcement, names },
      };
    });
  }
}
