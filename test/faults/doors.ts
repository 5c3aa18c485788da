import { print } from 'graphql';
import { TrackEventDocument, TrackEventsDocument } from '../support/operations';
import type { Outcome } from './ledger';

/** An event that the driver sends. A bad one has to be refused. */
export interface Ticket {
  readonly id: string;
  readonly isBad: boolean;
  /** Part of what REST derives the message id from: the same when it is sent again. */
  readonly sentAt: number;
}

/** One way to send events. All doors are tried under every fault. */
export interface Door {
  readonly name: string;
  readonly batchSize: number;
  readonly path: string;
  readonly body: (tickets: readonly Ticket[]) => unknown;
  /** What the answer to a whole request means for each ticket. Throws for an answer that says nothing that is known. */
  readonly read: (answer: Answer, tickets: readonly Ticket[]) => readonly Outcome[];
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const SEND_MANY = 10;
/** Few people for many events, so that flushes also meet identities that exist. */
const userOf = ({ id, isBad }: Ticket) => (isBad ? null : `user-${id.slice(-1)}`);

const toInput = (ticket: Ticket) => ({
  name: 'page_view',
  userId: userOf(ticket),
  messageId: ticket.id,
  properties: { ticket: ticket.id },
});

const toRestBody = (ticket: Ticket) => ({
  name: 'page_view',
  userId: userOf(ticket),
  timestamp: ticket.sentAt,
  properties: { ticket: ticket.id },
});

interface BatchAnswer {
  readonly acceptedCount: number;
  readonly duplicateCount: number;
  readonly rejected: readonly { readonly index: number }[];
}

/** Each event is in exactly one of the lists, so those that are not rejected are stored. */
function readBatch(batch: BatchAnswer, tickets: readonly Ticket[]): Outcome[] {
  const rejected = new Set(batch.rejected.map(({ index }) => index));
  const { acceptedCount, duplicateCount } = batch;
  if (acceptedCount + duplicateCount + rejected.size !== tickets.length)
    throw new Error(`The counts of a batch do not add up: ${JSON.stringify(batch)}`);
  return tickets.map((_ticket, index) => (rejected.has(index) ? 'REFUSED' : 'ACKNOWLEDGED'));
}

function readData<Data>({ body }: Answer): Data | undefined {
  return (body as { data?: Data | null }).data ?? undefined;
}

export const DOORS: readonly Door[] = [
  {
    name: 'trackEvent',
    batchSize: 1,
    path: '/graphql',
    body: ([ticket]) => ({ query: print(TrackEventDocument), variables: { input: toInput(ticket!) } }),
    read: (answer, [ticket]) => {
      const tracked = readData<{ trackEvent: { messageId: string } }>(answer)?.trackEvent;
      if (tracked?.messageId !== ticket!.id) throw new Error(`Odd answer: ${JSON.stringify(answer)}`);
      return ['ACKNOWLEDGED'];
    },
  },
  {
    name: 'trackEvents',
    batchSize: SEND_MANY,
    path: '/graphql',
    body: (tickets) => ({
      query: print(TrackEventsDocument),
      variables: { input: { events: tickets.map(toInput) } },
    }),
    read: (answer, tickets) => {
      const batch = readData<{ trackEvents: BatchAnswer }>(answer)?.trackEvents;
      if (!batch) throw new Error(`Odd answer: ${JSON.stringify(answer)}`);
      return readBatch(batch, tickets);
    },
  },
  {
    name: 'POST /event/ingest',
    batchSize: 1,
    path: '/event/ingest',
    body: ([ticket]) => toRestBody(ticket!),
    read: ({ status }) => {
      if (status !== 204) throw new Error(`Odd answer: ${status}`);
      return ['ACKNOWLEDGED'];
    },
  },
  {
    name: 'POST /event/ingest/batch',
    batchSize: SEND_MANY,
    path: '/event/ingest/batch',
    body: (tickets) => ({ events: tickets.map(toRestBody) }),
    read: ({ body }, tickets) => readBatch(body as BatchAnswer, tickets),
  },
];
