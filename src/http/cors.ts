import type { FastifyReply } from 'fastify';

/**
 * What lets a page of any origin send events. Without credentials: a cookie never travels along. Client SDKs retry
 * without pause when a refusal comes without these headers, because it then looks like a network error.
 */
const ANSWER_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Retry-After, RateLimit, RateLimit-Policy, X-Request-Id',
} as const;

const PREFLIGHT_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'Authorization, Content-Type',
  'access-control-max-age': '86400',
} as const;

export function allowCors(reply: FastifyReply): void {
  reply.headers(ANSWER_HEADERS);
}

/** What a browser asks once a day before it sends anything. */
export function allowPreflight(reply: FastifyReply): void {
  reply.headers(PREFLIGHT_HEADERS);
}

export function forbidCors(reply: FastifyReply): void {
  for (const name of Object.keys(ANSWER_HEADERS)) reply.removeHeader(name);
}
