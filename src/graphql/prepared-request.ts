import type { DocumentNode, ExecutionResult } from 'graphql';
import { formatError } from './format-error';
import type { PreparedDocuments } from './prepared-documents';

/** A request that need not go through Apollo. */
export interface PreparedRequest {
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  readonly body: string;
}

/** Of these media types Apollo chooses plain JSON; every other wish is its business. */
const PLAIN_ACCEPT = new Set([undefined, '*/*', 'application/json']);
const KNOWN_KEYS = new Set(['query', 'operationName', 'variables']);

/** null: the document is new, or something about the request is unusual, and Apollo answers it. */
export function findPreparedRequest(
  { method, accept, body }: { method: string; accept: string | undefined; body: unknown },
  documents: PreparedDocuments,
): PreparedRequest | null {
  if (method !== 'POST' || !PLAIN_ACCEPT.has(accept) || !isRecord(body)) return null;
  for (const key in body) if (!KNOWN_KEYS.has(key)) return null;
  const { query, operationName, variables } = body;
  const document = typeof query === 'string' ? documents.find(query) : undefined;
  if (!document || !isNullish(operationName, 'string')) return null;
  if (!isNullish(variables, 'object') || Array.isArray(variables)) return null;
  return {
    document,
    operationName: operationName as string | null | undefined,
    variables: (variables ?? {}) as Record<string, unknown>,
  };
}

/** What Apollo makes of the same result; `test/api/prepared-requests.test.ts` compares the two for every document. */
export function toHttpAnswer({ data, errors }: ExecutionResult): HttpAnswer {
  let status = 200;
  const headers = new Map([['content-type', 'application/json; charset=utf-8']]);
  const shown = errors?.map((error) => {
    const { http, ...extensions } = error.extensions as {
      http?: { status: number; headers: Map<string, string> };
    };
    if (http) {
      status = http.status;
      http.headers.forEach((value, name) => headers.set(name, value));
    }
    return formatError({ ...error.toJSON(), extensions }, error);
  });
  return { status, headers, body: `${JSON.stringify({ errors: shown, data })}\n` };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNullish(value: unknown, type: 'string' | 'object'): boolean {
  return value === undefined || value === null || typeof value === type;
}
