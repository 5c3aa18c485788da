import { Counter, Histogram } from 'prom-client';
import type { ErrorCode } from '../errors';

/** `graphql` and `rest` are the APIs; `other` is what reached neither: an unknown path, a probe, no HTTP at all. */
export type Door = 'graphql' | 'rest' | 'other';
export type Outcome = 'OK' | ErrorCode;

/**
 * Of a request that was refused before anybody knew what it asks for. All other names are root fields of the schema and
 * REST routes, never what a client chose: each name is a series that Prometheus keeps.
 */
export const UNKNOWN_OPERATION = 'unknown';

/** Codes that are our trouble. Shown as 0 from an operation's first request on, else `rate()` overlooks the first one. */
const OUR_TROUBLE = ['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE'] as const;
const DURATION_BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Tally {
  okCount: number;
  readonly refusedCounts: Map<ErrorCode, number>;
  readonly duration: { observe(seconds: number): void };
}

/**
 * Counts answered requests. A request pays an addition, and where durations are wanted (`isTimed`) less than a
 * microsecond more; Prometheus' own counters are filled when they are read.
 */
export class RequestMeter {
  private readonly tallies = {
    graphql: new Map<string, Tally>(),
    rest: new Map<string, Tally>(),
    other: new Map<string, Tally>(),
  };
  private readonly durations = new Histogram({
    name: 'fluxgate_request_duration_seconds',
    help: 'From the complete request to its answer, of requests that succeeded.',
    labelNames: ['door', 'operation'],
    buckets: DURATION_BOUNDS_SECONDS,
    registers: [],
  });
  readonly instruments = [this.createCounter(), this.durations];

  constructor(
    private readonly options: {
      readonly isTimed: boolean;
      /** Told of every answer, for traces. */
      readonly onAnswer?: ((door: Door, operation: string, outcome: Outcome) => void) | undefined;
    },
  ) {}

  /** `startedAtMs` by performance.now(). */
  succeed(door: Door, operation: string, startedAtMs: number): void {
    const tally = this.tallyOf(door, operation);
    tally.okCount += 1;
    if (this.options.isTimed) tally.duration.observe((performance.now() - startedAtMs) / 1000);
    this.options.onAnswer?.(door, operation, 'OK');
  }

  /** The first code of a request that was refused, or did not succeed wholly. */
  refuse(door: Door, operation: string, code: ErrorCode): void {
    const { refusedCounts } = this.tallyOf(door, operation);
    refusedCounts.set(code, (refusedCounts.get(code) ?? 0) + 1);
    this.options.onAnswer?.(door, operation, code);
  }

  private tallyOf(door: Door, operation: string): Tally {
    const tallies = this.tallies[door];
    let tally = tallies.get(operation);
    if (!tally) {
      const refusedCounts = new Map<ErrorCode, number>(OUR_TROUBLE.map((code) => [code, 0]));
      tally = { okCount: 0, refusedCounts, duration: this.durations.labels(door, operation) };
      tallies.set(operation, tally);
    }
    return tally;
  }

  private createCounter(): Counter {
    const tallies = this.tallies;
    return new Counter({
      name: 'fluxgate_requests_total',
      help: 'Answered requests.',
      labelNames: ['door', 'operation', 'outcome'],
      registers: [],
      collect() {
        this.reset();
        for (const [door, byOperation] of Object.entries(tallies)) {
          for (const [operation, { okCount, refusedCounts }] of byOperation) {
            this.inc({ door, operation, outcome: 'OK' }, okCount);
            for (const [outcome, count] of refusedCounts) this.inc({ door, operation, outcome }, count);
          }
        }
      },
    });
  }
}
