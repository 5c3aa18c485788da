import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/**
 * A scenario that needs what this machine may lack. Where it is missing, the report has a skipped test whose title says
 * what was not run and why, and the console says it too: nothing passes silently.
 */
export function describeWith<Found>(
  title: string,
  { found, missing }: { found: Found | undefined; missing: string },
  scenario: (found: Found) => void,
): void {
  if (found !== undefined) return describe(title, () => scenario(found));
  console.warn(`NOT RUN: ${title}: ${missing}`);
  describe.skip(title, () => test(`NOT RUN: ${missing}`, () => undefined));
}

const DEBIAN_POSTGRES = '/usr/lib/postgresql';

/** Programs of a PostgreSQL that can make a standby; the packages have none. Undefined when there is none here. */
export function findStandbyPrograms(): string | undefined {
  const versions = existsSync(DEBIAN_POSTGRES) ? readdirSync(DEBIAN_POSTGRES) : [];
  return versions
    .map((version) => path.join(DEBIAN_POSTGRES, version, 'bin'))
    .find((bin) => existsSync(path.join(bin, 'pg_basebackup')) && existsSync(path.join(bin, 'initdb')));
}

/** Path of PgBouncer, which is not on everybody's PATH. Undefined when it is not installed. */
export function findPgBouncer(): string | undefined {
  return ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find(existsSync);
}

/** A mounted file system of this size that only root can make; undefined where nobody may mount. */
export function mountSmallDisk(megabytes: number): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'fluxgate-disk-'));
  const options = `size=${megabytes}m,mode=0755`;
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  if (status === 0) return folder;
  rmdirSync(folder);
  return undefined;
}

export function unmount(folder: string): void {
  execFileSync('umount', [folder]);
  rmdirSync(folder);
}
