import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Client } from 'pg';
import { within } from '../support/within';

const PATIENCE_MS = 30_000;
const PORT = 6432;

/** A PgBouncer in transaction mode before the server of a URL, on a socket in a folder of its own. */
export class PgBouncer {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'fluxgate-pool-'));
  private readonly child: ChildProcess;
  /** The maintenance database through the pooler. */
  readonly url: string;

  private constructor(program: string, server: Client) {
    const { host, port, user = '', password } = server;
    chmodSync(this.folder, 0o777);
    const users = path.join(this.folder, 'users');
    writeFileSync(users, `"${user}" "${String(password)}"\n`, { mode: 0o644 });
    const config = path.join(this.folder, 'pgbouncer.ini');
    writeFileSync(
      config,
      `[databases]
* = host=${host} port=${port}
[pgbouncer]
listen_addr =
listen_port = ${PORT}
unix_socket_dir = ${this.folder}
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = 20
max_client_conn = 500
server_idle_timeout = 1
`,
    );
    // It refuses root, and the socket of an embedded server is open to its owner only.
    const asUser = process.getuid?.() === 0 ? ['--user=postgres'] : [];
    this.child = spawn(program, [...asUser, config], { stdio: 'ignore' });
    const socket = encodeURIComponent(this.folder);
    this.url = `postgresql://${user}:${encodeURIComponent(String(password))}@/postgres?host=${socket}&port=${PORT}`;
  }

  /** Resolves when connections pass through it. */
  static async start(program: string, serverUrl: string): Promise<PgBouncer> {
    const pooler = new PgBouncer(program, new Client(serverUrl));
    try {
      await within(PATIENCE_MS, () => pooler.isReady());
    } catch (error) {
      await pooler.stop();
      throw error;
    }
    return pooler;
  }

  private async isReady(): Promise<boolean> {
    const client = new Client(this.url);
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const end = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await end;
    }
    rmSync(this.folder, { recursive: true });
  }
}
