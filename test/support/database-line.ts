import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { Client } from 'pg';

/** The line between a server and its database, to be cut like a real one. */
export interface DatabaseLine {
  /** Leads to the database over the line. */
  readonly url: string;
  /** As if the database had stopped: what is open is reset, what comes is refused. */
  cut(): Promise<void>;
  /** As if a cable were pulled: nothing goes through any more, and nobody is told. */
  freeze(): void;
  /** Ends both. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function openDatabaseLine(databaseUrl: string): Promise<DatabaseLine> {
  const { host, port, user = '', password = '', database = '' } = new Client(databaseUrl);
  const target = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
  const sockets = new Set<Socket>();
  let isFrozen = false;

  const server = createServer((near) => {
    const far = connect(target);
    sockets.add(near);
    near.on('data', (chunk) => void (isFrozen || far.write(chunk)));
    far.on('data', (chunk) => void (isFrozen || near.write(chunk)));
    near.on('error', () => near.destroy()).on('close', () => far.destroy() && sockets.delete(near));
    far.on('error', () => far.destroy()).on('close', () => isFrozen || near.destroy());
  });
  const listen = async (at: number): Promise<number> => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const cut = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  const listensAt = await listen(0);
  return {
    url: `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}@127.0.0.1:${listensAt}/${database}`,
    cut,
    freeze: () => (isFrozen = true),
    restore: async () => {
      await cut();
      isFrozen = false;
      await listen(listensAt);
    },
    close: cut,
  };
}
