import { randomFillSync } from 'node:crypto';

const HEX = Buffer.from('0123456789abcdef');
const DASH = 0x2d;
const DASH_BEFORE = new Set([4, 6, 8, 10]);

const random = Buffer.allocUnsafe(16 * 1024);
let used = random.length;

/**
 * Writes 36 characters in the form of a UUID. All bits are random: what matters is that they are unique and that an
 * index of them grows everywhere, like that of the ids that clients make.
 * @param {Buffer} target @param {number} at
 */
export function writeRandomUuid(target, at) {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  let place = at;
  for (let index = 0; index < 16; index += 1) {
    if (DASH_BEFORE.has(index)) target[place++] = DASH;
    const byte = random[used++];
    target[place++] = HEX[byte >> 4];
    target[place++] = HEX[byte & 15];
  }
}
