import type { Sql } from './transaction';

/** Throws when the database does not answer, or is a standby that takes no writes. */
export async function requireWritable(db: Sql): Promise<void> {
  const { rows } = await db.query<{ is_standby: boolean }>(
    `/* database.requireWritable */ select pg_is_in_recovery() as is_standby`,
  );
  if (rows[0]?.is_standby) throw new Error('The database takes no writes.');
}
