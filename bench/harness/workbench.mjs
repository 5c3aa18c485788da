import { createKeys, FLUXGATE_NODE_OPTIONS, FLUXGATE_PROGRAM, fluxgateEnvironment } from './fluxgate.mjs';
import { LoadGenerator } from './load.mjs';
import { Postgres } from './postgres.mjs';
import { ServerProcess } from './server-process.mjs';

/** What all benchmarks stand on: one PostgreSQL, one load generator, and the servers under test. */
export class Workbench {
  load = new LoadGenerator();
  postgres;
  #flags;
  /** @type {ServerProcess[]} */
  #servers = [];
  #isClosing = false;

  /** @param {Postgres} postgres @param {import('../flags.mjs').Flags} flags */
  constructor(postgres, flags) {
    this.postgres = postgres;
    this.#flags = flags;
  }

  /** @param {import('../flags.mjs').Flags} flags */
  static async open(flags) {
    return new Workbench(await Postgres.start(flags.dataDir), flags);
  }

  /** Fluxgate with a database of its own. @param {string} database */
  async startFluxgate(database) {
    await this.postgres.createDatabase(database, { forPeers: false });
    const { DATABASE_URL } = this.postgres.environmentOf(database);
    const { profile } = this.#flags;
    const started = await this.#start(FLUXGATE_PROGRAM, {
      environment: fluxgateEnvironment(DATABASE_URL),
      nodeOptions: [
        ...FLUXGATE_NODE_OPTIONS,
        ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
      ],
    });
    return { ...started, database, ...(await createKeys(started.url)) };
  }

  /**
   * A program of `bench/peers` on a database that is there.
   * @param {string} name @param {string} database
   */
  async startPeer(name, database) {
    const environment = this.postgres.environmentOf(database);
    return { ...(await this.#start(`bench/peers/${name}.mjs`, { environment })), database };
  }

  /** @param {string} program @param {{ environment: Record<string, string>, nodeOptions?: string[] }} options */
  async #start(program, options) {
    // After Ctrl-C the benchmark runs on until it needs something.
    if (this.#isClosing) throw new Error('Closing.');
    const server = new ServerProcess(program, options);
    this.#servers.push(server);
    const url = await server.waitForUrl();
    return { server, url, port: Number(url.port) };
  }

  async close() {
    this.#isClosing = true;
    this.load.stop();
    await Promise.allSettled(this.#servers.map((server) => server.stop()));
    await this.postgres.stop();
  }
}
