import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { openCluster, SUPERUSER } from '../../src/database/embedded-cluster';
import { isPostmasterAlive, readPostmasterPid } from '../../src/database/embedded-process';
import { openEmbeddedPostgres, type EmbeddedOptions } from '../../src/database/embedded-postgres';
import type { Server } from '../../src/database/server';
import { createLogger } from '../../src/log';

/** A DATA_DIR of a test, and everything that runs on it. */
export class EmbeddedFolder {
  readonly dataDir = mkdtempSync(path.join(tmpdir(), 'fluxgate-embedded-'));
  private readonly servers = new Set<Server>();
  private readonly children = new Set<ChildProcess>();

  constructor() {
    // mkdtemp makes 0700, and what is root's alone is closed to PostgreSQL's user.
    chmodSync(this.dataDir, 0o755);
  }

  /** Where the database really lies. */
  get cluster(): string {
    const place = path.join(this.dataDir, 'postgres');
    return existsSync(place) ? realpathSync(place) : place;
  }

  /** Of the database that lies here, for whoever looks into it from outside. */
  get url(): string {
    const { password, socketDir } = openCluster({
      dataDir: this.dataDir,
      binDir: undefined,
      log: createLogger('silent'),
    });
    return `postgresql://${SUPERUSER}:${password}@${encodeURIComponent(socketDir)}/postgres`;
  }

  get pid(): number | undefined {
    return readPostmasterPid(this.cluster);
  }

  get isRunning(): boolean {
    return isPostmasterAlive(this.cluster);
  }

  async open(options: Partial<EmbeddedOptions> = {}): Promise<Server> {
    const server = await openEmbeddedPostgres({
      dataDir: this.dataDir,
      log: createLogger('silent'),
      ...options,
    });
    this.servers.add(server);
    return server;
  }

  async close(server: Server): Promise<void> {
    this.servers.delete(server);
    await server.close();
  }

  /** Opens it in a process of its own. A message to the process closes it. */
  async openInChild(): Promise<{ child: ChildProcess; connection: ClientConfig }> {
    const child = fork(path.join(__dirname, 'embedded-child.ts'), [this.dataDir], {
      execArgv: ['--require', path.join(__dirname, 'typescript-register.cjs')],
    });
    this.children.add(child);
    const failure = once(child, 'exit').then(() => Promise.reject(new Error('The child process ended.')));
    const [connection] = (await Promise.race([once(child, 'message'), failure])) as [ClientConfig];
    failure.catch(() => undefined);
    return { child, connection };
  }

  /** Pulls the plug of PostgreSQL. */
  async kill(): Promise<void> {
    const { pid } = this;
    if (pid === undefined || !this.isRunning) return;
    process.kill(pid, 'SIGKILL');
    while (this.isRunning && this.pid === pid) await sleep(10);
  }

  /** Ends everything, so that the next test finds nothing running. */
  async stopAll(): Promise<void> {
    for (const child of this.children) child.kill('SIGKILL');
    for (const server of this.servers) await server.close();
    this.children.clear();
    this.servers.clear();
    await this.kill();
  }

  async remove(): Promise<void> {
    await this.stopAll();
    rmSync(this.cluster, { recursive: true, force: true });
    rmSync(this.dataDir, { recursive: true });
  }
}

/** One statement on a connection of its own. */
export async function run(connection: ClientConfig, text: string): Promise<unknown[]> {
  const client = new Client(connection);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
