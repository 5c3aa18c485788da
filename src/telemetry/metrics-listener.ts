import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Registry, type Metric } from 'prom-client';
import type { Config } from '../config';
import type { Logger } from '../log';

export interface MetricsListener {
  /** Where Prometheus reads, e.g. http://127.0.0.1:9464/metrics. */
  readonly url: string;
  close(): Promise<void>;
}

/** All instruments, and those of the Node process. */
export function createRegistry(instruments: readonly Metric[]): Registry {
  const registry = new Registry();
  for (const instrument of instruments) registry.registerMetric(instrument);
  collectDefaultMetrics({ register: registry });
  return registry;
}

/**
 * `GET /metrics` on a port of its own, so that nobody who can only reach the API can read it. Throws an Error that says
 * what to do when the port is taken.
 */
export async function startMetricsListener(
  registry: Registry,
  { config, log }: { config: Config; log: Logger },
): Promise<MetricsListener> {
  const { TELEMETRY_HOST: host, TELEMETRY_PORT: port } = config;
  const server = createServer((request, response) => {
    answer(registry, request, response).catch((error: unknown) => {
      log.error({ err: error }, 'metrics could not be read');
      response.writeHead(500).end();
    });
  });
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw cannotListen(cause as NodeJS.ErrnoException, config);
  }
  const { address, family, port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}/metrics`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url?.replace(/\?.*$/s, '') !== '/metrics') return refuse(response, 404, 'NOT_FOUND');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return refuse(response, 405, 'BAD_USER_INPUT');
  }
  const text = await registry.metrics();
  response.writeHead(200, { 'content-type': registry.contentType }).end(text);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const message = 'Only GET /metrics is here.';
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    .end(JSON.stringify({ error: { code, message } }));
}

function cannotListen(cause: NodeJS.ErrnoException, config: Config): Error {
  const { TELEMETRY_HOST: host, TELEMETRY_PORT: port } = config;
  const why =
    cause.code === 'EADDRINUSE'
      ? `port ${port} of ${host} is in use already. Each process needs one of its own; 0 picks a free one.`
      : cause.message;
  return new Error(`Cannot listen on TELEMETRY_HOST and TELEMETRY_PORT: ${why}`, { cause });
}
