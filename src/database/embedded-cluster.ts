import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
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
import * as path from 'node:path';
import type { Logger } from '../log';
import { findBinaries, type Binaries } from './embedded-binaries';
import { shortHash, socketFolder, takePlace, uniqueSuffix } from './embedded-files';
import { canEnter, chooseUser, makeReachableFolder, REACHABLE_FOLDER, type OsUser } from './embedded-user';

/** A database folder, and what is needed to run it. */
export interface Cluster {
  /** Real path of the database folder. */
  readonly dir: string;
  readonly binDir: string;
  readonly user: OsUser | undefined;
  readonly password: string;
  /** Where clients find the socket, which the server makes in `dir`. */
  readonly socketDir: string;
}

export const SUPERUSER = 'fluxgate';

const PASSWORD_FILE = 'fluxgate.password';

export interface ClusterOptions {
  readonly dataDir: string;
  readonly binDir: string | undefined;
  readonly log: Logger;
}

/** Finds the database in `dataDir/postgres`, or makes it. Safe when several processes do so at once. */
export function openCluster({ dataDir, binDir, log }: ClusterOptions): Cluster {
  mkdirSync(dataDir, { recursive: true });
  const place = path.join(realpathSync(dataDir), 'postgres');
  const existing = findExisting(place);
  const user = chooseUser(existing);
  const binaries = findBinaries({ binDir, user, log });
  const dir = existing ?? createCluster({ place, binaries, user, log });
  requireSameMajor(dir, binaries.major);
  const password = readFileSync(path.join(dir, PASSWORD_FILE), 'utf8');
  return { dir, binDir: binaries.dir, user, password, socketDir: socketFolder(dir) };
}

function findExisting(place: string): string | undefined {
  if (existsSync(place)) return realpathSync(place);
  // A link to a disk that is not mounted, say. A new, empty database is not what its owner wants then.
  if (lstatSync(place, { throwIfNoEntry: false })) throw new Error(`${place} is a link that leads nowhere.`);
  return undefined;
}

interface NewCluster {
  readonly place: string;
  readonly binaries: Binaries;
  readonly user: OsUser | undefined;
  readonly log: Logger;
}

/** Made apart, and given its name when it is complete. The first of several processes wins; all use what it made. */
function createCluster({ place, binaries, user, log }: NewCluster): string {
  const parent = path.dirname(place);
  const isReachable = !user || canEnter(parent, user);
  if (!isReachable) makeReachableFolder(parent);
  const made = isReachable
    ? `${place}.${uniqueSuffix()}`
    : path.join(REACHABLE_FOLDER, `${shortHash(parent)}-${uniqueSuffix()}`);
  log.info({ place: made }, 'making the database');
  initialize(made, binaries, user);
  const publish = isReachable ? () => renameSync(made, place) : () => symlinkSync(made, place);
  if (!takePlace(publish)) rmSync(made, { recursive: true });
  else if (!isReachable)
    log.warn(
      { from: place, to: made },
      'DATA_DIR is a private folder of root: the database lies elsewhere, linked',
    );
  return realpathSync(place);
}

function initialize(dir: string, binaries: Binaries, user: OsUser | undefined): void {
  const passwordFile = `${dir}.password`;
  try {
    writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    mkdirSync(dir, { mode: 0o700 });
    if (user) for (const file of [passwordFile, dir]) chownSync(file, user.uid, user.gid);
    runInitdb(binaries, [`--pgdata=${dir}`, `--pwfile=${passwordFile}`], user);
    renameSync(passwordFile, path.join(dir, PASSWORD_FILE));
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function runInitdb(binaries: Binaries, args: readonly string[], user: OsUser | undefined): void {
  // The same order of strings on every machine. Version 17 is the first that then knows more letters than ASCII's.
  const locale = binaries.major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  const common = [`--username=${SUPERUSER}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'];
  const result = spawnSync(path.join(binaries.dir, 'initdb'), [...common, ...locale, ...args], {
    ...user,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`initdb failed: ${result.error?.message ?? result.stderr.trim()}`);
}

function requireSameMajor(dir: string, major: number): void {
  const made = readFileSync(path.join(dir, 'PG_VERSION'), 'utf8').trim();
  if (made === String(major)) return;
  throw new Error(
    `The database in ${dir} was made by PostgreSQL ${made}, and these programs are version ${major}. Set POSTGRES_BIN ` +
      `to a folder with version ${made}, or move the data with pg_dumpall or pg_upgrade.`,
  );
}
