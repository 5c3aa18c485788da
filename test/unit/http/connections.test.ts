import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { endConnectionsOnClose } from '../../../src/http/connections';

const WAIT_MS = 300;

let app: FastifyInstance;
let answerSlow: () => void;
let asked: Promise<unknown>;

beforeEach(async () => {
  app = fastify();
  endConnectionsOnClose(app, WAIT_MS);
  let tell: (value: unknown) => void;
  asked = new Promise((resolve) => (tell = resolve));
  app.get('/slow', (_request, reply) => {
    answerSlow = () => void reply.send('slow');
    return reply;
  });
  app.get('/fast', () => {
    tell(undefined);
    return 'fast';
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
});

/** A connection with two requests on it, of which the second one is done and waits for its turn. */
async function pipeline(): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString())).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('GET /slow HTTP/1.1\r\nhost: a\r\n\r\nGET /fast HTTP/1.1\r\nhost: a\r\n\r\n');
  await asked;
  return { socket, text: () => received };
}

test('pipelined requests are answered before the connection ends', async () => {
  const { socket, text } = await pipeline();
  const closing = app.close();
  answerSlow();
  await Promise.all([closing, once(socket, 'close')]);

  expect(text()).toMatch(/slow.*fast/s);
});

test.each([
  ['hangs up on', (socket: Socket) => socket.destroy()],
  ['resets the connection of', (socket: Socket) => socket.resetAndDestroy()],
])('a stop ends when a client %s pipelined requests', async (_what, leave) => {
  const { socket } = await pipeline();
  const closing = app.close();
  // The stop waits for the answers by then.
  await new Promise((resolve) => setTimeout(resolve, WAIT_MS / 3));
  leave(socket);

  await closing;
});

test('a stop ends pipelined requests that are not answered in time', async () => {
  const { socket } = await pipeline();
  const startedAt = performance.now();
  await Promise.all([app.close(), once(socket, 'close')]);

  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(WAIT_MS - 20);
});
