import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Logger } from '../log';
import { findBinaries, versionOf } from './embedded-binaries';
import { canEnter, chooseUser, type OsUser } from './embedded-user';

/** A database folder that exists, and what is needed to run it. */
export interface Cluster {
  /** Real path of the database folder. */
  readonly dir: string;
  readonly binDir: string;
  readonly user: OsUser | undefined;
  readonly password: string;
  /** Where clients find the socket; the server makes it in `dir`. */
  readonly socketDir: string;
}

export const SUPERUSER = 'fluxgate';

const PASSWORD_FILE = 'fluxgate.password';
/** Where a root's database goes when the database user cannot reach DATA_DIR. */
const ROOT_FALLBACK = '/var/lib/fluxgate';
/** sun_path holds 104 bytes on macOS and 108 on Linux; the name of the socket takes 14. */
const MAX_SOCKET_DIR = 90;

/** Finds the database in `dataDir/postgres` or makes it. Safe when several processes do so at once. */
export function openCluster({
  dataDir,
  binDir,
  log,
}: {
  dataDir: string;
  binDir: string | undefined;
  log: Logger;
}): Cluster {
  mkdirSync(dataDir, { recursive: true });
  const place = path.join(realpathSync(dataDir), 'postgres');
  const existing = existsSync(place) ? realpathSync(place) : undefined;
  const user = chooseUser(existing);
  const binaries = reachableBinaries(findBinaries(binDir), user, log);
  const dir = existing ?? createCluster({ place, binDir: binaries, user, log });
  requireSameMajor(dir, binaries);
  return {
    dir,
    binDir: binaries,
    user,
    password: readFileSync(path.join(dir, PASSWORD_FILE), 'utf8'),
    socketDir: shortPath(dir),
  };
}

/** As root, from a checkout in a home directory: the database user cannot run what it cannot reach, so it gets a copy. */
function reachableBinaries(binDir: string, user: OsUser | undefined, log: Logger): string {
  if (!user || canEnter(binDir, user)) return binDir;
  const copy = path.join(makeFallback(binDir), `postgresql-${versionOf(binDir)}`);
  if (!existsSync(copy)) {
    log.warn(
      { from: binDir, to: copy },
      'the database user cannot reach the PostgreSQL programs; they are copied',
    );
    const partial = `${copy}.${uniqueSuffix()}`;
    cpSync(path.dirname(binDir), partial, { recursive: true, verbatimSymlinks: true });
    // npm may have run under a umask that keeps others out.
    spawnSync('chmod', ['-R', 'a+rX', partial]);
    moveInto(partial, copy);
  }
  return path.join(copy, 'bin');
}

interface NewCluster {
  readonly place: string;
  readonly binDir: string;
  readonly user: OsUser | undefined;
  readonly log: Logger;
}

function createCluster({ place, binDir, user, log }: NewCluster): string {
  const parent = path.dirname(place);
  if (!user || canEnter(parent, user)) {
    initialize({ place, binDir, user, log });
    return place;
  }
  const other = path.join(
    makeFallback(parent),
    createHash('sha256').update(parent).digest('hex').slice(0, 16),
  );
  log.warn(
    { from: place, to: other },
    'the database user cannot reach DATA_DIR; the database is kept elsewhere and linked',
  );
  if (!existsSync(other)) initialize({ place: other, binDir, user, log });
  ignoring('EEXIST', () => symlinkSync(other, place));
  return other;
}

function makeFallback(unreachable: string): string {
  try {
    mkdirSync(ROOT_FALLBACK, { recursive: true, mode: 0o755 });
    return ROOT_FALLBACK;
  } catch (cause) {
    throw new Error(
      `As root, PostgreSQL runs as another user, which cannot reach ${unreachable}, and ${ROOT_FALLBACK} cannot be made. ` +
        'Set DATA_DIR to a folder that everybody may enter, or start Fluxgate as another user.',
      { cause },
    );
  }
}

/** In a folder of its own that gets its name when it is complete: a half-made database is never taken for one. */
function initialize({ place, binDir, user, log }: NewCluster): void {
  log.info({ place }, 'making the database');
  const partial = `${place}.${uniqueSuffix()}`;
  const passwordFile = `${partial}.password`;
  const password = randomBytes(24).toString('base64url');
  try {
    writeFileSync(passwordFile, password, { mode: 0o600 });
    mkdirSync(partial, { mode: 0o700 });
    if (user) for (const file of [passwordFile, partial]) chownSync(file, user.uid, user.gid);
    runInitdb(binDir, ['-D', partial, `--pwfile=${passwordFile}`], user);
    renameSync(passwordFile, path.join(partial, PASSWORD_FILE));
    moveInto(partial, place);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(partial, { recursive: true, force: true });
  }
}

function runInitdb(binDir: string, args: readonly string[], user: OsUser | undefined): void {
  const common = [`--username=${SUPERUSER}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'];
  const result = spawnSync(path.join(binDir, 'initdb'), [...common, ...localeOf(binDir), ...args], {
    ...user,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    encoding: 'utf8',
  });
  if (result.status === 0) return;
  throw new Error(`initdb failed: ${result.error?.message ?? result.stderr.trim()}`);
}

/** The same order of strings on every machine, with upper and lower case of all letters where the version can do it. */
function localeOf(binDir: string): string[] {
  return parseInt(versionOf(binDir)) >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
}

/** The first of several processes wins; the others use what it made. */
function moveInto(partial: string, place: string): void {
  try {
    renameSync(partial, place);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    rmSync(partial, { recursive: true, force: true });
  }
}

function requireSameMajor(dir: string, binDir: string): void {
  const made = readFileSync(path.join(dir, 'PG_VERSION'), 'utf8').trim();
  const major = String(parseInt(versionOf(binDir)));
  if (made === major) return;
  throw new Error(
    `The database in ${dir} was made by PostgreSQL ${made}, and these programs are version ${major}. Set POSTGRES_BIN to ` +
      `a folder with version ${made}, or move the data with pg_dumpall or pg_upgrade.`,
  );
}

/** The folder itself, or a link to it in a private folder when a socket's path would be too long. */
function shortPath(dir: string): string {
  if (Buffer.byteLength(dir) <= MAX_SOCKET_DIR) return dir;
  const hash = createHash('sha256').update(dir).digest('hex').slice(0, 16);
  const folder = path.join(tmpdir(), `fluxgate-${hash}-${process.getuid?.()}`);
  ignoring('EEXIST', () => mkdirSync(folder, { mode: 0o700 }));
  const { uid, mode } = lstatSync(folder);
  // Somebody else's folder could lead us to somebody else's server.
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0)
    throw new Error(`${folder} must be ours alone; remove it.`);
  const link = path.join(folder, 'db');
  ignoring('EEXIST', () => symlinkSync(dir, link));
  return link;
}

function ignoring(code: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
  }
}

function uniqueSuffix(): string {
  return `new-${process.pid}-${randomBytes(4).toString('hex')}`;
}
