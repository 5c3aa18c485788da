import { findEventNameFault, normalizeEventName } from '../auth/event-name.rules';
import type { Config } from '../config';
import { badInput, type InputPath } from '../errors';
import { canonicalJson } from '../lib/canonical-json';
import { sha256Text } from '../lib/digest';
import type { Identity } from '../profiles/identity.rules';
import { findIdFault, requireIdentities, requireJsonObject, requireJsonSize } from '../profiles/input.rules';

/** An event as a client sends it, on any door. Absent and null are the same. */
export interface EventInput {
  readonly name: string;
  readonly userId?: string | null;
  readonly anonymousId?: string | null;
  readonly externalId?: string | null;
  readonly sessionId?: string | null;
  readonly timestamp?: Date | null;
  readonly properties?: Record<string, unknown> | null;
  readonly context?: Record<string, unknown> | null;
  readonly messageId?: string | null;
}

/** An event that may be stored. */
export interface CheckedEvent {
  readonly name: string;
  readonly userId: string | null;
  readonly anonymousId: string | null;
  readonly externalId: string | null;
  readonly sessionId: string | null;
  /** The one id that decides whose event it is: the user's, else the external, else the anonymous one. */
  readonly identity: Identity;
  readonly occurredAt: Date;
  readonly propertiesJson: string;
  readonly contextJson: string | null;
  /** null: neither sent nor derivable, so every sending is a new event. */
  readonly messageId: string | null;
}

const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST_AHEAD_MS = 24 * 3600 * 1000;

/** Throws BAD_USER_INPUT with the path of the fault below `path`. Limits: contract.graphql, TrackEventInput. */
export function checkEvent(
  input: EventInput,
  { workspaceId, now, config, path }: { workspaceId: string; now: Date; config: Config; path: InputPath },
): CheckedEvent {
  const name = checkName(input.name, config, [...path, 'name']);
  const [identity] = requireIdentities(input, { path, max: config.MAX_ID_LENGTH });
  const { userId = null, anonymousId = null, externalId = null } = input;
  const sessionId = checkId(input, 'sessionId', { config, path });
  const sentMessageId = checkId(input, 'messageId', { config, path });
  const occurredAt = input.timestamp ?? now;
  const time = occurredAt.getTime();
  // The other way round, NaN would pass.
  if (!(time >= EARLIEST && time <= now.getTime() + LATEST_AHEAD_MS)) {
    throw badInput('The timestamp must lie between 2000-01-01 and 24 hours from now.', [
      ...path,
      'timestamp',
    ]);
  }
  const json = checkObjects(input, { config, path });
  const event = { name, userId, anonymousId, externalId, sessionId, identity, occurredAt, ...json };
  const messageId =
    sentMessageId ?? (input.timestamp ? deriveMessageId(workspaceId, event, input.properties) : null);
  return { ...event, messageId };
}

interface Place {
  readonly config: Config;
  readonly path: InputPath;
}

function checkName(name: string, config: Config, path: InputPath): string {
  const stored = normalizeEventName(name);
  const fault = findEventNameFault(stored, config.MAX_NAME_LENGTH);
  if (fault) throw badInput(fault, path);
  return stored;
}

function checkId(
  input: EventInput,
  field: 'sessionId' | 'messageId',
  { config, path }: Place,
): string | null {
  const id = input[field] ?? null;
  const fault = id === null ? null : findIdFault(id, config.MAX_ID_LENGTH);
  if (fault) throw badInput(fault, [...path, field]);
  return id;
}

function checkObjects(
  { properties, context }: EventInput,
  { config, path }: Place,
): Pick<CheckedEvent, 'propertiesJson' | 'contextJson'> {
  const limits = { maxDepth: config.MAX_EVENT_DEPTH, maxKeys: config.MAX_EVENT_KEYS };
  const propertiesJson = JSON.stringify(requireJsonObject(properties, [...path, 'properties'], limits));
  const contextJson = context
    ? JSON.stringify(requireJsonObject(context, [...path, 'context'], limits))
    : null;
  requireJsonSize([propertiesJson, contextJson ?? ''], { path, max: config.MAX_EVENT_BYTES });
  return { propertiesJson, contextJson };
}

/**
 * Clients re-send after a lost reply without a message id (rest-doors.md): the same content gives the same id. The time
 * must have been sent: with our own time of receipt two sendings would never be equal.
 */
function deriveMessageId(
  workspaceId: string,
  event: Omit<CheckedEvent, 'messageId'>,
  properties: EventInput['properties'],
): string {
  const { userId, anonymousId, externalId, sessionId, name, occurredAt } = event;
  return sha256Text(
    canonicalJson([
      workspaceId,
      userId,
      anonymousId,
      externalId,
      sessionId,
      name,
      occurredAt,
      properties ?? {},
    ]),
  );
}
