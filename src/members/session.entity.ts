import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('session')
export class SessionEntity {
  /** SHA-256 of the token, 32 bytes. */
  @PrimaryColumn('bytea', { name: 'token_hash' })
  tokenHash: Buffer;

  @Column('uuid', { name: 'member_id' })
  memberId: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  /** Moves the idle end on. */
  @Column('timestamptz', { name: 'last_used_at' })
  lastUsedAt: Date;

  /** The absolute end. */
  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;
}
