import { mkdtempSync, chmodSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { openEmbeddedPostgres } from '../../dist/src/database/embedded-postgres.js';
import { createLogger } from '../../dist/src/log.js';
import { PEER_INDEXES, PEER_TABLES } from './peer-tables.mjs';
import { cpuSecondsOfFamily } from './process-usage.mjs';

const TMPFS = 0x01021994;

/**
 * The PostgreSQL that comes with Fluxgate, for everybody, in a folder of its own, which is removed in the end. As in
 * production: `fsync` and `synchronous_commit` are on.
 */
export class Postgres {
  #folder;
  #server;

  /** @param {string} folder @param {import('../../src/database/server.ts').Server} server */
  constructor(folder, server) {
    this.#folder = folder;
    this.#server = server;
  }

  /** @param {string} parent Folder on a real disk; empty: that for temporary files. */
  static async start(parent) {
    const place = path.resolve(parent || tmpdir());
    if (statfsSync(place).type === TMPFS)
      throw new Error(
        'The folder for the database lies in memory, where fsync costs nothing: set --data-dir.',
      );
    const folder = mkdtempSync(path.join(place, 'fluxgate-bench-'));
    // When we are root, PostgreSQL runs as another user, who has to get in.
    chmodSync(folder, 0o755);
    return new Postgres(folder, await openEmbeddedPostgres({ dataDir: folder, log: createLogger('warn') }));
  }

  async stop() {
    await this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @param {string} name @param {{ forPeers: boolean }} options `forPeers`: with their tables. */
  async createDatabase(name, { forPeers }) {
    await this.query('postgres', `create database ${name}`);
    if (forPeers) await this.query(name, PEER_TABLES + ';' + PEER_INDEXES);
  }

  /**
   * The environment of a process that is to use this database: PG* is what `pg` reads by itself.
   * @param {string} database
   * @returns {Record<string, string>}
   */
  environmentOf(database) {
    const { host = '', port, user = '', password } = this.#server.connection;
    return {
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGPASSWORD: String(password),
      PGDATABASE: database,
      DATABASE_URL: `postgresql://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`,
    };
  }

  /**
   * One statement, or several, on a connection of its own. Answers the rows of the (last) one.
   * @param {string} database @param {string} text
   * @returns {Promise<any[]>}
   */
  async query(database, text) {
    const client = new pg.Client({ ...this.#server.connection, database });
    await client.connect();
    try {
      const result = await client.query(text);
      return (Array.isArray(result) ? result[result.length - 1] : result).rows;
    } finally {
      await client.end();
    }
  }

  /** @param {string} database @param {string} table */
  async countRows(database, table) {
    const [{ count }] = await this.query(database, `select count(*)::float8 as count from ${table}`);
    return /** @type {number} */ (count);
  }

  /** So that no round pays for what the one before it left to be written. */
  async checkpoint() {
    await this.query('postgres', 'checkpoint');
  }

  async version() {
    const [{ version }] = await this.query('postgres', `select current_setting('server_version') as version`);
    return /** @type {string} */ (version);
  }

  /** Of all its processes so far, those that ended included. null: this system does not tell. */
  cpuSeconds() {
    const [pid] = readFileSync(path.join(this.#server.connection.host ?? '', 'postmaster.pid'), 'utf8').split(
      '\n',
    );
    return cpuSecondsOfFamily(Number(pid));
  }
}
