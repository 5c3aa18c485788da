import type { Socket } from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import type { Logger } from '../log';
import { openCluster, SUPERUSER, type Cluster } from './embedded-cluster';
import {
  isPostmasterAlive,
  readPostmasterPid,
  removeMisleadingPidFile,
  startPostgres,
  type Start,
} from './embedded-process';
import { isConnectionFault } from './faults';
import { APPLICATION_NAME, type Server } from './server';

export interface EmbeddedOptions {
  /** Holds the database, in `postgres`, and its log, `postgres.log`. */
  readonly dataDir: string;
  /** Folder with `initdb` and `postgres`; absent: those from npm. */
  readonly binDir?: string | undefined;
  readonly log: Logger;
  /** Of postgresql.conf, e.g. `{ fsync: 'off' }` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 30_000;
const POLL_MS = 50;
const HEAL_DELAY_MS = 2_000;

/** Each process keeps one connection of this name open: whoever stops last sees that no other is left. */
const PRESENCE = 'fluxgate-presence';

const SETTINGS = {
  listen_addresses: '',
  // Relative to the database folder, so that its path may have any length and may change.
  unix_socket_directories: '.',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  // Compiling costs more than it gains for statements of milliseconds.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Details and statements of errors can hold personal values (security.md rule 18).
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

/** Joins the PostgreSQL that runs on this folder, or starts it. Starts it again whenever it dies. */
export async function openEmbeddedPostgres(options: EmbeddedOptions): Promise<Server> {
  const postgres = new EmbeddedPostgres(options);
  await postgres.open();
  return postgres;
}

class EmbeddedPostgres implements Server {
  readonly Client = Client;
  readonly connection: ClientConfig;
  private readonly cluster: Cluster;
  private readonly log: Logger;
  private presence: Client | undefined;
  private closing = false;

  constructor(private readonly options: EmbeddedOptions) {
    this.log = options.log;
    this.cluster = openCluster({ binDir: undefined, ...options });
    this.connection = {
      host: this.cluster.socketDir,
      port: 5432,
      user: SUPERUSER,
      password: this.cluster.password,
      database: 'postgres',
      application_name: APPLICATION_NAME,
    };
  }

  async open(): Promise<void> {
    const presence = await this.connectOrStart();
    if (this.closing) return presence.end();
    presence.once('end', () => void this.heal());
    // It must not keep a process alive that has nothing else to do.
    socketOf(presence).unref();
    this.presence = presence;
  }

  /** Stops PostgreSQL, unless another process uses it. */
  async close(): Promise<void> {
    this.closing = true;
    const { presence } = this;
    if (!presence) return;
    socketOf(presence).ref();
    const isLast = await isAlone(presence).catch(() => false);
    await presence.end();
    if (isLast) await this.stop();
  }

  private async stop(): Promise<void> {
    const pid = readPostmasterPid(this.cluster.dir);
    if (pid === undefined) return;
    // Fast shutdown: running transactions are rolled back, committed ones are on disk.
    process.kill(pid, 'SIGINT');
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    while (readPostmasterPid(this.cluster.dir) === pid && Date.now() < deadline) await sleep(POLL_MS);
  }

  private async heal(): Promise<void> {
    this.presence = undefined;
    while (!this.closing && !this.presence) {
      this.log.warn('the embedded PostgreSQL is gone; starting it again');
      await this.open().catch((error: unknown) =>
        this.log.error({ err: error }, 'the embedded PostgreSQL does not start'),
      );
      if (!this.presence) await sleep(HEAL_DELAY_MS, undefined, { ref: false });
    }
  }

  /** Throws with the last lines of PostgreSQL's log when it does not start. */
  private async connectOrStart(): Promise<Client> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    let start: Start | undefined;
    for (;;) {
      try {
        return await this.connectPresence();
      } catch (error) {
        if (!isConnectionFault(error)) throw error;
        if (Date.now() > deadline)
          throw new Error(`PostgreSQL did not answer in time.\n${start?.readLog() ?? ''}`, { cause: error });
      }
      if (start?.hasFailed()) throw new Error(`PostgreSQL did not start.\n${start.readLog()}`);
      if (!start?.isRunning() && !isPostmasterAlive(this.cluster.dir)) start = this.start();
      await sleep(POLL_MS);
    }
  }

  private async connectPresence(): Promise<Client> {
    const client = new Client({
      ...this.connection,
      application_name: PRESENCE,
      connectionTimeoutMillis: START_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  private start(): Start {
    this.log.info('starting the embedded PostgreSQL');
    removeMisleadingPidFile(this.cluster.dir);
    const settings = Object.entries({ ...SETTINGS, ...this.options.settings }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    return startPostgres(this.cluster, settings, path.join(this.options.dataDir, 'postgres.log'));
  }
}

async function isAlone(presence: Client): Promise<boolean> {
  const { rows } = await presence.query(
    `/* database.findOthers */
     select 1 from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid() limit 1`,
    [PRESENCE],
  );
  return rows.length === 0;
}

function socketOf(client: Client): Socket {
  return client.connection.stream as Socket;
}
