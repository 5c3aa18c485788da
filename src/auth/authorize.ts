import { ApiError, type ErrorCode } from '../errors';
import { isInRange, type IpAddress } from '../lib/ip-range';
import type { Caller, KeyPolicy } from './caller';
import { normalizeEventName } from './event-name.rules';
import type { Scope } from './scopes';

/**
 * The only enforcement there is: every door asks these functions, none decides by itself.
 * `OBSERVED`: a rule in mode OBSERVE would have refused.
 */
export type Verdict = 'ALLOWED' | 'OBSERVED' | 'REFUSED';

/** Rules 8 and 9: an address that could not be told is outside every list. */
export function judgeAddress({ ipAccess }: KeyPolicy, clientIp: IpAddress | null): Verdict {
  if (ipAccess.mode === 'ANYWHERE') return 'ALLOWED';
  if (clientIp && ipAccess.ranges.some((range) => isInRange(clientIp, range))) return 'ALLOWED';
  return ipAccess.enforcement === 'ENFORCE' ? 'REFUSED' : 'OBSERVED';
}

/** Rule 6: exact comparison in the stored form. Sessions may send every event. */
export function judgeEventName(caller: Caller, name: string): Verdict {
  if (caller.kind === 'SESSION') return 'ALLOWED';
  if (caller.kind === 'ANONYMOUS') return 'REFUSED';
  const { mode, names, enforcement } = caller.key.allowedEvents;
  if (mode === 'ALL' || names.has(normalizeEventName(name))) return 'ALLOWED';
  return enforcement === 'ENFORCE' ? 'REFUSED' : 'OBSERVED';
}

/**
 * Whether a browser sent this. Every browser that sends Sec-Fetch-Mode sends Sec-Fetch-Site with it; Node's own `fetch`
 * sends `Sec-Fetch-Mode: cors` alone, and back ends use it (docs/decisions/0004-browser-guard.md).
 */
export function isFromBrowser(headers: {
  origin: string | undefined;
  secFetchSite: string | undefined;
}): boolean {
  return headers.origin !== undefined || headers.secFetchSite !== undefined;
}

export function addressNotAllowed(clientIp: IpAddress | null): ApiError {
  return new ApiError('IP_NOT_ALLOWED', 'This key may not be used from this address.', {
    details: { clientIp: clientIp?.text ?? 'unknown' },
  });
}

export function browserNotAllowed(): ApiError {
  return new ApiError(
    'BROWSER_NOT_ALLOWED',
    'A secret key was sent by a browser. Use a write-only key there.',
  );
}

export const EVENT_NOT_ALLOWED: { code: ErrorCode; message: string } = {
  code: 'EVENT_NOT_ALLOWED',
  message: 'This key may not send events of this name.',
};

/** Throws FORBIDDEN. For doors that are not GraphQL; GraphQL operations are judged as a whole by the operation policy. */
export function requireScope(caller: Caller, scope: Scope): void {
  if (!caller.scopes.has(scope)) throw missingScopes([scope]);
}

export function missingScopes(scopes: readonly string[]): ApiError {
  return new ApiError('FORBIDDEN', `The credential lacks ${scopes.join(', ')}.`, {
    details: { missingScopes: scopes },
  });
}
