/** What a client knows of an event after the answer, or after there was none. */
export type Outcome = 'ACKNOWLEDGED' | 'REFUSED' | 'UNKNOWN';

/** A row of the database for one ticket: how many events carry it, and how many keys guard their message ids. */
export interface StoredTicket {
  readonly ticket: string;
  readonly events: number;
  readonly keys: number;
}

/** What the load driver wrote down: each event has a ticket of its own, which it carries into the database. */
export class Ledger {
  private readonly outcomes = new Map<string, Outcome>();

  /** Only what was unknown may be written again: nothing else is sent twice. */
  write(ticket: string, outcome: Outcome): void {
    const known = this.outcomes.get(ticket);
    if (known !== undefined && known !== 'UNKNOWN') throw new Error(`${ticket} was ${known} already.`);
    this.outcomes.set(ticket, outcome);
  }

  list(outcome: Outcome): string[] {
    return [...this.outcomes].filter(([, written]) => written === outcome).map(([ticket]) => ticket);
  }

  count(outcome: Outcome): number {
    let count = 0;
    for (const written of this.outcomes.values()) if (written === outcome) count += 1;
    return count;
  }
}

/** Tickets for which the promise was broken; all lists are empty when it was kept. */
export interface Verdict {
  /** Acknowledged, and not there. */
  readonly lost: readonly string[];
  /** Refused, and there all the same. */
  readonly storedThoughRefused: readonly string[];
  /** There more than once, as an event or as a key. */
  readonly repeated: readonly string[];
  /** An event without its key would be stored again when it is sent again. */
  readonly withoutKey: readonly string[];
  /** There, and nobody sent it. */
  readonly unsent: readonly string[];
}

export const KEPT: Verdict = { lost: [], storedThoughRefused: [], repeated: [], withoutKey: [], unsent: [] };

/** The set test. What is unknown may be there or not, but not twice. */
export function judge(ledger: Ledger, stored: readonly StoredTicket[]): Verdict {
  const there = new Set(stored.map(({ ticket }) => ticket));
  const sent = new Set((['ACKNOWLEDGED', 'REFUSED', 'UNKNOWN'] as const).flatMap((o) => ledger.list(o)));
  const ticketsOf = (rows: readonly StoredTicket[]) => rows.map(({ ticket }) => ticket);
  return {
    lost: ledger.list('ACKNOWLEDGED').filter((ticket) => !there.has(ticket)),
    storedThoughRefused: ledger.list('REFUSED').filter((ticket) => there.has(ticket)),
    repeated: ticketsOf(stored.filter(({ events, keys }) => events > 1 || keys > 1)),
    withoutKey: ticketsOf(stored.filter(({ keys }) => keys === 0)),
    unsent: [...there].filter((ticket) => !sent.has(ticket)),
  };
}
