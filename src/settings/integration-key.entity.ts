import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('integration_key')
export class IntegrationKeyEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'workspace_id' })
  workspaceId: string;

  @Column('text')
  name: string;

  @Column('text')
  kind: 'WRITE_ONLY' | 'READ_WRITE';

  /** SHA-256 of the secret, 32 bytes. */
  @Column('bytea', { name: 'secret_hash' })
  secretHash: Buffer;

  @Column('text')
  preview: string;

  @Column('text', { name: 'ip_mode' })
  ipMode: 'ANYWHERE' | 'SPECIFIC_LOCATIONS';

  @Column('text', { name: 'ip_enforcement' })
  ipEnforcement: 'ENFORCE' | 'OBSERVE';

  @Column('text', { name: 'events_mode' })
  eventsMode: 'ALL' | 'SPECIFIC';

  @Column('text', { name: 'events_enforcement' })
  eventsEnforcement: 'ENFORCE' | 'OBSERVE';

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  /** E-mail of the member, or `setup`. */
  @Column('text', { name: 'created_by' })
  createdBy: string;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;
}
