import type { FastifyReply } from 'fastify';

/**
 * What lets a page of any origin send events. Without credentials: a cookie never travels along. Client SDKs retry
 * without pause when a refusal comes without these headers, because it then looks like a network error.
 */
const CORS_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'Authorization, Content-Type',
  'access-control-max-age': '86400',
  'access-control-expose-headers': 'Retry-After, RateLimit, RateLimit-Policy, X-Request-Id',
} as const;

export function allowCors(reply: FastifyReply): void {
  reply.headers(CORS_HEADERS);
}

export function forbidCors(reply: FastifyReply): void {
  for (const name of Object.keys(CORS_HEADERS)) reply.removeHeader(name);
}
