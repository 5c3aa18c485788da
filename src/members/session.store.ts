import { LessThanOrEqual, type EntityManager } from 'typeorm';
import { SessionEntity } from './session.entity';

export async function insertSession(tx: EntityManager, row: SessionEntity): Promise<void> {
  await tx.insert(SessionEntity, row);
}

export async function deleteSession(tx: EntityManager, tokenHash: Buffer): Promise<void> {
  await tx.delete(SessionEntity, { tokenHash });
}

/** Sessions of the member that can never be used again. */
export async function deleteEndedSessions(tx: EntityManager, memberId: string, now: Date): Promise<void> {
  await tx.delete(SessionEntity, { memberId, expiresAt: LessThanOrEqual(now) });
}
