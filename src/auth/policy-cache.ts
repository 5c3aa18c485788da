import pg from 'pg';
import type { Connection } from '../database/server';
import { unavailable } from '../errors';
import { warnNowAndThen, type Logger } from '../log';
import type { KeyPolicy } from './caller';
import { findKeyPolicy } from './key-policy.store';
import { POLICY_CHANNEL, readPolicyVersion } from './policy-version.store';

/** Between two polls of the version. NOTIFY usually comes first; the poll is what correctness rests on. */
const POLL_INTERVAL_MS = 400;
/** No request is judged by a policy that was confirmed longer ago: security.md rule 11 promises one second. */
const MAX_STALENESS_MS = 900;
const READ_POOL_SIZE = 2;
const MAX_KNOWN_KEYS = 50_000;
const MAX_UNKNOWN_KEYS = 10_000;

interface Entry {
  readonly version: string;
  readonly policy: KeyPolicy | null;
}

/**
 * Policies of integration keys by the digest of their secret (`digestSecret`), in memory. A known key costs no query: one connection
 * polls the version that every settings change increments, and an entry read under an older version is read anew.
 */
export class PolicyCache {
  private readonly known = new Map<string, Entry>();
  /** Apart from the known ones, so that a flood of invented keys evicts no real one. */
  private readonly unknown = new Map<string, Entry>();
  private readonly loading = new Map<string, Promise<KeyPolicy | null>>();
  private readonly pollPool: pg.Pool;
  private readonly readPool: pg.Pool;
  private listener: pg.Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private version = '';
  private confirmedAtMs = Number.NEGATIVE_INFINITY;
  private confirming: Promise<void> | undefined;

  constructor(private readonly options: { connection: Connection; log: Logger }) {
    // Connections of its own: slow API queries must keep neither the version nor a key from being read, and a flood of
    // invented keys must not keep the version from being read.
    this.pollPool = this.openPool(1);
    this.readPool = this.openPool(READ_POOL_SIZE);
  }

  /** Since it was known that no rule had changed. */
  get ageSeconds(): number {
    return (performance.now() - this.confirmedAtMs) / 1000;
  }

  async start(): Promise<void> {
    await this.confirm();
    this.timer = setInterval(() => void this.poll(), POLL_INTERVAL_MS);
    await this.listen();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.listener?.end().catch(() => undefined);
    await Promise.all([this.pollPool.end(), this.readPool.end()]);
  }

  private openPool(max: number): pg.Pool {
    const { connection, log } = this.options;
    const pool = new pg.Pool({
      ...connection,
      max,
      connectionTimeoutMillis: MAX_STALENESS_MS,
      query_timeout: MAX_STALENESS_MS,
    });
    pool.on('error', (error) => log.debug({ err: error }, 'policy connection lost'));
    return pool;
  }

  /** The policy of a key that is known, at most a second old; null: `find` has to tell. */
  findInMemory(digest: string): KeyPolicy | null {
    if (this.isUnconfirmed()) return null;
    const entry = this.known.get(digest);
    return entry?.version === this.version ? entry.policy : null;
  }

  /** The policy, at most a second old; null for a key that is unknown or revoked. Throws SERVICE_UNAVAILABLE. */
  async find(digest: string): Promise<KeyPolicy | null> {
    if (this.isUnconfirmed()) await this.confirm();
    const entry = this.known.get(digest) ?? this.unknown.get(digest);
    return entry?.version === this.version ? entry.policy : this.load(digest);
  }

  private isUnconfirmed(): boolean {
    return performance.now() - this.confirmedAtMs > MAX_STALENESS_MS;
  }

  /**
   * Single-flight per key and version: a read that began under an older one may have missed the change. The version is
   * taken before the read, so a change during the read makes the entry stale.
   */
  private load(digest: string): Promise<KeyPolicy | null> {
    const version = this.version;
    const flight = `${version} ${digest}`;
    const running = this.loading.get(flight);
    if (running) return running;
    const read = findKeyPolicy(this.readPool, Buffer.from(digest, 'latin1'))
      .then((policy) => {
        this.remember(digest, { version, policy });
        return policy;
      })
      .finally(() => this.loading.delete(flight));
    this.loading.set(flight, read);
    return read;
  }

  private remember(digest: string, entry: Entry): void {
    this.known.delete(digest);
    this.unknown.delete(digest);
    const [entries, limit] = entry.policy ? [this.known, MAX_KNOWN_KEYS] : [this.unknown, MAX_UNKNOWN_KEYS];
    const [oldest] = entries.keys();
    if (entries.size >= limit && oldest !== undefined) entries.delete(oldest);
    entries.set(digest, entry);
  }

  private confirm(): Promise<void> {
    this.confirming ??= this.readVersion().finally(() => (this.confirming = undefined));
    return this.confirming;
  }

  private async readVersion(): Promise<void> {
    const startedAtMs = performance.now();
    try {
      this.version = await readPolicyVersion(this.pollPool);
    } catch (error) {
      throw unavailable('Access rules cannot be confirmed now. Try again.', error);
    }
    this.confirmedAtMs = startedAtMs;
  }

  private async poll(): Promise<void> {
    try {
      await this.confirm();
      if (!this.listener && this.timer) await this.listen();
    } catch (error) {
      warnNowAndThen(this.options.log, { err: error }, 'access rules cannot be confirmed');
    }
  }

  /** A cut listener is replaced at the next poll that succeeds. */
  private async listen(): Promise<void> {
    const { connection } = this.options;
    const listener = new connection.Client(connection);
    this.listener = listener;
    const forget = (): void => {
      if (this.listener === listener) this.listener = undefined;
    };
    listener.on('error', forget).on('end', forget);
    listener.on('notification', () => void this.poll());
    try {
      await listener.connect();
      await listener.query(`/* auth.listenForPolicyChanges */ listen ${POLICY_CHANNEL}`);
    } catch (error) {
      forget();
      this.options.log.debug({ err: error }, 'no policy notifications; the poll goes on');
    }
  }
}
