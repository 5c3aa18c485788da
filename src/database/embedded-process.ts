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
const PASSING_REASON = /lock file "postmaster\.pid" already exists|shared memory block .* still in use/;
const LOG_LINES = 10;

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
  try {
    const pid = parseInt(readFileSync(pidFile(dir), 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * After a crash another program may have the number in the file, in a container above all, and PostgreSQL would refuse
 * to start. A file whose number is free stays: PostgreSQL finds processes of the killed server through it.
 */
export function removeMisleadingPidFile(dir: string): void {
  const pid = readPostmasterPid(dir);
  if (pid !== undefined && exists(pid) && !looksLikePostgres(pid)) rmSync(pidFile(dir), { force: true });
}

function pidFile(dir: string): string {
  return path.join(dir, 'postmaster.pid');
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Name and state of the process, where the system shows them; Z is one that has ended. */
function looksLikePostgres(pid: number): boolean {
  if (!existsSync('/proc/self/stat')) return true;
  try {
    return /\(postgres\) [^ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
