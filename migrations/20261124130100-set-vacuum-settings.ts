import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Autovacuum by the way each large table grows. The defaults wait for a fifth of a table, which of a hundred million
 * rows is a long vacuum late. Reasons and figures: docs/decisions/0008-indexes-and-growth.md. Partitions that are made
 * later get theirs from `src/events/event-partition.store.ts`.
 */
export class SetVacuumSettings20261124130100 implements MigrationInterface {
  readonly name = 'SetVacuumSettings20261124130100';

  async up(db: QueryRunner): Promise<void> {
    // Written once: frozen at the first vacuum, never to be read again for the sake of transaction ids.
    const writtenOnce = `autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_freeze_min_age = 0`;
    await db.query(`
      do $$
      declare
        partition regclass;
      begin
        for partition in select inhrelid::regclass from pg_inherits where inhparent = 'event'::regclass loop
          execute format('alter table %s set (${writtenOnce})', partition);
        end loop;
      end $$`);
    await db.query(`
      -- Trimmed all the time: what is deleted leaves room for what comes, once vacuum has found it. Each vacuum reads
      -- the whole primary key, so not for less than a tenth.
      alter table event_key set (${writtenOnce}, autovacuum_vacuum_scale_factor = 0.1);
      alter table identity set (${writtenOnce});
      -- Updated in place: vacuum has only to come for versions that a change of an indexed column left behind, and for
      -- the GIN index's list of pending entries.
      alter table profile set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)`);
  }

  async down(db: QueryRunner): Promise<void> {
    const writtenOnce = `autovacuum_vacuum_insert_scale_factor, autovacuum_freeze_min_age`;
    await db.query(`
      do $$
      declare
        partition regclass;
      begin
        for partition in select inhrelid::regclass from pg_inherits where inhparent = 'event'::regclass loop
          execute format('alter table %s reset (${writtenOnce})', partition);
        end loop;
      end $$`);
    await db.query(`
      alter table event_key reset (${writtenOnce}, autovacuum_vacuum_scale_factor);
      alter table identity reset (${writtenOnce});
      alter table profile reset (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor)`);
  }
}
