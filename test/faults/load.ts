import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/lib/uuid';
import { within } from '../support/within';
import { DOORS, type Door, type Ticket } from './doors';
import { Ledger } from './ledger';
import { sendTickets } from './send';

/** Each door twice: requests meet in one flush, and there is always one under way. */
const SENDERS = DOORS.length * 2;
/** Every tenth event has to be refused, so that the refused are never an empty set. */
const BAD_SHARE = 0.1;
/** Leaves the machine some room for starting processes: what is tested is not how much can be sent. */
const PAUSE_MS = 10;
const PAUSE_AFTER_FAILURE_MS = 200;
const AGAIN_AT_ONCE = 16;
const PATIENCE_MS = 60_000;

/** Where to send: may change while the load runs, as servers die and others are started. */
export type Target = () => string;

/** Sends events through all doors until it is stopped, and writes down what became of each. */
export class Load {
  readonly ledger = new Ledger();
  /** What was said to how many requests. The first thing to read when a check fails. */
  readonly said = new Map<string, number>();
  private readonly unknown = new Map<string, { door: Door; ticket: Ticket }>();
  private senders: Promise<void>[] = [];
  private isStopped = true;

  constructor(
    private readonly targets: readonly Target[],
    private readonly bearer: string,
  ) {}

  start(): this {
    this.isStopped = false;
    this.senders = Array.from({ length: SENDERS }, (_, index) => this.send(index));
    return this;
  }

  /** Resolves when so many more events are acknowledged: the service works, or works again. */
  async hasAcknowledgedMore(count: number): Promise<void> {
    const goal = this.ledger.count('ACKNOWLEDGED') + count;
    await within(PATIENCE_MS, () => Promise.resolve(this.ledger.count('ACKNOWLEDGED') >= goal));
  }

  /** Resolves when every request has been answered or cut off. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.senders);
  }

  /** What a client does that got no answer: the same event through the same door, until it is acknowledged. */
  async sendUnknownAgain(): Promise<void> {
    await within(PATIENCE_MS, async () => {
      const waiting = [...this.unknown.values()];
      while (waiting.length > 0) {
        const some = waiting.splice(0, AGAIN_AT_ONCE);
        await Promise.all(some.map(({ door, ticket }) => this.sendOnce(door, [ticket], this.targets[0]!)));
      }
      return this.unknown.size === 0;
    });
  }

  private async send(index: number): Promise<void> {
    const door = DOORS[index % DOORS.length]!;
    const target = this.targets[index % this.targets.length]!;
    while (!this.isStopped) {
      const tickets = Array.from({ length: door.batchSize }, makeTicket);
      const isSettled = await this.sendOnce(door, tickets, target);
      await sleep(isSettled ? PAUSE_MS : PAUSE_AFTER_FAILURE_MS);
    }
  }

  /** Answers whether the request got an answer that settles it. */
  private async sendOnce(door: Door, tickets: readonly Ticket[], target: Target): Promise<boolean> {
    const { outcomes, said } = await sendTickets({ url: target(), bearer: this.bearer }, door, tickets);
    this.said.set(said, (this.said.get(said) ?? 0) + 1);
    tickets.forEach((ticket, index) => {
      const outcome = outcomes[index]!;
      // A full queue is no verdict on an event that was unknown before: that send was refused, not the first one.
      if (this.unknown.has(ticket.id) && outcome === 'REFUSED' && !ticket.isBad) return;
      this.ledger.write(ticket.id, outcome);
      if (outcome === 'UNKNOWN') this.unknown.set(ticket.id, { door, ticket });
      else this.unknown.delete(ticket.id);
    });
    return !outcomes.includes('UNKNOWN');
  }
}

function makeTicket(): Ticket {
  return { id: newId(), isBad: Math.random() < BAD_SHARE, sentAt: Date.now() };
}
