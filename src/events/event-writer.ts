import { randomInt } from 'node:crypto';
import type pg from 'pg';
import type { Config } from '../config';
import { isConnectionFault, isUniqueViolation, RetryableConflict } from '../database/faults';
import { inTransaction, retryConflicts, type PreparableSql } from '../database/transaction';
import { unavailable } from '../errors';
import { insertEvents, type InsertOutcome, type NewEvent } from './event.store';
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

  const insert = async (db: PreparableSql, events: readonly NewEvent[]): Promise<InsertOutcome[]> => {
    try {
      return await insertEvents(db, events, { stripe, isPrepared });
    } catch (error) {
      throw isUniqueViolation(error, 'identity_pkey') ? new RetryableConflict() : error;
    }
  };

  // One statement is one transaction and saves two round trips per flush. Behind a pooler in transaction mode the
  // session's synchronous_commit is not ours, so there it is set inside a transaction.
  const store = (events: readonly NewEvent[]): Promise<InsertOutcome[]> =>
    isPrepared && !onStored
      ? retryConflicts(() => insert(pool, events))
      : inTransaction(pool, async (tx) => {
          const outcomes = await insert(tx, events);
          await onStored?.(
            tx,
            events.filter((_, index) => outcomes[index] === 'ACCEPTED'),
          );
          return outcomes;
        });

  return async (events) => {
    const { unique, indexes } = withoutRepeats(events);
    try {
      const outcomes = await store(unique);
      return indexes.map(({ index, isRepeat }) =>
        isRepeat || outcomes[index] === 'DUPLICATE' ? 'DUPLICATE' : 'ACCEPTED',
      );
    } catch (error) {
      throw isConnectionFault(error) ? unavailable('Events cannot be stored now. Try again.', error) : error;
    }
  };
}

/** A message id that stands twice in one flush: the first is stored. Equal identities share one new profile id. */
function withoutRepeats(events: readonly NewEvent[]): {
  unique: NewEvent[];
  indexes: { index: number; isRepeat: boolean }[];
} {
  const unique: NewEvent[] = [];
  const byMessage = new Map<string, number>();
  const profileIds = new Map<string, string>();
  const indexes = events.map((event) => {
    const messageKey = `${event.workspaceId} ${event.messageId}`;
    const known = byMessage.get(messageKey);
    if (known !== undefined) return { index: known, isRepeat: true };
    const personKey = `${event.workspaceId} ${event.identity.kind} ${event.identity.value}`;
    const newProfileId = profileIds.get(personKey) ?? event.newProfileId;
    profileIds.set(personKey, newProfileId);
    byMessage.set(messageKey, unique.length);
    unique.push({ ...event, newProfileId });
    return { index: unique.length - 1, isRepeat: false };
  });
  return { unique, indexes };
}
