import type { EntityManager } from 'typeorm';
import type { Clock } from '../clock';
import { newId } from '../lib/uuid';
import { requireEmail, requireNewPassword } from './member.rules';
import { insertMember } from './member.store';
import type { PasswordHasher } from './password';

/** Who may sign in. */
export class MemberService {
  constructor(
    private readonly clock: Clock,
    private readonly passwords: PasswordHasher,
  ) {}

  /** The first member, in the transaction of the first start. Throws BAD_USER_INPUT at `email` or `password`. */
  async createOwnerWithin(
    tx: EntityManager,
    { workspaceId, email, password }: { workspaceId: string; email: string; password: string },
  ): Promise<void> {
    requireEmail(email, ['email']);
    requireNewPassword(password, ['password']);
    await insertMember(tx, {
      id: newId(),
      workspaceId,
      email,
      role: 'OWNER',
      passwordHash: await this.passwords.hash(password),
      createdAt: this.clock(),
      lastSignedInAt: null,
    });
  }
}
