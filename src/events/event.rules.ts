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

/** An event that may be stored, with all that storing needs. */
export interface NewEvent {
  /** UUIDv7. Also the id of the profile that is made when nobody has the event's identity yet. */
  readonly id: string;
  readonly workspaceId: string;
  readonly messageId: string;
  readonly name: string;
  readonly userId: string | null;
  readonly anonymousId: string | null;
  readonly externalId: string | null;
  readonly sessionId: string | null;
  /** The one id that decides whose event it is: the user's, else the external, else the anonymous one. */
  readonly identity: Identity;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly propertiesJson: string;
  readonly contextJson: string | null;
}

const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST_AHEAD_MS = 24 * 3600 * 1000;
/** Paths of faults begin in the event; only the caller knows where the event stands. */
const EVENT_PATH: InputPath = [];

/**
 * Throws BAD_USER_INPUT with the path of the fault in the event. Limits: contract.graphql, TrackEventInput. `id` is what
 * the event gets, and its message id too when it has none and none can be derived: then every sending is a new event.
 */
export function checkEvent(
  input: EventInput,
  { id, workspaceId, now, config }: { id: string; workspaceId: string; now: Date; config: Config },
): NewEvent {
  const name = checkName(input.name, config.MAX_NAME_LENGTH);
  const [identity] = requireIdentities(input, { path: EVENT_PATH, max: config.MAX_ID_LENGTH });
  const sessionId = checkId(input.sessionId, 'sessionId', config);
  const sentMessageId = checkId(input.messageId, 'messageId', config);
  const occurredAt = input.timestamp ?? now;
  requireTimeNear(now, occurredAt);
  const { propertiesJson, contextJson } = checkObjects(input, config);
  return {
    id,
    workspaceId,
    messageId: sentMessageId ?? (input.timestamp ? deriveMessageId(workspaceId, name, input) : id),
    name,
    userId: input.userId ?? null,
    anonymousId: input.anonymousId ?? null,
    externalId: input.externalId ?? null,
    sessionId,
    identity,
    occurredAt,
    receivedAt: now,
    propertiesJson,
    contextJson,
  };
}

function checkName(name: string, maxLength: number): string {
  const stored = normalizeEventName(name);
  const fault = findEventNameFault(stored, maxLength);
  if (fault) throw badInput(fault, ['name']);
  return stored;
}

function checkId(
  id: string | null | undefined,
  field: 'sessionId' | 'messageId',
  { MAX_ID_LENGTH }: Config,
): string | null {
  if (id === undefined || id === null) return null;
  const fault = findIdFault(id, MAX_ID_LENGTH);
  if (fault) throw badInput(fault, [field]);
  return id;
}

function requireTimeNear(now: Date, occurredAt: Date): void {
  const time = occurredAt.getTime();
  // The other way round, NaN would pass.
  if (time >= EARLIEST && time <= now.getTime() + LATEST_AHEAD_MS) return;
  throw badInput('The timestamp must lie between 2000-01-01 and 24 hours from now.', ['timestamp']);
}

function checkObjects(
  { properties, context }: EventInput,
  config: Config,
): Pick<NewEvent, 'propertiesJson' | 'contextJson'> {
  const limits = { maxDepth: config.MAX_EVENT_DEPTH, maxKeys: config.MAX_EVENT_KEYS };
  const propertiesJson = JSON.stringify(requireJsonObject(properties, ['properties'], limits));
  const contextJson = context ? JSON.stringify(requireJsonObject(context, ['context'], limits)) : null;
  requireJsonSize([propertiesJson, contextJson ?? ''], { path: EVENT_PATH, max: config.MAX_EVENT_BYTES });
  return { propertiesJson, contextJson };
}

/**
 * Clients re-send after a lost reply without a message id (rest-doors.md): the same content gives the same id. The time
 * must have been sent: with our own time of receipt two sendings would never be equal.
 */
function deriveMessageId(workspaceId: string, name: string, input: EventInput): string {
  const { userId = null, anonymousId = null, externalId = null, sessionId = null, timestamp } = input;
  const content = [workspaceId, userId, anonymousId, externalId, sessionId, name, timestamp];
  return sha256Text(canonicalJson([...content, input.properties ?? {}]));
}
