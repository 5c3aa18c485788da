import { randomInt } from 'node:crypto';
import type pg from 'pg';
import type { Config } from '../config';
import { isConflict, isConnectionFault, isUniqueViolation, RetryableConflict } from '../database/faults';
import { inTransaction, retryConflicts, type PreparableSql } from '../database/transaction';
import { unavailable } from '../errors';
import type { NewEvent } from './event.rules';
import { insertEvents, type InsertOutcome } from './event.store';
import type { EventStatus } from './event.types';

/** Work that has to commit together with the events: workflows start their runs here. */
export type OnStored = (tx: pg.PoolClient, events: readonly NewEvent[]) => Promise<void>;

/** Counters of event definitions are striped; two processes on one stripe only wait for each other, nothing breaks. */
const STRIPES = 64;

/** Makes the `flush` of the ingest queue. Answers after COMMIT. Throws SERVICE_UNAVAILABLE when the database is away. */
export function createEventWriter(options: {
  pool: pg.Pool;
  config: Config;
  onStored?: OnStored;
}): (events: readonly NewEvent[]) => Promise<EventStatus[]> {
  const { pool, config, onStored } = options;
  const isPrepared = !config.DATABASE_POOLED;
  const stripe = randomInt(STRIPES);

  const insert = async (db: PreparableSql, flush: Flush): Promise<InsertOutcome[]> => {
    try {
      return await insertEvents(db, flush, { stripe, isPrepared });
    } catch (error) {
      throw isUniqueViolation(error, 'identity_pkey') ? new RetryableConflict() : error;
    }
  };

  // One statement is one transaction and saves two round trips per flush. Behind a pooler in transaction mode the
  // session's synchronous_commit is not ours, so there it is set inside a transaction.
  const store = (flush: Flush): Promise<InsertOutcome[]> =>
    isPrepared && !onStored
      ? retryConflicts(() => insert(pool, flush))
      : inTransaction(pool, async (tx) => {
          const outcomes = await insert(tx, flush);
          await onStored?.(
            tx,
            flush.events.filter((_, index) => outcomes[index] === 'ACCEPTED'),
          );
          return outcomes;
        });

  return async (events) => {
    const flush = toFlush(events);
    try {
      const outcomes = await store(flush);
      return flush.indexes.map((index) =>
        index === REPEAT || outcomes[index] === 'DUPLICATE' ? 'DUPLICATE' : 'ACCEPTED',
      );
    } catch (error) {
      const isPassing = isConnectionFault(error) || isConflict(error);
      throw isPassing ? unavailable('Events cannot be stored now. Try again.', error) : error;
    }
  };
}

const REPEAT = -1;

interface Flush {
  /** Without repeats of a message id: the first is stored. */
  readonly events: NewEvent[];
  /** Of each event: equal identities get one new profile. */
  readonly newProfileIds: string[];
  /** Of each event that came, its place in `events`, or REPEAT. */
  readonly indexes: number[];
}

function toFlush(all: readonly NewEvent[]): Flush {
  const flush: Flush = { events: [], newProfileIds: [], indexes: [] };
  const messages = new Set<string>();
  const profileIds = new Map<string, string>();
  for (const event of all) {
    const messageKey = `${event.workspaceId} ${event.messageId}`;
    if (messages.has(messageKey)) {
      flush.indexes.push(REPEAT);
      continue;
    }
    messages.add(messageKey);
    const personKey = `${event.workspaceId} ${event.identity.kind} ${event.identity.value}`;
    let profileId = profileIds.get(personKey);
    if (profileId === undefined) profileIds.set(personKey, (profileId = event.id));
    flush.newProfileIds.push(profileId);
    flush.indexes.push(flush.events.push(event) - 1);
  }
  return flush;
}
