import type { NewEvent } from '../../src/events/event.rules';
import { newId } from '../../src/lib/uuid';

/** An event as the rules let it through; of the user `ada`, just now, unless the fields say otherwise. */
export function newEvent(
  workspaceId: string,
  fields: Partial<Omit<NewEvent, 'identity'>> & { readonly user?: string } = {},
): NewEvent {
  const { user = 'ada', ...others } = fields;
  const now = new Date();
  return {
    workspaceId,
    id: newId(),
    messageId: newId(),
    name: 'page_view',
    userId: user,
    anonymousId: null,
    externalId: null,
    sessionId: null,
    identity: { kind: 'user', value: user },
    occurredAt: now,
    receivedAt: now,
    propertiesJson: '{}',
    contextJson: null,
    ...others,
  };
}
