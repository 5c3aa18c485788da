import type { Clock } from '../clock';
import type { Config } from '../config';
import type { Pools } from '../database/database';
import { isConnectionFault } from '../database/faults';
import { EVENT_NOT_ALLOWED, judgeEventName } from '../auth/authorize';
import type { KnownCaller } from '../auth/caller';
import { normalizeEventName } from '../auth/event-name.rules';
import { ApiError, badInput, type ErrorCode, type InputPath } from '../errors';
import { createCoalescingLoader, type CoalescingLoader } from '../lib/coalescing-loader';
import { toConnection, type Connection } from '../lib/connection';
import { parseDateTime } from '../lib/date-time';
import type { Source } from '../lib/fair-queue';
import { isUuid, newId } from '../lib/uuid';
import type { EventMeter } from '../telemetry/event-meter';
import { requireCursor, requirePageSize, requireText } from '../profiles/input.rules';
import { listEventDefinitions } from './event-definition.store';
import { listEvents, listProfileEvents, type EventQuery, type ProfileEventsKey } from './event-read.store';
import { checkEvent, type EventInput, type NewEvent } from './event.rules';
import type { Event, EventDefinition, EventStatus } from './event.types';
import type { IngestQueue } from './ingest-queue';

/** Arguments of an events connection, as the API takes them. */
export interface EventPageArguments {
  readonly first: number;
  readonly after?: string | null;
  readonly names?: readonly string[] | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
}

export interface BatchResult {
  readonly acceptedCount: number;
  readonly duplicateCount: number;
  readonly rejected: { readonly index: number; readonly code: ErrorCode; readonly message: string }[];
}

/** Bounds what one statement can return: each profile brings up to a page of events of 32 KiB. */
const MAX_PROFILES_PER_READ = 50;

export type EventQueue = Pick<IngestQueue<NewEvent, EventStatus>, 'add' | 'addAll'>;

export class EventService {
  private readonly profileEvents: CoalescingLoader<ProfileEventsKey, Event[]>;

  constructor(
    private readonly options: {
      queue: EventQueue;
      meter: EventMeter;
      pools: Pools;
      config: Config;
      clock: Clock;
    },
  ) {
    const isPrepared = !options.config.DATABASE_POOLED;
    const loadMany = (keys: readonly ProfileEventsKey[]) =>
      listProfileEvents(options.pools.api, keys, { isPrepared });
    this.profileEvents = createCoalescingLoader(loadMany, {
      maxBatchSize: MAX_PROFILES_PER_READ,
      isOutage: isConnectionFault,
    });
  }

  /** Answers after COMMIT. Throws EVENT_NOT_ALLOWED, BAD_USER_INPUT (at a place below `path`) or SERVICE_UNAVAILABLE. */
  async trackEvent(
    caller: KnownCaller,
    input: EventInput,
    path: InputPath = ['input'],
  ): Promise<{ messageId: string; status: EventStatus }> {
    try {
      const event = this.accept(caller, input);
      const status = await this.options.queue.add(event, toSource(caller));
      return { messageId: event.messageId, status };
    } catch (error) {
      throw this.options.meter.refused(error instanceof ApiError ? error.under(path) : error);
    }
  }

  /**
   * Each event by itself: a refused one is listed, the others are stored. Throws BAD_USER_INPUT for a batch that is
   * empty or too long, SERVICE_UNAVAILABLE when they cannot be stored now; then the caller may send all of them again.
   */
  async trackEvents(
    caller: KnownCaller,
    inputs: readonly (EventInput | ApiError)[],
    path: InputPath = ['input', 'events'],
  ): Promise<BatchResult> {
    const { meter, config } = this.options;
    if (inputs.length < 1 || inputs.length > config.MAX_BATCH_EVENTS) {
      throw meter.refused(
        badInput(`A batch holds 1 to ${config.MAX_BATCH_EVENTS} events.`, path),
        inputs.length,
      );
    }
    const items = inputs.map((input) => this.acceptOrRefuse(caller, input));
    const events = items.filter((item): item is NewEvent => !(item instanceof ApiError));
    const settled = await this.store(events, caller);
    for (const result of settled) if (result.status === 'rejected') meter.refused(result.reason);
    return summarize(items, settled);
  }

  /** Throws BAD_USER_INPUT. */
  async listEvents(workspaceId: string, page: EventPageArguments): Promise<Connection<Event>> {
    const query = this.toQuery(page);
    return this.toPage(page, await listEvents(this.options.pools.api, workspaceId, query));
  }

