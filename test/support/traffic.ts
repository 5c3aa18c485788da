import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/lib/uuid';
import { clientOf, type TestApp } from './app';
import { EventsDocument, TrackEventDocument, TrackEventsDocument } from './operations';

/** Half of the senders send one event after the other, half send batches. */
const SENDERS = 8;
const BATCH_SIZE = 5;
const PAUSE_AFTER_FAILURE_MS = 50;
/** One call to send again, one page to read. */
const MANY = 100;

type Api = Pick<TestApp, 'send' | 'get'>;

/** Sends events without a pause until it is stopped, and keeps account of what became of them. */
export class Traffic {
  /** Message ids that were answered as stored. */
  readonly acknowledged = new Set<string>();
  /** Message ids that got another answer or none: nobody knows whether they are stored. */
  readonly uncertain = new Set<string>();
  private readonly api: Api;
  private readonly senders: Promise<void>[];
  private isStopped = false;

  constructor(
    server: { url: string },
    private readonly bearer: string,
  ) {
    this.api = clientOf(server);
    this.senders = Array.from({ length: SENDERS }, (_, index) => this.send(index % 2 ? 1 : BATCH_SIZE));
  }

  /** Resolves when every request has been answered or cut off. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.senders);
  }

  private async send(batchSize: number): Promise<void> {
    while (!this.isStopped) {
      const messageIds = Array.from({ length: batchSize }, () => newId());
      const isStored = await this.sendOnce(messageIds).catch(() => false);
      for (const id of messageIds) (isStored ? this.acknowledged : this.uncertain).add(id);
      if (!isStored) await sleep(PAUSE_AFTER_FAILURE_MS);
    }
  }

  private async sendOnce(messageIds: readonly string[]): Promise<boolean> {
    const { bearer } = this;
    const events = messageIds.map(eventOf);
    const [only] = events;
    if (only && events.length === 1)
      return (await this.api.send(TrackEventDocument, { input: only }, { bearer })).status === 200;
    const { data } = await this.api.send(TrackEventsDocument, { input: { events } }, { bearer });
    return data?.trackEvents.acceptedCount === events.length;
  }
}

/** One person for several events, so that flushes also meet identities that exist. */
function eventOf(messageId: string): { name: string; userId: string; messageId: string } {
  return { name: 'page_view', userId: `user-${messageId.slice(-1)}`, messageId };
}

/** What a client does that got no answer. Throws unless each is acknowledged now. */
export async function sendAgain(
  server: { url: string },
  messageIds: Iterable<string>,
  bearer: string,
): Promise<void> {
  const { get } = clientOf(server);
  const events = Array.from(messageIds, eventOf);
  while (events.length > 0) {
    const input = { events: events.splice(0, MANY) };
    const { trackEvents } = await get(TrackEventsDocument, { input }, { bearer });
    if (trackEvents.rejected.length > 0) throw new Error(JSON.stringify(trackEvents.rejected));
  }
}

/** The message id of every stored event, as often as it is stored. Goes through all pages. */
export async function listStoredIds(server: { url: string }, bearer: string): Promise<string[]> {
  const { get } = clientOf(server);
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const page: { events: EventsPage } = await get(EventsDocument, { first: MANY, after }, { bearer });
    ids.push(...page.events.edges.map(({ node }) => node.messageId));
    after = page.events.pageInfo.hasNextPage ? page.events.pageInfo.endCursor : null;
  } while (after !== null);
  return ids;
}

interface EventsPage {
  readonly edges: readonly { readonly node: { readonly messageId: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
