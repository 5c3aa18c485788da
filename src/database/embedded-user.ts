import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';

/** Holds what root's database user cannot reach where it is. */
export const REACHABLE_FOLDER = '/var/lib/fluxgate';

/** Whom the child processes run as; undefined: as ourselves. */
export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root. As root, its processes run as the owner of the database if there is one, else as
 * `postgres`, else as `nobody`.
 */
export function chooseUser(existingDatabase: string | undefined): OsUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (existingDatabase) {
    const { uid, gid } = statSync(existingDatabase);
    if (uid !== 0) return { uid, gid };
  }
  const passwd = readFileSync('/etc/passwd', 'utf8');
  const user = findUser(passwd, 'postgres') ?? findUser(passwd, 'nobody');
  if (!user)
    throw new Error(
      'PostgreSQL does not run as root, and there is no user postgres or nobody. Start Fluxgate as another user.',
    );
  return user;
}

function findUser(passwd: string, name: string): OsUser | undefined {
  const fields = passwd
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':');
  return fields && { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** Whether the user can enter the folder, through all of its parents; a shell of that user tries it. */
export function canEnter(folder: string, user: OsUser): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd -- "$0"', folder], { ...user, cwd: '/' }).status === 0;
}

/** Makes REACHABLE_FOLDER. Throws an Error that says what to do when it cannot. */
export function makeReachableFolder(unreachable: string): void {
  try {
    // Our umask may keep others out.
    if (mkdirSync(REACHABLE_FOLDER, { recursive: true })) chmodSync(REACHABLE_FOLDER, 0o755);
  } catch (cause) {
    throw new Error(
      `Started by root, PostgreSQL runs as another user, which cannot reach ${unreachable}, and ${REACHABLE_FOLDER} ` +
        'cannot be made. Move to a folder that everybody may enter, or start Fluxgate as another user.',
      { cause },
    );
  }
}
