import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Attributes, Link, Span } from '@opentelemetry/api';
import type { Config } from '../config';
import type { Logger } from '../log';
import { loadOpenTelemetry, type OpenTelemetry } from './open-telemetry';
import type { Door, Outcome } from './request-meter';

/** Spans that wait to be sent are given up after so long: a receiver that is away must not hold up a stop. */
const STOP_TIMEOUT_MS = 2_000;
/** OpenTelemetry keeps no more. */
const MAX_LINKS = 128;

/** null without OTEL_EXPORTER_OTLP_ENDPOINT: then no request pays anything. */
export async function startTracing(config: Config, log: Logger): Promise<Tracing | null> {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  return endpoint === undefined ? null : new Tracing(await loadOpenTelemetry(endpoint, log));
}

/**
 * One span per request and one per flush. Beside the caller's own trace context no span holds a key, an id, an address or
 * a value of a request.
 */
export class Tracing {
  private readonly current = new AsyncLocalStorage<Span>();
  private readonly senders = new WeakMap<object, Span>();

  constructor(private readonly otel: OpenTelemetry) {}

  /** Below the caller's span, if its `traceparent` names one. `route` is a pattern of ours, never a path. */
  startRequest(method: string, route: string | undefined, headers: IncomingHttpHeaders): Span {
    const { api, propagator } = this.otel;
    const parent = propagator.extract(api.ROOT_CONTEXT, headers, api.defaultTextMapGetter);
    return this.tracer.startSpan(
      route === undefined ? method : `${method} ${route}`,
      {
        kind: api.SpanKind.SERVER,
        attributes: { 'http.request.method': method, ...(route !== undefined && { 'http.route': route }) },
      },
      parent,
    );
  }

  /** What `work` starts belongs to this request, however long it takes. */
  runIn(span: Span, work: () => void): void {
    this.current.run(span, work);
  }

  endRequest(span: Span, status: number): void {
    span.setAttribute('http.response.status_code', status);
    // By OpenTelemetry's conventions, what the client did wrong is no error of the server.
    if (status >= 500) span.setStatus({ code: this.otel.api.SpanStatusCode.ERROR });
    span.end();
  }

  /** Tells the current request's span what was asked and how it ended. */
  readonly describeRequest = (door: Door, operation: string, outcome: Outcome): void => {
    const span = this.current.getStore();
    span?.setAttributes({ 'fluxgate.operation': operation, 'fluxgate.outcome': outcome });
    if (door === 'graphql') span?.updateName(`graphql ${operation}`);
  };

  /** Remembers that the current request sent this, and answers it. */
  sentNow<Item extends object>(item: Item): Item {
    const span = this.current.getStore();
    if (span?.isRecording()) this.senders.set(item, span);
    return item;
  }

  /**
   * The same flush, with a span that is below the first of the requests that wait for it and linked to the others: so it
   * is recorded when one of them is. A flush of requests that are not recorded has none.
   */
  traceFlush<Item extends object, Result>(flush: (items: readonly Item[]) => Promise<Result>): typeof flush {
    return async (items) => {
      const [first, ...others] = new Set(items.flatMap((item) => this.senders.get(item) ?? []));
      if (!first) return flush(items);
      const span = this.startFlush(items.length, first, others);
      try {
        return await flush(items);
      } catch (error) {
        span.setStatus({ code: this.otel.api.SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    };
  }

  async stop(): Promise<void> {
    const timedOut = new Promise<void>((resolve) => setTimeout(resolve, STOP_TIMEOUT_MS).unref());
    await Promise.race([this.otel.provider.shutdown().catch(() => undefined), timedOut]);
  }

  private get tracer() {
    return this.otel.provider.getTracer('fluxgate');
  }

  private startFlush(eventCount: number, first: Span, others: readonly Span[]): Span {
    const { api } = this.otel;
    const links = others.slice(0, MAX_LINKS).map((span): Link => ({ context: span.spanContext() }));
    const attributes: Attributes = { 'db.system.name': 'postgresql', 'fluxgate.event_count': eventCount };
    const parent = api.trace.setSpan(api.ROOT_CONTEXT, first);
    return this.tracer.startSpan('flush', { kind: api.SpanKind.CLIENT, attributes, links }, parent);
  }
}
