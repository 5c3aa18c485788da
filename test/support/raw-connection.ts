import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { within } from './within';

const TIMEOUT_MS = 30_000;

/** A TCP connection of a client that does not behave: it says nothing, or stops in the middle. */
export class RawConnection {
  /** All that the server sent. */
  received = '';
  private isClosed = false;
  private readonly socket: Socket;

  private constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.setEncoding('utf8').on('data', (text: string) => (this.received += text));
    // A reset is a close too.
    this.socket.on('error', () => undefined).on('close', () => (this.isClosed = true));
  }

  static async open(url: string): Promise<RawConnection> {
    const connection = new RawConnection(url);
    await once(connection.socket, 'connect');
    return connection;
  }

  write(text: string): void {
    this.socket.write(text);
  }

  /** Resolves when the server has sent this. */
  hasReceived(text: string): Promise<void> {
    return within(TIMEOUT_MS, () => Promise.resolve(this.received.includes(text)));
  }

  /** Resolves when the server has closed it. */
  hasClosed(): Promise<void> {
    return within(TIMEOUT_MS, () => Promise.resolve(this.isClosed));
  }
}
