import type { DataSource } from 'typeorm';
import { ROLE_SCOPES } from '../auth/scopes';
import type { Session } from '../auth/caller';
import type { Clock } from '../clock';
import type { Config } from '../config';
import { inEntityTransaction } from '../database/transaction';
import { ApiError } from '../errors';
import { createSecret, hashSecret } from '../lib/secret';
import type { MemberEntity } from './member.entity';
import { isEmail } from './member.rules';
import { findMemberByEmail, recordSignIn } from './member.store';
import type { PasswordHasher } from './password';
import { deleteEndedSessions, deleteSession, insertSession } from './session.store';
import type { SignInInput } from './session.types';
import { SignInThrottle } from './sign-in-throttle';

export interface NewSession {
  /** The whole token. It is stored nowhere. */
  readonly token: string;
  readonly session: Session;
}

/** Sessions of members: begun and ended here, looked up for each request by auth. */
export class SessionService {
  private readonly throttle: SignInThrottle;

  constructor(
    private readonly parts: {
      readonly dataSource: DataSource;
      readonly config: Config;
      readonly clock: Clock;
      readonly passwords: PasswordHasher;
    },
  ) {
    this.throttle = new SignInThrottle(parts.config.FAILED_SIGN_INS_PER_MINUTE);
  }

  /** Throws UNAUTHENTICATED, the same for an unknown account and a wrong password; RATE_LIMITED; SERVICE_UNAVAILABLE. */
  async signIn(input: SignInInput, clientIp: string | null): Promise<NewSession> {
    const member = await this.throttle.guard({ email: input.email, clientIp }, () =>
      this.findByPassword(input),
    );
    if (!member) throw wrongCredentials();
    return this.begin(member);
  }

  /** Ending a session that has ended already is no fault. */
  async signOut({ tokenHash }: Session): Promise<void> {
    await deleteSession(this.parts.dataSource.manager, tokenHash);
  }

  /** An unknown account costs a hash too, so that the time tells nothing. */
  private async findByPassword({ email, password }: SignInInput): Promise<MemberEntity | null> {
    // What has not the form of an address cannot be anybody's, and PostgreSQL would stumble over a NUL.
    const member = isEmail(email) ? await findMemberByEmail(this.parts.dataSource.manager, email) : null;
    const isRight = await this.parts.passwords.verify(member?.passwordHash ?? null, password);
    return isRight ? member : null;
  }

  private async begin(member: MemberEntity): Promise<NewSession> {
    const { dataSource, clock, config } = this.parts;
    const now = clock();
    const expiresAt = new Date(now.getTime() + config.SESSION_MAX_MINUTES * 60_000);
    const token = createSecret('fg_ss_');
    const tokenHash = hashSecret(token);
    await inEntityTransaction(dataSource, async (tx) => {
      if (!(await recordSignIn(tx, member, now))) throw wrongCredentials();
      await deleteEndedSessions(tx, member.id, now);
      await insertSession(tx, { tokenHash, memberId: member.id, createdAt: now, lastUsedAt: now, expiresAt });
    });
    const { id: memberId, workspaceId, email, role } = member;
    return {
      token,
      session: { tokenHash, workspaceId, memberId, email, role, scopes: ROLE_SCOPES[role], expiresAt },
    };
  }
}

function wrongCredentials(): ApiError {
  return new ApiError('UNAUTHENTICATED', 'The e-mail or the password is wrong.', {
    headers: { 'www-authenticate': 'Bearer' },
  });
}
