import { hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Integration keys (write-only, read & write), metrics key, client secret, access token, session (security.md rule 10). */
export type SecretPrefix = 'fg_wo_' | 'fg_rw_' | 'fg_mk_' | 'fg_ms_' | 'fg_at_' | 'fg_ss_';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 30;
const CHECKSUM_LENGTH = 6;
const SECRET = /^(fg_(?:wo|rw|mk|ms|at|ss)_)[0-9A-Za-z]{36}$/;

/** The prefix, 30 random base62 characters (178 bits), 6 of the CRC-32 of all that. */
export function createSecret(prefix: SecretPrefix): string {
  let body: string = prefix;
  for (let length = 0; length < RANDOM_LENGTH; length += 1)
    body += ALPHABET.charAt(randomInt(ALPHABET.length));
  return body + computeChecksum(body);
}

/**
 * What kind of secret the text is; null when it is none of ours or its checksum is wrong. Mistyped and invented keys
 * end here, without a query. It is no proof of anything: only the stored hash is.
 */
export function parseSecretPrefix(text: string): SecretPrefix | null {
  const prefix = SECRET.exec(text)?.[1];
  if (!prefix) return null;
  return text.endsWith(computeChecksum(text.slice(0, -CHECKSUM_LENGTH))) ? (prefix as SecretPrefix) : null;
}

/** SHA-256, 32 bytes. No salt and no stretching: 178 random bits cannot be searched. */
export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** The same as 32 Latin-1 characters, to look it up in a map: a quarter of the time of a Buffer. */
export function digestSecret(secret: string): string {
  return hash('sha256', secret, 'binary');
}

/** For lists and logs, e.g. `fg_wo_…x7Qd`. The last characters are of the checksum, not of the random part. */
export function previewSecret(secret: string): string {
  return `${secret.slice(0, 6)}…${secret.slice(-4)}`;
}

function computeChecksum(body: string): string {
  let rest = crc32(body);
  let digits = '';
  for (let length = 0; length < CHECKSUM_LENGTH; length += 1) {
    digits = ALPHABET.charAt(rest % ALPHABET.length) + digits;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return digits;
}
