import { createHash } from 'node:crypto';
import { createSecret, hashSecret, parseSecretPrefix, previewSecret } from '../../../src/lib/secret';

const PREFIXES = ['fg_wo_', 'fg_rw_', 'fg_mk_', 'fg_ms_', 'fg_at_', 'fg_ss_'] as const;

test.each(PREFIXES)(
  'a secret of kind %s has 36 base62 characters behind its prefix and is recognised',
  (prefix) => {
    const secret = createSecret(prefix);

    expect(secret).toMatch(new RegExp(`^${prefix}[0-9A-Za-z]{36}$`));
    expect(parseSecretPrefix(secret)).toBe(prefix);
  },
);

test.each([
  ['fg_wo_', 'fg_wo_0000000000000000000000000000002KvCEB'],
  ['fg_rw_', 'fg_rw_0123456789ABCDEFGHIJKLMNOPQRST4Jt6cq'],
  ['fg_at_', 'fg_at_zyxwvutsrqponmlkjihgfedcba987629dSWh'],
])('the checksum of a %s secret agrees with the CRC-32 of another implementation', (prefix, secret) => {
  expect(parseSecretPrefix(secret)).toBe(prefix);
});

test('every character is used, and no two secrets are the same', () => {
  const secrets = Array.from({ length: 500 }, () => createSecret('fg_wo_'));
  const characters = new Set(secrets.flatMap((secret) => [...secret.slice(6, 36)]));

  expect(new Set(secrets).size).toBe(500);
  expect(characters.size).toBe(62);
});

test('a change of any single character breaks the checksum', () => {
  const secret = createSecret('fg_rw_');
  for (let index = 6; index < secret.length; index += 1) {
    const other = secret[index] === 'a' ? 'b' : 'a';

    expect(parseSecretPrefix(secret.slice(0, index) + other + secret.slice(index + 1))).toBeNull();
  }
});

test('the prefix is part of the checksum', () => {
  expect(parseSecretPrefix(createSecret('fg_wo_').replace('fg_wo_', 'fg_rw_'))).toBeNull();
});

test.each(['', 'fg_wo_', 'Bearer', '2KvCEB'])('%j is none of ours', (text) => {
  expect(parseSecretPrefix(text)).toBeNull();
});

test('an unknown prefix is none of ours, even with a right checksum', () => {
  // The CRC-32 of fg_xx_ and thirty zeros, as Python's zlib computes it.
  expect(parseSecretPrefix(`fg_xx_${'0'.repeat(30)}0zhQJn`)).toBeNull();
});

test.each([
  ['a leading space', (secret: string) => ` ${secret}`],
  ['a trailing newline', (secret: string) => `${secret}\n`],
  ['one character more', (secret: string) => `${secret}0`],
  ['one character less', (secret: string) => secret.slice(0, -1)],
  ['another case', (secret: string) => secret.toUpperCase()],
])('a secret with %s is none of ours', (_form, spoil) => {
  expect(parseSecretPrefix(spoil(createSecret('fg_at_')))).toBeNull();
});

test('the hash is SHA-256 of the whole text', () => {
  const secret = createSecret('fg_ss_');

  expect(hashSecret(secret)).toEqual(createHash('sha256').update(secret).digest());
  expect(hashSecret(secret)).toHaveLength(32);
});

test('a preview shows the kind and the last four characters only', () => {
  const secret = createSecret('fg_wo_');

  expect(previewSecret(secret)).toBe(`fg_wo_…${secret.slice(-4)}`);
});
