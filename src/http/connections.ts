import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Makes `app.close()` end the connections: at once those that carry no request, the others with their answer, and after
 * `waitMs` whatever is left. Node by itself waits for clients that have connected and say nothing, that stopped in the
 * middle of a request, or that were promised to be kept alive by the last answer before.
 */
export function endConnectionsOnClose(app: FastifyInstance, waitMs: number): void {
  const sockets = new Set<Socket>();
  const running = new Set<ServerResponse>();
  let isClosing = false;
  let timer: NodeJS.Timeout | undefined;

  app.server.on('connection', (socket: Socket) => {
    if (isClosing) return void socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  app.addHook('onRequest', (_request, { raw: response }, done) => {
    running.add(response);
    response.once('close', () => running.delete(response));
    done();
  });
  app.addHook('preClose', (done) => {
    isClosing = true;
    for (const response of running) endAfter(response);
    const busy = new Set([...running].map(({ socket }) => socket));
    for (const socket of sockets) if (!busy.has(socket)) socket.destroy();
    timer = setTimeout(() => {
      for (const { socket } of running) socket?.destroy();
      app.server.closeAllConnections();
    }, waitMs);
    done();
  });
  app.addHook('onClose', async () => {
    // For `localhost`, Fastify listens with a second server, whose requests it does not wait for.
    await Promise.all([...running].map((response) => once(response, 'close')));
    clearTimeout(timer);
  });
}

function endAfter(response: ServerResponse): void {
  const { socket } = response;
  // What is on its way to a slow client has promised to keep the connection.
  if (response.headersSent) response.once('close', () => socket?.destroySoon());
  else response.setHeader('connection', 'close');
}
