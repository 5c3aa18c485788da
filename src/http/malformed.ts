import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newId } from '../lib/uuid';
import type { Logger } from '../log';
import { UNKNOWN_OPERATION, type RequestMeter } from '../telemetry/request-meter';

/** By Node's codes; everything else is not HTTP. */
const REFUSALS: Readonly<Record<string, { status: number; message: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The headers of the request are too long.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request did not arrive in time.' },
};
const NOT_HTTP = { status: 400, message: 'The request is not HTTP.' };

/** Answers what did not become a request, so that there is no reply to send, and ends the connection. */
export function answerMalformed(
  { code = '' }: NodeJS.ErrnoException,
  socket: Socket,
  { log, requests }: { log: Logger; requests: RequestMeter },
): void {
  const { status, message } = REFUSALS[code] ?? NOT_HTTP;
  const requestId = newId();
  log.debug({ requestId, code, status }, 'malformed');
  if (!socket.writable) return;
  requests.refuse('other', UNKNOWN_OPERATION, 'BAD_USER_INPUT');
  const body = JSON.stringify({ error: { code: 'BAD_USER_INPUT', message, requestId } });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `x-request-id: ${requestId}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${body.length}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