  /** Concurrent reads share one statement. Throws BAD_USER_INPUT. */
  async listProfileEvents(
    { workspaceId, profileId }: { workspaceId: string; profileId: string },
    page: EventPageArguments,
  ): Promise<Connection<Event>> {
    const query = this.toQuery(page);
    return this.toPage(page, await this.profileEvents.load({ workspaceId, profileId, query }));
  }

  listEventDefinitions(workspaceId: string): Promise<EventDefinition[]> {
    return listEventDefinitions(this.options.pools.api, workspaceId);
  }

  /** Settles per event. Throws SERVICE_UNAVAILABLE when the queue has no room for them. */
  private async store(
    events: readonly NewEvent[],
    caller: KnownCaller,
  ): Promise<PromiseSettledResult<EventStatus>[]> {
    const { queue, meter } = this.options;
    try {
      return await queue.addAll(events, toSource(caller));
    } catch (error) {
      throw meter.refused(error, events.length);
    }
  }

  /** The gate of rule 6 and the input rules, for every door. Throws EVENT_NOT_ALLOWED or BAD_USER_INPUT. */
  private accept(caller: KnownCaller, input: EventInput): NewEvent {
    const { config, clock } = this.options;
    if (judgeEventName(caller, input.name) === 'REFUSED') {
      throw new ApiError(EVENT_NOT_ALLOWED.code, EVENT_NOT_ALLOWED.message);
    }
    return checkEvent(input, { id: newId(), workspaceId: caller.workspaceId, now: clock(), config });
  }

  private acceptOrRefuse(caller: KnownCaller, input: EventInput | ApiError): NewEvent | ApiError {
    const { meter } = this.options;
    if (input instanceof ApiError) return meter.refused(input);
    try {
      return this.accept(caller, input);
    } catch (error) {
      meter.refused(error);
      if (error instanceof ApiError) return error;
      throw error;
    }
  }

  private toQuery(page: EventPageArguments): EventQuery {
    const first = requirePageSize(page.first, this.options.config.MAX_PAGE_SIZE);
    const names = page.names ? this.requireNames(page.names) : null;
    const after = requireCursor<[string, string]>(page.after, 2, (at, id) => isTime(at) && isUuid(id));
    return {
      limit: first + 1,
      names,
      from: page.from ?? null,
      to: page.to ?? null,
      after: after && { occurredAt: new Date(after[0]), id: after[1] },
    };
  }

  private requireNames(names: readonly string[]): readonly string[] {
    const { MAX_ALLOWED_EVENTS, MAX_NAME_LENGTH } = this.options.config;
    if (names.length > MAX_ALLOWED_EVENTS) {
      throw badInput(`At most ${MAX_ALLOWED_EVENTS} names can be asked for.`, ['names']);
    }
    return names.map((name, index) =>
      requireText(normalizeEventName(name), { path: ['names', index], max: MAX_NAME_LENGTH }),
    );
  }

  private toPage({ first, after = null }: EventPageArguments, rows: readonly Event[]): Connection<Event> {
    return toConnection(rows, {
      first,
      after,
      cursorOf: ({ timestamp, id }) => [timestamp.toISOString(), id],
    });
  }
}

/** Each key has a lane of its own; the members of a workspace share one. */
function toSource(caller: KnownCaller): Source {
  return { owner: caller.workspaceId, lane: caller.kind === 'SESSION' ? '' : caller.key.keyId };
}

function summarize(
  items: readonly (NewEvent | ApiError)[],
  settled: readonly PromiseSettledResult<EventStatus>[],
): BatchResult {
  const rejected: BatchResult['rejected'] = [];
  const counts = { ACCEPTED: 0, DUPLICATE: 0 };
  let stored = 0;
  items.forEach((item, index) => {
    const result =
      item instanceof ApiError ? { status: 'rejected' as const, reason: item } : settled[stored++];
    if (result?.status === 'fulfilled') counts[result.value] += 1;
    else rejected.push({ index, ...toRefusal(result?.reason) });
  });
  return { acceptedCount: counts.ACCEPTED, duplicateCount: counts.DUPLICATE, rejected };
}

/** A refusal belongs to its item; anything else (the database is away) fails the whole call, which can be repeated. */
function toRefusal(reason: unknown): { code: ErrorCode; message: string } {
  if (!(reason instanceof ApiError) || reason.code === 'SERVICE_UNAVAILABLE') throw reason;
  return { code: reason.code, message: reason.message };
}

function isTime(text: string): boolean {
  return parseDateTime(text) !== null;
}
