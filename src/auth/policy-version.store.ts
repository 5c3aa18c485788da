import type { EntityManager } from 'typeorm';
import type { Sql } from '../database/transaction';

/** Channel of NOTIFY. Its only use is to shorten the wait for the next poll of the version. */
export const POLICY_CHANNEL = 'fluxgate_policy';

/**
 * Tells every process that keys, ranges or allowed events changed; to be called inside the transaction of the change.
 * Changes commit one after the other, by the lock of the row.
 */
export async function bumpPolicyVersion(tx: EntityManager): Promise<void> {
  await tx.query(`/* auth.bumpPolicyVersion */ update policy_version set version = gen_random_uuid()`);
  await tx.query(`/* auth.notifyPolicyChange */ select pg_notify('${POLICY_CHANNEL}', '')`);
}

export async function readPolicyVersion(db: Sql): Promise<string> {
  const { rows } = await db.query<{ version: string }>(
    `/* auth.readPolicyVersion */ select version from policy_version`,
  );
  const [row] = rows;
  if (!row) throw new Error('The table policy_version has lost its row.');
  return row.version;
}
