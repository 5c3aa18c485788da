import { writeRandomUuid } from './random-uuid.mjs';

/** What stands in a body where each request has something of its own. All have the length of what replaces them. */
export const PLACEHOLDERS = {
  messageId: '00000000-0000-0000-0000-000000000000',
  /** Followed by the first characters of the message id before it. */
  viewId: 'view-00000000',
  userId: 'user-000000',
  timestamp: '2000-01-01T00:00:00.000Z',
};

/**
 * How requests are made: raw bytes, of which only the placeholders change from one to the next.
 * @typedef {object} RequestPlan
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {string} body
 * @property {number} users       User ids are drawn from so many.
 * @property {{ startMs: number, stepMs: number }} [times]  Of the events, one after the other. Absent: now.
 */

/** A request that is sent again and again by one connection, each time with other ids. */
export class RequestTemplate {
  /** @type {Buffer} */
  bytes;
  #plan;
  #clock;
  #places;

  /** @param {RequestPlan} plan @param {Clock} clock Shared by the connections of one run. */
  constructor(plan, clock) {
    const headers = {
      host: '127.0.0.1',
      'content-length': String(Buffer.byteLength(plan.body)),
      ...plan.headers,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.bytes = Buffer.from(`POST ${plan.path} HTTP/1.1\r\n${lines.join('')}\r\n${plan.body}`);
    this.#plan = plan;
    this.#clock = clock;
    this.#places = {
      messageIds: findAll(this.bytes, PLACEHOLDERS.messageId),
      viewIds: findAll(this.bytes, PLACEHOLDERS.viewId),
      userIds: findAll(this.bytes, PLACEHOLDERS.userId),
      timestamps: findAll(this.bytes, PLACEHOLDERS.timestamp),
    };
  }

  /** Makes the bytes the next request. The last one must have been answered: the socket does not copy them. */
  renew() {
    const { bytes } = this;
    const { messageIds, viewIds, userIds, timestamps } = this.#places;
    for (const at of messageIds) writeRandomUuid(bytes, at);
    for (let index = 0; index < viewIds.length; index += 1) {
      const start = messageIds[index];
      bytes.copy(bytes, viewIds[index] + 'view-'.length, start, start + 8);
    }
    for (const at of userIds)
      writeDigits(bytes, at + 'user-'.length, Math.floor(Math.random() * this.#plan.users));
    for (const at of timestamps) bytes.write(this.#clock.next(), at, 'latin1');
  }
}

/** Times of events as text. */
export class Clock {
  #times;
  #nowMs = 0;
  #now = '';

  /** @param {RequestPlan['times']} times */
  constructor(times) {
    this.#times = times && { ...times };
  }

  next() {
    if (this.#times) {
      this.#times.startMs += this.#times.stepMs;
      return new Date(this.#times.startMs).toISOString();
    }
    const nowMs = Date.now();
    if (nowMs !== this.#nowMs) {
      this.#nowMs = nowMs;
      this.#now = new Date(nowMs).toISOString();
    }
    return this.#now;
  }
}

/** @param {Buffer} bytes @param {number} at @param {number} value Six digits. */
function writeDigits(bytes, at, value) {
  let rest = value;
  for (let place = at + 5; place >= at; place -= 1) {
    bytes[place] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

/** @param {Buffer} bytes @param {string} text */
function findAll(bytes, text) {
  const places = [];
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + text.length)) places.push(at);
  return places;
}
