import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import * as path from 'node:path';
import type { Cluster } from './embedded-cluster';

/** One attempt to start PostgreSQL. */
export interface Start {
  isRunning(): boolean;
  /** Ended for a reason that will not go away by itself. */
  hasFailed(): boolean;
  /** The last lines that it logged. */
  readLog(): string;
}

/** Another process was quicker, or processes of a killed server still hold its memory: soon it is different. */
const PASSING_REASON = /lock file ".*" already exists|shared memory block .* still in use/;
const LOG_LINES = 10;
const PID_FILE = 'postmaster.pid';

/**
 * In a session of its own, so that Ctrl-C on the terminal does not stop it while the server still drains requests,
 * and so that it outlives a server that is killed.
 */
export function startPostgres(
  { dir, binDir, user }: Cluster,
  args: readonly string[],
  logFile: string,
): Start {
  const log = openSync(logFile, 'a', 0o600);
  const logStart = statSync(logFile).size;
  const child = spawn(path.join(binDir, 'postgres'), ['-D', dir, ...args], {
    ...user,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  let spawnError = '';
  child.on('error', (error) => (spawnError = error.message));
  const isRunning = () => !spawnError && child.exitCode === null && child.signalCode === null;
  const readLog = () => spawnError || lastLines(readFileSync(logFile).subarray(logStart).toString());
  return {
    isRunning,
    readLog,
    hasFailed: () => !isRunning() && !isPostmasterAlive(dir) && !PASSING_REASON.test(readLog()),
  };
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-LOG_LINES).join('\n');
}

/** Whether a PostgreSQL runs on this folder, whoever started it. */
export function isPostmasterAlive(dir: string): boolean {
  const pid = readPostmasterPid(dir);
  return pid !== undefined && exists(pid) && looksLikePostgres(pid);
}

export function readPostmasterPid(dir: string): number | undefined {
  return readPid(path.join(dir, PID_FILE));
}

/**
 * After a crash another program may have the number in these files, or nobody has buried the dead: both happen in
 * containers. PostgreSQL would refuse to start. Files with a free number stay: through them PostgreSQL finds processes
 * of the killed server that still run.
 */
export function removeMisleadingLocks(dir: string): void {
  for (const file of [PID_FILE, '.s.PGSQL.5432.lock'].map((name) => path.join(dir, name))) {
    const pid = readPid(file);
    if (pid !== undefined && exists(pid) && !looksLikePostgres(pid)) rmSync(file, { force: true });
  }
}

/** The number in the first line. */
function readPid(file: string): number | undefined {
  try {
    const pid = parseInt(readFileSync(file, 'utf8'));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Name and state of the process, where the system shows them; Z is one that is dead and not buried. */
function looksLikePostgres(pid: number): boolean {
  if (!existsSync('/proc/self/stat')) return true;
  try {
    return /\(postgres\) [^ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
