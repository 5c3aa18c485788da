import type { EntityManager } from 'typeorm';
import { notFound } from '../errors';
import { MemberEntity } from './member.entity';
import type { Member } from './member.types';

/** For signing in: the one read that does not know the workspace yet. Case does not matter. */
export function findMemberByEmail(tx: EntityManager, email: string): Promise<MemberEntity | null> {
  return tx
    .createQueryBuilder(MemberEntity, 'member')
    .comment('members.findMemberByEmail')
    .where('lower(member.email) = lower(:email)', { email })
    .getOne();
}

/** Throws NOT_FOUND. */
export async function getMember(tx: EntityManager, workspaceId: string, memberId: string): Promise<Member> {
  const member = await tx.findOneBy(MemberEntity, { id: memberId, workspaceId });
  if (!member) throw notFound('member');
  const { id, email, role, createdAt, lastSignedInAt } = member;
  return { id, email, role, createdAt, lastSignedInAt };
}

export async function insertMember(tx: EntityManager, row: MemberEntity): Promise<void> {
  await tx.insert(MemberEntity, row);
}

/**
 * False when the member is gone or has another password by now. The row stays locked until the transaction ends, so
 * a removal or a change of the password, which end all sessions, cannot miss the session that begins here.
 */
export async function recordSignIn(
  tx: EntityManager,
  { id, passwordHash }: Pick<MemberEntity, 'id' | 'passwordHash'>,
  now: Date,
): Promise<boolean> {
  const { affected } = await tx.update(MemberEntity, { id, passwordHash }, { lastSignedInAt: now });
  return affected === 1;
}
