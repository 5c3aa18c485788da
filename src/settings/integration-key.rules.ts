import { ApiError, badInput } from '../errors';
import { findLineFault } from '../lib/text';

/** Throws BAD_USER_INPUT. The name is kept as it was typed. */
export function requireKeyName(name: string, maxLength: number): void {
  const fault = findLineFault(name, maxLength) ?? (name.trim() === '' ? 'must not be blank' : null);
  if (fault) throw badInput(`The name of a key ${fault}.`, ['input', 'name']);
}

/** Throws BAD_USER_INPUT: a key that was never valid is a mistake. */
export function requireFutureExpiry(expiresAt: Date | null, now: Date): void {
  if (expiresAt && expiresAt <= now)
    throw badInput('The end of a key must be in the future.', ['input', 'expiresAt']);
}

/** Throws CONFLICT: a revoked key is a record of the past. */
export function requireLiveKey(key: { readonly revokedAt: Date | null }): void {
  if (key.revokedAt) throw new ApiError('CONFLICT', 'This key is revoked.');
}
