import type { Sql } from '../database/transaction';

/**
 * An event is written once, and perhaps deleted by retention or with its person. So a page that autovacuum comes to is
 * frozen at once, and never has to be read again to keep transaction ids from running out, which at a thousand flushes
 * per second is due every two or three days; and it comes for each twentieth of new rows instead of each fifth.
 * PostgreSQL takes no settings for the partitioned table itself (decision 8).
 */
const STORAGE = `autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_freeze_min_age = 0`;

/** Longest that ingestion stands still behind a lock that we wait for. */
const DROP_LOCK_TIMEOUT_MS = 100;

const FIND_FIRST_MONTH = `
  select min(to_date(relname, '"event_"YYYY_MM')) into first_month
  from pg_inherits join pg_class on pg_class.oid = inhrelid
  where inhparent = 'event'::regclass and relname ~ '^event_\\d{4}_\\d\\d$'`;

const MAKE_HISTORY = `
  create table event_history (like event including all) with (${STORAGE});
  execute format('alter table event attach partition event_history for values from (minvalue) to (%L)',
    first_month at time zone 'UTC')`;

/**
 * Makes the monthly partitions of `event`, from the first month that there is to three months after `now`, and before
 * them one partition for all earlier events. Months are in UTC.
 *
 * A partition is made apart and then attached, which ingestion need not wait for; `create table … partition of` would
 * lock `event` against everybody. The lock taken here lets events in and keeps out a second process that does the same.
 * One DO statement is one transaction, on a pool too.
 */
export async function ensureEventPartitions(db: Sql, now: Date): Promise<void> {
  const month = `${now.toISOString().slice(0, 7)}-01`;
  await db.query(`/* events.ensurePartitions */
    do $$
    declare
      this_month constant timestamp := '${month}';
      first_month timestamp;
      month timestamp;
      partition text;
    begin
      lock table event in share update exclusive mode;
      ${FIND_FIRST_MONTH};
      if first_month is null then
        first_month := this_month;
        ${MAKE_HISTORY};
      end if;

      for month in select generate_series(first_month, this_month + interval '3 months', interval '1 month') loop
        partition := 'event_' || to_char(month, 'YYYY_MM');
        continue when to_regclass(partition) is not null;
        execute format('create table %I (like event including all) with (${STORAGE})', partition);
        execute format('alter table event attach partition %I for values from (%L) to (%L)',
          partition, month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
      end loop;
    end $$`);
}

/**
 * Drops the months all of whose events are older than `before`, and with them all that came before the first month. A
 * later month has to be there: call `ensureEventPartitions` first. Whatever its time, an event has a partition all along.
 *
 * A lock against everybody is needed for some milliseconds. While it is waited for, ingestion queues behind it: so not
 * for long, and with SQLSTATE 55P03, a conflict, when somebody who reads, or an autovacuum of such a month, does not end in
 * that time. (DETACH CONCURRENTLY never makes anybody wait, but knows no transaction, so that a crash leaves halves.)
 */
export async function dropOldPartitions(db: Sql, before: Date): Promise<void> {
  await db.query(`/* events.dropPartitions */
    do $$
    declare
      first_kept constant timestamp := date_trunc('month', timestamp '${before.toISOString().slice(0, -1)}');
      first_month timestamp;
      partition text;
    begin
      set local lock_timeout = ${DROP_LOCK_TIMEOUT_MS};
      ${FIND_FIRST_MONTH};
      if first_month >= first_kept then
        return;
      end if;

      lock table event in access exclusive mode;
      for partition in
        select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
        where inhparent = 'event'::regclass and relname ~ '^event_\\d{4}_\\d\\d$'
          and to_date(relname, '"event_"YYYY_MM') < first_kept
      loop
        execute format('drop table %I', partition);
      end loop;
      ${FIND_FIRST_MONTH};
      drop table if exists event_history;
      ${MAKE_HISTORY};
    end $$`);
}
