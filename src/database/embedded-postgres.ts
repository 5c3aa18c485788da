import type { Socket } from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from '../log';
import { openCluster, SUPERUSER, type Cluster } from './embedded-cluster';
import {
  isPostmasterAlive,
  readPostmasterPid,
  removeMisleadingLocks,
  startPostgres,
  type Start,
} from './embedded-process';
import { isConnectionFault } from './faults';
import { APPLICATION_NAME, type Connection, type Server } from './server';

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

/** Each process keeps one connection of this name, and on it a shared lock: whoever gets it alone is the last one. */
const PRESENCE = 'fluxgate-presence';
/** Arbitrary, other than the one of migrations. */
const PRESENCE_LOCK = 7_205_124_002;

const SETTINGS = {
  listen_addresses: '',
  // Relative to the database folder, whose path may be long.
  unix_socket_directories: '.',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  fsync: 'on',
  synchronous_commit: 'on',
  // Compiling costs more than it gains for statements of milliseconds.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Details and statements of errors can hold personal values (security.md rule 18).
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

/**
 * Joins the PostgreSQL that runs on this folder, or starts it, and starts it again whenever it dies.
 * Throws an Error with PostgreSQL's own last words when it does not start.
 */
export async function openEmbeddedPostgres(options: EmbeddedOptions): Promise<Server> {
  const cluster = openCluster({ binDir: undefined, ...options });
  const postgres = new EmbeddedPostgres(cluster, options);
  await postgres.open();
  return postgres;
}

class EmbeddedPostgres implements Server {
  readonly connection: Connection;
  private presence: Client | undefined;
  private isClosing = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly options: EmbeddedOptions,
  ) {
    this.connection = {
      host: cluster.socketDir,
      port: 5432,
      user: SUPERUSER,
      password: cluster.password,
      database: 'postgres',
      application_name: APPLICATION_NAME,
      Client,
    };
  }

  async open(): Promise<void> {
    const presence = await this.connectOrStart();
    if (this.isClosing) return presence.end();
    // When PostgreSQL dies, so does this connection, at once.
    presence.once('end', () => void this.heal());
    // It must not keep a process alive that has nothing else to do.
    socketOf(presence).unref();
    this.presence = presence;
  }

  /** Stops PostgreSQL, unless another process uses it. */
  async close(): Promise<void> {
    this.isClosing = true;
    const { presence } = this;
    if (!presence) return;
    socketOf(presence).ref();
    try {
      // Still connected while it stops: who holds the lock alone keeps newcomers out.
      if (await isLast(presence).catch(() => false)) await this.stop();
    } finally {
      await presence.end();
    }
  }

  private async stop(): Promise<void> {
    const { dir } = this.cluster;
    const pid = readPostmasterPid(dir);
    if (pid === undefined) return;
    // Fast shutdown: running transactions are rolled back, committed ones are on disk.
    process.kill(pid, 'SIGINT');
    const deadline = performance.now() + STOP_TIMEOUT_MS;
    while (readPostmasterPid(dir) === pid) {
      if (performance.now() > deadline)
        return this.options.log.warn('the embedded PostgreSQL is still stopping');
      await sleep(POLL_MS);
    }
  }

  private async heal(): Promise<void> {
    this.presence = undefined;
    const { log } = this.options;
    while (!this.isClosing && !this.presence) {
      log.warn('lost the embedded PostgreSQL; joining it again, or starting it');
      await this.open().catch((error: unknown) =>
        log.error({ err: error }, 'the embedded PostgreSQL does not start'),
      );
      if (!this.presence) await sleep(HEAL_DELAY_MS, undefined, { ref: false });
    }
  }

  private async connectOrStart(): Promise<Client> {
    let deadline = performance.now() + START_TIMEOUT_MS;
    let start: Start | undefined;
    for (;;) {
      try {
        return await this.connectPresence();
      } catch (error) {
        if (!isConnectionFault(error)) throw error;
        // It answers that it is starting up: after a crash that takes as long as it takes.
        if ((error as { code?: string }).code === '57P03') deadline = performance.now() + START_TIMEOUT_MS;
        if (performance.now() > deadline)
          throw new Error(`PostgreSQL does not answer. ${start?.readLog() ?? ''}`, { cause: error });
      }
      if (start?.hasFailed()) throw new Error(`PostgreSQL does not start:\n${start.readLog()}`);
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
    // `end` follows, and is what is listened to.
    client.on('error', () => undefined);
    try {
      await client.connect();
      // Waits while another process stops PostgreSQL, which ends this connection: then it is started again.
      await client.query(`/* database.joinOthers */ select pg_advisory_lock_shared($1)`, [PRESENCE_LOCK]);
      return client;
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  private start(): Start {
    const { log, settings, dataDir } = this.options;
    log.info('starting the embedded PostgreSQL');
    removeMisleadingLocks(this.cluster.dir);
    const args = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    return startPostgres(this.cluster, args, path.join(dataDir, 'postgres.log'));
  }
}

/**
 * Of processes that leave at the same time, exactly one is the last: each lets go of its share before it tries to get
 * the whole, so the last to let go gets it, unless another has it and is stopping PostgreSQL already.
 */
async function isLast(presence: Client): Promise<boolean> {
  await presence.query(`/* database.leaveOthers */ select pg_advisory_unlock_shared($1)`, [PRESENCE_LOCK]);
  const { rows } = await presence.query<{ taken: boolean }>(
    `/* database.isLast */ select pg_try_advisory_lock($1) as taken`,
    [PRESENCE_LOCK],
  );
  return rows[0]?.taken === true;
}

function socketOf(client: Client): Socket {
  return client.connection.stream as Socket;
}
