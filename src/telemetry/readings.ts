import { Gauge } from 'prom-client';

/** A pool of database connections; the `Pool` of pg is one. */
export interface PoolReading {
  readonly totalCount: number;
  readonly idleCount: number;
  /** Callers that wait for a connection. */
  readonly waitingCount: number;
  readonly options: { readonly max: number };
}

interface QueueReading {
  readonly events: number;
  readonly bytes: number;
}

/** What is read when somebody looks, and costs nothing in between. */
export interface Readings {
  readonly queue: { readonly depth: QueueReading; readonly capacity: QueueReading };
  /** By the name that the log uses too. */
  readonly pools: Readonly<Record<string, PoolReading>>;
  readonly policies: { readonly ageSeconds: number };
}

export function createGauges({ queue, pools, policies }: Readings): Gauge[] {
  return [
    gauge('fluxgate_queue_events', 'Events that wait for a flush or are in one.', () => queue.depth.events),
    gauge('fluxgate_queue_bytes', 'Bytes of these events.', () => queue.depth.bytes),
    gauge('fluxgate_queue_max_events', 'INGEST_QUEUE_EVENTS: beyond it, 503.', () => queue.capacity.events),
    gauge('fluxgate_queue_max_bytes', 'INGEST_QUEUE_BYTES: beyond it, 503.', () => queue.capacity.bytes),
    gauge(
      'fluxgate_policy_age_seconds',
      'Since the access rules in memory were last confirmed.',
      () => policies.ageSeconds,
    ),
    ...createPoolGauges(pools),
  ];
}

function createPoolGauges(pools: Readings['pools']): Gauge[] {
  const poolGauge = (name: string, help: string, read: (pool: PoolReading) => number): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: ['pool'],
      registers: [],
      collect() {
        for (const [pool, reading] of Object.entries(pools)) this.set({ pool }, read(reading));
      },
    });
  return [
    poolGauge('fluxgate_pool_connections', 'Open database connections.', (pool) => pool.totalCount),
    poolGauge('fluxgate_pool_idle_connections', 'Those that nobody uses now.', (pool) => pool.idleCount),
    poolGauge('fluxgate_pool_waiting', 'Callers that wait for a connection.', (pool) => pool.waitingCount),
    poolGauge('fluxgate_pool_max_connections', 'Size of the pool.', (pool) => pool.options.max),
  ];
}

function gauge(name: string, help: string, read: () => number): Gauge {
  return new Gauge({
    name,
    help,
    registers: [],
    collect() {
      this.set(read());
    },
  });
}
