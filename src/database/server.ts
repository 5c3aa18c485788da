import { Client, type ClientConfig } from 'pg';
import { splitHosts } from '../lib/database-url';

/** How to connect: `new connection.Client(connection)` or `new Pool(connection)`. */
export interface Connection extends ClientConfig {
  /** Finds its way to the host that accepts writes, where there are several. */
  readonly Client: typeof Client;
}

/** A PostgreSQL to connect to. */
export interface Server {
  readonly connection: Connection;
  /** Lets go of it; stops it when it is ours and nobody else uses it. */
  close(): Promise<void>;
}

/** In pg_stat_activity. PgBouncer tracks this start-up parameter, and so accepts it. */
export const APPLICATION_NAME = 'fluxgate';

const PROBE_TIMEOUT_MS = 2_000;
/** A host that does not answer at all; the system's own patience is minutes. */
const CONNECT_TIMEOUT_MS = 10_000;

/** The server of DATABASE_URL. With several hosts, each new connection goes to the one that accepts writes then. */
export function createRemoteServer(url: string): Server {
  const urls = splitHosts(url);
  return {
    connection: {
      connectionString: urls[0],
      application_name: APPLICATION_NAME,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      Client: urls.length > 1 ? createFailoverClient(urls) : Client,
    },
    close: () => Promise.resolve(),
  };
}

/**
 * A client that asks the hosts before it connects. A connection that is open stays with its host: after a failover
 * it breaks or answers 25006, is thrown away by `inTransaction` or the pool, and its successor asks again.
 */
function createFailoverClient(urls: readonly string[]): typeof Client {
  let order = urls;
  const chooseHost = async (): Promise<{ host: string; port: number }> => {
    const writable = await findWritable(order);
    // The last one that was right is asked first: a dead host costs a time-out each time.
    order = [writable, ...urls.filter((url) => url !== writable)];
    return new Client(writable);
  };
  return class FailoverClient extends Client {
    override connect(): Promise<Client>;
    override connect(callback: (error: Error | null, client: Client) => void): void;
    override connect(callback?: (error: Error | null, client: Client) => void): Promise<Client> | void {
      const connected = chooseHost().then(({ host, port }) => {
        Object.assign(this, { host, port });
        return super.connect();
      });
      if (!callback) return connected;
      connected.then(
        () => callback(null, this),
        (error: Error) => callback(error, this),
      );
    }
  };
}

/** Throws with the code of a read-only server, which is a connection fault, and with the last host's error as cause. */
async function findWritable(urls: readonly string[]): Promise<string> {
  let cause: unknown;
  for (const url of urls) {
    try {
      if (await acceptsWrites(url)) return url;
    } catch (error) {
      cause = error;
    }
  }
  throw Object.assign(new Error('No host of DATABASE_URL accepts writes.', { cause }), { code: '25006' });
}

async function acceptsWrites(url: string): Promise<boolean> {
  const client = new Client({
    connectionString: url,
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: PROBE_TIMEOUT_MS,
    query_timeout: PROBE_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ writable: boolean }>(
      `/* database.acceptsWrites */
       select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as writable`,
    );
    return rows[0]?.writable === true;
  } finally {
    void client.end();
  }
}
