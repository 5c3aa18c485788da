import type { RestRoute } from '../auth/rest-route';
import { ApiError, badInput, type InputPath } from '../errors';
import { parseDateTime } from '../lib/date-time';
import { readDeviceContext, readId, readRecord, requireRecord } from '../profiles/rest-input';
import type { EventInput } from './event.rules';
import type { EventService } from './event.service';

/** `POST /event/ingest` and `POST /event/ingest/batch` (rest-doors.md). */
export function eventRoutes(events: EventService): RestRoute[] {
  return [
    {
      method: 'POST',
      path: '/event/ingest',
      scope: 'events:write',
      allowsCors: true,
      handle: async ({ caller, body }) => {
        await events.trackEvent(caller, readEvent(body, []), []);
        return { status: 204 };
      },
    },
    {
      method: 'POST',
      path: '/event/ingest/batch',
      scope: 'events:write',
      allowsCors: true,
      handle: async ({ caller, body }) => {
        const items = requireRecord(body, [])['events'];
        if (!Array.isArray(items)) throw badInput('A list of events is needed.', ['events']);
        // An empty batch is no fault here: one client sends a refused batch again for ever.
        if (items.length === 0)
          return { status: 200, body: { acceptedCount: 0, duplicateCount: 0, rejected: [] } };
        const inputs = items.map((item, index) => readEventOrFault(item, ['events', index]));
        return { status: 200, body: await events.trackEvents(caller, inputs, ['events']) };
      },
    },
  ];
}

/** A malformed item is reported in `rejected` like a disallowed one; the others are stored. */
function readEventOrFault(item: unknown, path: InputPath): EventInput | ApiError {
  try {
    return readEvent(item, path);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** Fields that are not named here are ignored. Throws BAD_USER_INPUT. */
function readEvent(item: unknown, path: InputPath): EventInput {
  const sent = requireRecord(item, path);
  const name = sent['name'];
  if (typeof name !== 'string') throw badInput('The name must be text.', [...path, 'name']);
  return {
    name,
    userId: readId(sent['userId'], [...path, 'userId']),
    anonymousId: readId(sent['anonymousId'], [...path, 'anonymousId']),
    externalId: readId(sent['externalId'], [...path, 'externalId']),
    sessionId: readId(sent['sessionId'], [...path, 'sessionId']),
    timestamp: readTimestamp(sent['timestamp'], [...path, 'timestamp']),
    properties: readRecord(sent['properties'], [...path, 'properties']),
    context: readDeviceContext(sent['deviceData'], [...path, 'deviceData']),
  };
}

/** Epoch milliseconds, or RFC 3339 text. */
function readTimestamp(value: unknown, path: InputPath): Date | null {
  if (value === undefined || value === null) return null;
  const date =
    typeof value === 'number' ? new Date(value) : typeof value === 'string' ? parseDateTime(value) : null;
  if (date && !Number.isNaN(date.getTime())) return date;
  throw badInput('A timestamp is a number of epoch milliseconds or RFC 3339 text with a zone.', path);
}
