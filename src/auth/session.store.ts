import type { Sql } from '../database/transaction';
import type { Session } from './caller';
import { ROLE_SCOPES, type MemberRole } from './scopes';

interface SessionRow {
  workspace_id: string;
  member_id: string;
  email: string;
  role: MemberRole;
  last_used_at: Date;
  expires_at: Date;
}

/** A session that has reached neither its absolute nor its idle end. The role is read anew on every request. */
export async function findSession(
  db: Sql,
  { tokenHash, now, idleMinutes }: { tokenHash: Buffer; now: Date; idleMinutes: number },
): Promise<(Session & { lastUsedAt: Date }) | null> {
  const { rows } = await db.query<SessionRow>(
    `/* auth.findSession */
     select member.workspace_id, member.id as member_id, member.email, member.role, last_used_at, expires_at
     from session join member on member.id = session.member_id
     where token_hash = $1 and expires_at > $2 and last_used_at > $2 - make_interval(mins => $3)`,
    [tokenHash, now, idleMinutes],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    tokenHash,
    workspaceId: row.workspace_id,
    memberId: row.member_id,
    email: row.email,
    role: row.role,
    scopes: ROLE_SCOPES[row.role],
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}

/** Moves the idle end on. */
export async function touchSession(db: Sql, tokenHash: Buffer, now: Date): Promise<void> {
  await db.query(`/* auth.touchSession */ update session set last_used_at = $2 where token_hash = $1`, [
    tokenHash,
    now,
  ]);
}
