import type { Config } from '../config';
import { SESSION_COOKIE } from '../auth/request-headers';

/** Value of `Set-Cookie` for the console (rule 24). Scripts never see it, other sites' requests never carry it. */
export function formatSessionCookie(
  token: string,
  config: Pick<Config, 'PUBLIC_URL' | 'SESSION_MAX_MINUTES'>,
): string {
  return formatCookie(token, config.SESSION_MAX_MINUTES * 60, config);
}

/** Makes the browser forget the cookie. */
export function formatClearedSessionCookie(config: Pick<Config, 'PUBLIC_URL'>): string {
  return formatCookie('', 0, config);
}

function formatCookie(
  value: string,
  maxAgeSeconds: number,
  { PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>,
): string {
  const isHttps = PUBLIC_URL !== undefined && /^https:/i.test(PUBLIC_URL);
  const attributes = [
    'HttpOnly',
    'SameSite=Lax',
    'Path=/',
    `Max-Age=${maxAgeSeconds}`,
    ...(isHttps ? ['Secure'] : []),
  ];
  return [`${SESSION_COOKIE}=${value}`, ...attributes].join('; ');
}
