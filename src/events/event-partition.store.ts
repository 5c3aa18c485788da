import type { Sql } from '../database/transaction';

/**
 * Makes the monthly partitions of `event`, from the first month ever made to three months after `now`, and before them
 * one partition for all earlier events. Months are in UTC.
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

      select min(to_date(relname, '"event_"YYYY_MM')) into first_month
      from pg_inherits join pg_class on pg_class.oid = inhrelid
      where inhparent = 'event'::regclass and relname ~ '^event_\\d{4}_\\d\\d$';

      if first_month is null then
        first_month := this_month;
        create table event_history (like event including all);
        execute format('alter table event attach partition event_history for values from (minvalue) to (%L)',
          first_month at time zone 'UTC');
      end if;

      for month in select generate_series(first_month, this_month + interval '3 months', interval '1 month') loop
        partition := 'event_' || to_char(month, 'YYYY_MM');
        continue when to_regclass(partition) is not null;
        execute format('create table %I (like event including all)', partition);
        execute format('alter table event attach partition %I for values from (%L) to (%L)',
          partition, month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
      end loop;
    end $$`);
}
