import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';

/** An answer as it came over the wire. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** From sending to the end of the answer. */
  readonly durationMs: number;
}

export interface HttpRequest {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer | Readable;
}

/** One request on a connection of its own, with these headers and no others: `fetch` adds and refuses some. */
export function sendHttp(
  url: string,
  { method = 'GET', headers = {}, body = '' }: HttpRequest = {},
): Promise<HttpAnswer> {
  const startedAtMs = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const { statusCode: status = 0, headers: received } = answer;
        const text = Buffer.concat(chunks).toString();
        resolve({ status, headers: received, text, durationMs: performance.now() - startedAtMs });
        outgoing.destroy();
      });
    });
    outgoing.on('error', reject);
    if (typeof body !== 'string' && !Buffer.isBuffer(body)) return void body.pipe(outgoing);
    // Node by itself says nothing of the body of a DELETE.
    if (body.length > 0 && !outgoing.hasHeader('content-length')) {
      outgoing.setHeader('content-length', Buffer.byteLength(body));
    }
    outgoing.end(body);
  });
}

/** A POST of JSON, or of text that may be none. */
export function postJson(
  url: string,
  body: unknown,
  { bearer, headers }: { bearer?: string | undefined; headers?: OutgoingHttpHeaders } = {},
): Promise<HttpAnswer> {
  return sendHttp(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
}

/** `code` of a refusal, of GraphQL or REST. */
export function codeOf({ text }: Pick<HttpAnswer, 'text'>): string | undefined {
  const { error, errors } = JSON.parse(text) as {
    error?: { code: string };
    errors?: { extensions: { code: string } }[];
  };
  return error?.code ?? errors?.[0]?.extensions.code;
}

/** What comes back for bytes that need not be HTTP, until the server ends the connection. */
export function sendBytes(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let received = '';
    connect(Number(port), hostname)
      .on('data', (chunk: Buffer) => (received += chunk.toString()))
      .on('error', reject)
      .on('close', () => resolve(received))
      .write(bytes);
  });
}
