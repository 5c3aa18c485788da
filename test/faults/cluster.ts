import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { openCluster, type Cluster as Files } from '../../src/database/embedded-cluster';
import { isPostmasterAlive, readPostmasterPid } from '../../src/database/embedded-process';
import { createLogger } from '../../src/log';
import { query } from '../support/database';
import { within } from '../support/within';

const PATIENCE_MS = 60_000;
const PORT = 5432;

export interface ClusterOptions {
  /** A folder of its own when absent; it is removed at the end. */
  readonly dataDir?: string;
  /** The programs of the packages when absent. */
  readonly binDir?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** A PostgreSQL that nothing but the test starts and stops: the server under test is not its keeper. */
export class Cluster {
  readonly dataDir: string;
  readonly files: Files;
  private readonly settings: Readonly<Record<string, string>>;

  private constructor({ dataDir, binDir, settings = {} }: ClusterOptions) {
    this.dataDir = dataDir ?? makeFolder();
    this.settings = settings;
    this.files = openCluster({ dataDir: this.dataDir, binDir, log: createLogger('silent') });
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = new Cluster(options);
    await cluster.start();
    return cluster;
  }

  /** A standby whose primary waits for it with every COMMIT from now on. It takes over when it is promoted. */
  static async copyOf(primary: Cluster): Promise<Cluster> {
    const { password, binDir, user, socketDir } = primary.files;
    const dataDir = makeFolder();
    const target = path.join(dataDir, 'postgres');
    mkdirSync(target, { mode: 0o700 });
    if (user) chownSync(target, user.uid, user.gid);
    const source = `host=${socketDir} port=${PORT} user=fluxgate application_name=standby`;
    const args = [`--pgdata=${target}`, `--dbname=${source}`, '--write-recovery-conf', '--checkpoint=fast'];
    await primary.run('pg_basebackup', args, { PGPASSWORD: password });
    // The socket's lock is copied too, and is that of the primary.
    for (const name of [`.s.PGSQL.${PORT}`, `.s.PGSQL.${PORT}.lock`])
      rmSync(path.join(target, name), { force: true });
    const standby = await Cluster.start({ dataDir, binDir, settings: primary.settings });
    await query(primary.url, `alter system set synchronous_standby_names = 'standby'`);
    await query(primary.url, 'select pg_reload_conf()');
    return standby;
  }

  async promote(): Promise<void> {
    await this.control(['promote']);
  }

  get url(): string {
    return urlOf([this.files]);
  }

  get isRunning(): boolean {
    return isPostmasterAlive(this.files.dir);
  }

  /** Resolves when it takes connections. Fsync stays on: what is tested here is what a crash leaves. */
  async start(): Promise<void> {
    const { dir } = this.files;
    const fixed = { port: String(PORT), listen_addresses: '', unix_socket_directories: dir };
    const all = Object.entries({ ...fixed, ...this.settings }).map(
      ([name, value]) => `-c ${name}='${value}'`,
    );
    await this.control(['start', `--log=${dir}/server.log`, `--options=${all.join(' ')}`]);
  }

  /** `fast` cuts connections and stops in good order; `immediate` stops like a crash. */
  async stop(mode: 'fast' | 'immediate'): Promise<void> {
    await this.control(['stop', `--mode=${mode}`]);
  }

  /** Pulls the plug of the postmaster and waits until it and its children are gone. */
  async kill(): Promise<void> {
    const pid = readPostmasterPid(this.files.dir);
    if (pid === undefined || !this.isRunning) return;
    process.kill(pid, 'SIGKILL');
    // Also from the table of processes: the next postmaster takes one that nobody has reaped yet for a living one.
    await within(PATIENCE_MS, () => Promise.resolve(!isListed(pid)));
  }

  async remove(): Promise<void> {
    if (this.isRunning) await this.stop('immediate');
    rmSync(this.files.dir, { recursive: true, force: true });
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private async control(args: readonly string[]): Promise<void> {
    const { dir } = this.files;
    await this.run('pg_ctl', [`--pgdata=${dir}`, '--wait', `--timeout=${PATIENCE_MS / 1000}`, ...args]);
  }

  /** One of PostgreSQL's programs, as the user who owns the database. Throws when it fails. */
  async run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<void> {
    const { binDir, user } = this.files;
    const child = spawn(path.join(binDir, program), args, {
      ...user,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', ...env },
      // What pg_ctl starts would keep a pipe open for ever.
      stdio: 'ignore',
    });
    const code = await new Promise<number | null>((resolve, reject) =>
      child.on('error', reject).on('exit', resolve),
    );
    if (code !== 0)
      throw new Error(`${program} ${args.join(' ')} ended with ${code}.\n${readLog(this.files.dir)}`);
  }
}

/** DATABASE_URL for one server or several, over their sockets. All have the password of the first. */
export function urlOf(servers: readonly Files[]): string {
  const hosts = servers.map(({ socketDir }) => encodeURIComponent(socketDir)).join(',');
  return `postgresql://fluxgate:${servers[0]!.password}@${hosts}/postgres`;
}

function isListed(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fluxgate-faults-'));
  // mkdtemp makes 0700, and what is root's alone is closed to PostgreSQL's user.
  chmodSync(folder, 0o755);
  return folder;
}

function readLog(dir: string): string {
  return spawnSync('tail', ['-n', '20', path.join(dir, 'server.log')], { encoding: 'utf8' }).stdout;
}
