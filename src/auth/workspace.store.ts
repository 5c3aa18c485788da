import type { EntityManager } from 'typeorm';
import type { Sql } from '../database/transaction';
import { notFound } from '../errors';
import { WorkspaceEntity } from './workspace.entity';

interface WorkspaceRow {
  id: string;
  name: string;
  createdAt: Date;
}

/** Throws NOT_FOUND. */
export async function getWorkspace(db: Sql, id: string): Promise<WorkspaceRow> {
  const { rows } = await db.query<WorkspaceRow>(
    `/* auth.getWorkspace */ select id, name, created_at as "createdAt" from workspace where id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw notFound('workspace');
  return row;
}

export async function insertWorkspace(tx: EntityManager, row: WorkspaceRow): Promise<void> {
  await tx.insert(WorkspaceEntity, row);
}

export async function hasWorkspace(tx: EntityManager): Promise<boolean> {
  return tx.existsBy(WorkspaceEntity, {});
}

/** Until the end of the transaction nobody else makes a workspace: two processes may start for the first time at once. */
export async function lockWorkspaces(tx: EntityManager): Promise<void> {
  await tx.query(`/* auth.lockWorkspaces */ lock table workspace in share row exclusive mode`);
}
