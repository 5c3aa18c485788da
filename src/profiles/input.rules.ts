import { badInput, type InputPath } from '../errors';
import { decodeCursor } from '../lib/cursor';
import { findJsonFault, type JsonLimits } from '../lib/json-limits';
import { findTextFault, isLongerThan } from '../lib/text';
import type { Identity, IdentityKind } from './identity.rules';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The ids of a call as they arrive; null and absent are alike. */
export interface ProfileIds {
  readonly userId?: string | null;
  readonly externalId?: string | null;
  readonly anonymousId?: string | null;
}

/** Where a value stands in the input, and its limit. */
export interface Limit {
  readonly path: InputPath;
  readonly max: number;
}

/** Strongest first. */
const ID_FIELDS = [
  ['userId', 'user'],
  ['externalId', 'external'],
  ['anonymousId', 'anonymous'],
] as const satisfies readonly (readonly [keyof ProfileIds, IdentityKind])[];

/** What is wrong with an id, as a sentence without the id; null when nothing is. Any other text is taken as it is. */
export function findIdFault(id: string, maxLength: number): string | null {
  const fault = findLengthOrTextFault(id, maxLength);
  return fault && `An id ${fault}.`;
}

/** Throws BAD_USER_INPUT unless the text can be stored and has 1 to `max` characters. */
export function requireText(text: string, { path, max }: Limit): string {
  const fault = findLengthOrTextFault(text, max);
  if (fault) throw badInput(`The text ${fault}.`, path);
  return text;
}

/** The given ids, strongest first. Throws BAD_USER_INPUT when there is none, or at the one that breaks a rule. */
export function requireIdentities(ids: ProfileIds, { path, max }: Limit): [Identity, ...Identity[]] {
  const identities: Identity[] = [];
  for (const [field, kind] of ID_FIELDS) {
    const value = ids[field] ?? null;
    if (value === null) continue;
    const fault = findIdFault(value, max);
    if (fault) throw badInput(fault, [...path, field]);
    identities.push({ kind, value });
  }
  if (identities.length === 0) {
    throw badInput('At least one of userId, externalId and anonymousId is needed.', path);
  }
  return identities as [Identity, ...Identity[]];
}

/** The one id of a ProfileKey. Throws BAD_USER_INPUT. */
export function requireOneIdentity(key: ProfileIds, limit: Limit): Identity {
  const [identity, ...others] = requireIdentities(key, limit);
  if (others.length > 0) {
    throw badInput('Exactly one of userId, externalId and anonymousId is needed.', limit.path);
  }
  return identity;
}

/** Properties or a context; absent and null are an empty object. Throws BAD_USER_INPUT at the place of the fault. */
export function requireJsonObject(value: unknown, path: InputPath, limits: JsonLimits): JsonObject {
  const object = value ?? {};
  if (typeof object !== 'object' || Array.isArray(object))
    throw badInput('The value must be an object.', path);
  const fault = findJsonFault(object, limits);
  if (fault) throw badInput(`The value ${fault.fault}.`, [...path, ...fault.path]);
  return object as JsonObject;
}

/** Properties and context, as JSON, count together. Throws BAD_USER_INPUT. */
export function requireJsonSize(jsons: readonly string[], { path, max }: Limit): void {
  // A character takes at most three bytes of UTF-8, so most need no counting.
  if (jsons.reduce((sum, json) => sum + json.length, 0) * 3 <= max) return;
  if (jsons.reduce((sum, json) => sum + Buffer.byteLength(json), 0) > max)
    throw badInput(`The JSON must have at most ${max} bytes in all.`, path);
}

/** `first` of a connection. Throws BAD_USER_INPUT. */
export function requirePageSize(first: number, maxPageSize: number): number {
  if (first >= 1 && first <= maxPageSize) return first;
  throw badInput(`The page size must be 1 to ${maxPageSize}.`, ['first']);
}

/** The parts of an `after` cursor; null when there is none. Throws BAD_USER_INPUT unless `isValid` takes them. */
export function requireCursor<Parts extends string[]>(
  after: string | null | undefined,
  count: Parts['length'],
  isValid: (...parts: Parts) => boolean,
): Parts | null {
  if (after === null || after === undefined) return null;
  const parts = decodeCursor(after, count) as Parts | null;
  if (parts && isValid(...parts)) return parts;
  throw badInput('The cursor is not one that this connection gave out.', ['after']);
}

function findLengthOrTextFault(text: string, maxLength: number): string | null {
  if (text === '' || isLongerThan(text, maxLength)) return `must have 1 to ${maxLength} characters`;
  return findTextFault(text);
}
