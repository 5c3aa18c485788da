import { Counter, Histogram } from 'prom-client';
import { ApiError, type ErrorCode } from '../errors';

/** What became of an acknowledged event. */
type Status = 'ACCEPTED' | 'DUPLICATE';

const FLUSH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
const FLUSH_BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts what becomes of events, and measures the flushes that store them. */
export class EventMeter {
  private readonly acknowledgedCounts: Record<Status, number> = { ACCEPTED: 0, DUPLICATE: 0 };
  /** Known ones from the start, else `rate()` overlooks the first refusal. */
  private readonly refusedCounts = new Map<ErrorCode, number>(
    (['BAD_USER_INPUT', 'EVENT_NOT_ALLOWED', 'SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR'] as const).map(
      (code) => [code, 0],
    ),
  );
  private readonly sizes = new Histogram({
    name: 'fluxgate_flush_events',
    help: 'Events of one flush.',
    buckets: FLUSH_SIZES,
    registers: [],
  });
  private readonly durations = new Histogram({
    name: 'fluxgate_flush_duration_seconds',
    help: 'From handing a flush to the database to its COMMIT, or to its failure.',
    labelNames: ['outcome'],
    buckets: FLUSH_BOUNDS_SECONDS,
    registers: [],
  });
  private readonly stored = this.durations.labels('stored');
  private readonly failed = this.durations.labels('failed');
  readonly instruments = [
    this.createAcknowledgedCounter(),
    this.createRefusedCounter(),
    this.sizes,
    this.durations,
  ];

  /** The same flush, measured. */
  measure<Item>(flush: (items: readonly Item[]) => Promise<Status[]>): typeof flush {
    return async (items) => {
      const startedAtMs = performance.now();
      this.sizes.observe(items.length);
      try {
        const statuses = await flush(items);
        this.stored.observe((performance.now() - startedAtMs) / 1000);
        for (const status of statuses) this.acknowledgedCounts[status] += 1;
        return statuses;
      } catch (error) {
        this.failed.observe((performance.now() - startedAtMs) / 1000);
        throw error;
      }
    };
  }

  /** Counts events that were not stored, and answers why they were not: `throw meter.refused(error)`. */
  refused<Reason>(reason: Reason, eventCount = 1): Reason {
    const code = reason instanceof ApiError ? reason.code : 'INTERNAL_SERVER_ERROR';
    this.refusedCounts.set(code, (this.refusedCounts.get(code) ?? 0) + eventCount);
    return reason;
  }

  private createAcknowledgedCounter(): Counter {
    const { acknowledgedCounts } = this;
    return new Counter({
      name: 'fluxgate_events_acknowledged_total',
      help: 'Events in committed flushes: new ones, and repeats of a message id.',
      labelNames: ['status'],
      registers: [],
      collect() {
        this.reset();
        for (const [status, count] of Object.entries(acknowledgedCounts)) this.inc({ status }, count);
      },
    });
  }

  private createRefusedCounter(): Counter {
    const { refusedCounts } = this;
    return new Counter({
      name: 'fluxgate_events_refused_total',
      help: 'Events that were looked at and not stored.',
      labelNames: ['code'],
      registers: [],
      collect() {
        this.reset();
        for (const [code, count] of refusedCounts) this.inc({ code }, count);
      },
    });
  }
}
