import type { IpRange } from '../lib/ip-range';
import { ApiError } from '../errors';
import type { MemberRole, ScopeSet } from './scopes';

export type IpAccessMode = 'ANYWHERE' | 'SPECIFIC_LOCATIONS';
export type AllowedEventsMode = 'ALL' | 'SPECIFIC';
export type EnforcementMode = 'ENFORCE' | 'OBSERVE';

/** All that is known of an integration key when a request arrives. Immutable; held in memory per secret hash. */
export interface KeyPolicy {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly credentialKind: 'WRITE_ONLY_KEY' | 'READ_WRITE_KEY';
  readonly scopes: ScopeSet;
  readonly ipAccess: {
    readonly mode: IpAccessMode;
    readonly enforcement: EnforcementMode;
    readonly ranges: readonly IpRange[];
  };
  readonly allowedEvents: {
    readonly mode: AllowedEventsMode;
    readonly enforcement: EnforcementMode;
    readonly names: ReadonlySet<string>;
  };
  readonly expiresAt: Date | null;
}

/** A signed-in member. */
export interface Session {
  readonly tokenHash: Buffer;
  readonly workspaceId: string;
  readonly memberId: string;
  readonly email: string;
  readonly role: MemberRole;
  readonly scopes: ScopeSet;
  readonly expiresAt: Date;
}

interface AnonymousCaller {
  readonly kind: 'ANONYMOUS';
  readonly scopes: ScopeSet;
}
interface KeyCaller {
  readonly kind: 'WRITE_ONLY_KEY' | 'READ_WRITE_KEY';
  readonly scopes: ScopeSet;
  readonly workspaceId: string;
  readonly key: KeyPolicy;
}
interface SessionCaller {
  readonly kind: 'SESSION';
  readonly scopes: ScopeSet;
  readonly workspaceId: string;
  readonly session: Session;
}

export type Caller = AnonymousCaller | KeyCaller | SessionCaller;
export type KnownCaller = KeyCaller | SessionCaller;

/** What every resolver and route gets to know about the request. */
export interface RequestContext {
  readonly requestId: string;
  /** Canonical text of the caller's address; null when the deciding `X-Forwarded-For` element is no address. */
  readonly clientIp: string | null;
  readonly caller: Caller;
  /** Headers that a use case adds to the answer, e.g. the session cookie. Lower-case names. */
  readonly responseHeaders: Map<string, string>;
  /** What a GraphQL operation asks for, once it is known: its root field, or `several`. An object, as Apollo copies the context. */
  readonly asked: { operation: string | null };
  /** Whether the browser of a same-origin page is asking: then sign-in also sets a cookie. */
  readonly isSameOrigin: boolean;
}

/** The caller, when a rule beside the field has already made sure that there is one. Throws UNAUTHENTICATED. */
export function requireCaller(context: RequestContext): KnownCaller {
  if (context.caller.kind === 'ANONYMOUS') throw unauthenticated();
  return context.caller;
}

/** The session of a signed-in member. Throws FORBIDDEN for keys. */
export function requireSession(context: RequestContext): Session {
  const caller = requireCaller(context);
  if (caller.kind !== 'SESSION') throw new ApiError('FORBIDDEN', 'Only a signed-in member can do this.');
  return caller.session;
}

/** One text for every reason; the reason itself goes to the log (`cause`). */
export function unauthenticated(reason?: string): ApiError {
  return new ApiError('UNAUTHENTICATED', 'A valid credential is needed, as "Authorization: Bearer <key>".', {
    headers: { 'www-authenticate': 'Bearer' },
    cause: reason,
  });
}
