import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { Transform, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../errors';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Bodies arrive as text and are parsed as JSON by the route, after the credential was checked. Fastify counts the bytes
 * of the stream that the hook answers, so `bodyLimit` holds after decompression.
 */
export function readBodiesAsText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    // Decoding would put U+FFFD in place of each broken byte, and two different ids could become one.
    if (isUtf8(body)) done(null, body.toString());
    else done(new ApiError('BAD_USER_INPUT', 'The body must be UTF-8.'));
  });
  app.addHook('preParsing', (request, reply, payload, done) => {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase();
    if (!encoding || encoding === 'identity') return done(null, payload);
    const createDecoder = DECODERS[encoding];
    if (!createDecoder) return done(unsupportedEncoding());
    const decoder = createDecoder();
    // After a refusal nobody reads on, but a few bytes may still expand to gigabytes.
    reply.raw.once('close', () => decoder.destroy());
    done(null, decode(payload as IncomingMessage, decoder));
  });
}

/** Fastify compares what arrived over the wire with `content-length` through `receivedEncodedLength`. */
function decode(source: Readable, decoder: Transform): Transform & { receivedEncodedLength: number } {
  const decoded = Object.assign(decoder, { receivedEncodedLength: 0 });
  source.on('data', (chunk: Buffer) => (decoded.receivedEncodedLength += chunk.length));
  source.on('error', (error) => decoder.destroy(error));
  decoder.on('error', (error) => Object.assign(error, { statusCode: 400 }));
  source.pipe(decoder);
  return decoded;
}

function unsupportedEncoding(): ApiError {
  return new ApiError('BAD_USER_INPUT', 'Content-Encoding must be gzip, deflate, br or identity.', {
    status: 415,
  });
}

/** The value, or the refusal. JSON.parse keeps `__proto__` as plain data (security.md rule 20). */
export function parseJsonBody(text: unknown): unknown {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return new ApiError('BAD_USER_INPUT', 'The body is not JSON.');
  }
}
