import { badInput, type InputPath } from '../errors';

export type JsonRecord = Readonly<Record<string, unknown>>;

/** What clients send for "nothing": the text of a JavaScript value that they forgot to check (rest-doors.md). */
const ABSENT = new Set<unknown>([undefined, null, '', 'null', 'undefined', '[object Object]']);

/** Throws BAD_USER_INPUT. */
export function requireRecord(value: unknown, path: InputPath): JsonRecord {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonRecord;
  throw badInput('A JSON object is needed.', path);
}

/** Absent and null are alike. Throws BAD_USER_INPUT. */
export function readRecord(value: unknown, path: InputPath): Record<string, unknown> | null {
  return value === undefined || value === null ? null : { ...requireRecord(value, path) };
}

/** An id of a REST body; null when there is none. Numbers are taken as text. Throws BAD_USER_INPUT. */
export function readId(value: unknown, path: InputPath): string | null {
  if (ABSENT.has(value)) return null;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'string') return value;
  throw badInput('An id must be text.', path);
}

/** `deviceData`, an object or nothing, is what GraphQL calls `context.device`. Throws BAD_USER_INPUT. */
export function readDeviceContext(value: unknown, path: InputPath): Record<string, unknown> | null {
  return ABSENT.has(value) ? null : { device: requireRecord(value, path) };
}
