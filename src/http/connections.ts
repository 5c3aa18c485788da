import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Makes `app.close()` end the connections: at once those that carry no request, the others with their answer, and after
 * `waitMs` whatever is left. Node by itself waits for clients that have connected and say nothing, that stopped in the
 * middle of a request, or that were promised to be kept alive by the last answer before.
 */
export function endConnectionsOnClose(app: FastifyInstance, waitMs: number): void {
  /** Its latest answer: the others of a connection come before it. A listener per answer would cost 2 µs of each event. */
  const latest = new Map<Socket, ServerResponse | null>();
  let isClosing = false;
  let timer: NodeJS.Timeout | undefined;

  const watch = (socket: Socket): void => {
    latest.set(socket, null);
    socket.once('close', () => latest.delete(socket));
  };
  const isRunning = (socket: Socket): boolean => latest.get(socket)?.closed === false;

  app.server.on('connection', (socket: Socket) => {
    if (isClosing) socket.destroy();
    else watch(socket);
  });
  app.addHook('onRequest', ({ raw: { socket } }, { raw: response }, done) => {
    // For `localhost`, Fastify listens with a second server, whose connections nobody tells us of.
    if (!latest.has(socket)) watch(socket);
    latest.set(socket, response);
    done();
  });
  app.addHook('preClose', (done) => {
    isClosing = true;
    for (const [socket, response] of latest) {
      if (response && isRunning(socket)) endAfter(response, socket);
      else socket.destroy();
    }
    timer = setTimeout(() => {
      for (const socket of latest.keys()) socket.destroy();
    }, waitMs);
    done();
  });
  app.addHook('onClose', async () => {
    // Fastify does not wait for the connections of its second server. By the socket and not by the answer: one that is
    // queued behind another (pipelining) is never told that its connection is gone. Not by `once` of node:events, which
    // would throw what a client's reset makes of the socket.
    await Promise.all(
      [...latest.keys()].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
    clearTimeout(timer);
  });
}

function endAfter(response: ServerResponse, socket: Socket): void {
  // What is on its way to a slow client has promised to keep the connection.
  if (response.headersSent) response.once('close', () => socket.destroySoon());
  else response.setHeader('connection', 'close');
}
