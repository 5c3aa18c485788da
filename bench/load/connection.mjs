import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

const HEADERS_END = '\r\n\r\n';
const READ_BYTES = 64 * 1024;

/** @typedef {{ status: number, text: string, remaining: number }} Answer `remaining`: bytes of the body. */

/**
 * One keep-alive connection that has one request under way at a time. Of an answer it reads the status, the length,
 * and whether the body speaks of errors; nothing is parsed that costs CPU which the servers need.
 */
export class Connection {
  /** Its place among the connections of the run. */
  number;
  /** Whether a request is under way. */
  isBusy = false;
  #template;
  #onAnswer;
  #socket;
  #sentAtMs = 0;
  /** @type {Buffer | undefined} Headers that have not ended yet. */
  #started;
  /** @type {Answer | undefined} Whose body has not ended yet. */
  #answer;

  /**
   * @param {object} options
   * @param {number} options.number
   * @param {number} options.port
   * @param {import('./request-template.mjs').RequestTemplate} options.template
   * @param {(connection: Connection, answer: { status: number, text: string, latencyMs: number }) => void} options.onAnswer
   *   `text` is the first part of the body.
   * @param {(error: Error) => void} options.onBroken
   */
  constructor({ number, port, template, onAnswer, onBroken }) {
    this.number = number;
    this.#template = template;
    this.#onAnswer = onAnswer;
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer, callback: (count) => this.#receive(buffer.subarray(0, count)) },
    });
    this.#socket
      .on('error', onBroken)
      .on('end', () => onBroken(new Error('The server closed a connection.')));
  }

  send() {
    this.isBusy = true;
    this.#template.renew();
    this.#sentAtMs = performance.now();
    this.#socket.write(this.#template.bytes);
  }

  close() {
    this.#socket.removeAllListeners('end').destroy();
  }

  /** @param {Buffer} chunk Valid until this returns. */
  #receive(chunk) {
    if (this.#answer) this.#receiveBody(chunk.length);
    else this.#receiveHeaders(this.#started ? Buffer.concat([this.#started, chunk]) : chunk);
    return true;
  }

  /** @param {Buffer} bytes */
  #receiveHeaders(bytes) {
    const end = bytes.indexOf(HEADERS_END);
    if (end === -1) {
      this.#started = Buffer.from(bytes);
      return;
    }
    this.#started = undefined;
    const headers = bytes.toString('latin1', 0, end);
    const status = Number(headers.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(headers)?.[1] ?? (status === 204 ? '0' : undefined);
    if (length === undefined) throw new Error(`An answer without a length:\n${headers}`);
    const bodyStart = end + HEADERS_END.length;
    this.#answer = {
      status,
      text: bytes.toString('latin1', bodyStart, bodyStart + 4096),
      remaining: Number(length),
    };
    this.#receiveBody(bytes.length - bodyStart);
  }

  /** @param {number} count */
  #receiveBody(count) {
    const answer = /** @type {Answer} */ (this.#answer);
    answer.remaining -= count;
    if (answer.remaining > 0) return;
    this.#answer = undefined;
    this.isBusy = false;
    const { status, text } = answer;
    this.#onAnswer(this, { status, text, latencyMs: performance.now() - this.#sentAtMs });
  }
}
