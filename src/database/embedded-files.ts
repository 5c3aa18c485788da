import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/** A socket's path may have 104 bytes on macOS and 108 on Linux; PostgreSQL's name for it takes 14 of them. */
const MAX_SOCKET_FOLDER_BYTES = 90;

/** Runs the action; false when it failed with one of these codes. Other errors are thrown. */
export function ignoringCode(codes: readonly string[], action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Runs a rename or link to a name that several processes want; false when another was first. */
export function takePlace(action: () => void): boolean {
  return ignoringCode(['EEXIST', 'ENOTEMPTY'], action);
}

/** For names that no other process uses. */
export function uniqueSuffix(): string {
  return `${process.pid}-${randomBytes(4).toString('hex')}`;
}

export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The folder itself, or, when the path of a socket in it would be too long, a link to it in a private folder. */
export function socketFolder(dir: string): string {
  if (Buffer.byteLength(dir) <= MAX_SOCKET_FOLDER_BYTES) return dir;
  const folder = path.join(tmpdir(), `fluxgate-${shortHash(dir)}-${process.getuid?.()}`);
  ignoringCode(['EEXIST'], () => mkdirSync(folder, { mode: 0o700 }));
  const { uid, mode } = lstatSync(folder);
  // In somebody else's folder the link could lead to somebody else's server.
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    throw new Error(`${folder} must belong to this user alone. Remove it.`);
  }
  const link = path.join(folder, 'db');
  ignoringCode(['EEXIST'], () => symlinkSync(dir, link));
  return link;
}
