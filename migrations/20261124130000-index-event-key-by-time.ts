import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The way to the message ids that are older than the window of deduplication (docs/decisions/0008-indexes-and-growth.md).
 * Built while events are stored, which no transaction can; so what a build that was cut off has left is removed first.
 */
export class IndexEventKeyByTime20261124130000 implements MigrationInterface {
  readonly name = 'IndexEventKeyByTime20261124130000';
  readonly transaction = false;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`drop index concurrently if exists event_key_received`);
    await db.query(`create index concurrently event_key_received on event_key (workspace_id, received_at)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop index concurrently event_key_received`);
  }
}
