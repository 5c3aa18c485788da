import type { IncomingHttpHeaders } from 'node:http';
import { unauthenticated } from './caller';

export type AuthHeaders = IncomingHttpHeaders & { 'x-forwarded-for'?: string; 'sec-fetch-site'?: string };

export const SESSION_COOKIE = 'fluxgate_session';

/** The credential of `Authorization: Bearer …`; null without the header. Throws UNAUTHENTICATED for any other form. */
export function readBearer({ authorization }: AuthHeaders): string | null {
  if (authorization === undefined) return null;
  if (authorization.slice(0, 7).toLowerCase() !== 'bearer ') throw unauthenticated('not a Bearer credential');
  return authorization.slice(7).trim();
}

/**
 * The session token of the cookie, or null. Rule 24: a cookie is believed only in a JSON POST from our own origin
 * (the caller checks the origin), so that no other site can act with it.
 */
export function readSessionCookie(request: { method: string; headers: AuthHeaders }): string | null {
  const { cookie, 'content-type': contentType = '' } = request.headers;
  if (request.method !== 'POST' || !/^application\/json\s*(;|$)/i.test(contentType)) return null;
  return cookie?.match(new RegExp(`(?:^|;\\s*)${SESSION_COOKIE}=([^;]*)`))?.[1] ?? null;
}

/** Whether a page of our own origin sent this: PUBLIC_URL when it is set, else the host that was asked. */
export function isOwnOrigin({ origin, host }: AuthHeaders, publicUrl: string | undefined): boolean {
  if (origin === undefined || !URL.canParse(origin)) return false;
  return publicUrl === undefined ? new URL(origin).host === host : origin === new URL(publicUrl).origin;
}
