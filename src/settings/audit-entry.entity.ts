import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('audit_entry')
export class AuditEntryEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'workspace_id' })
  workspaceId: string;

  @Column('timestamptz')
  at: Date;

  /** E-mail of the member, or `setup`. */
  @Column('text')
  actor: string;

  @Column('text', { name: 'client_ip', nullable: true })
  clientIp: string | null;

  @Column('text')
  action: string;

  @Column('text')
  target: string;

  @Column('jsonb', { nullable: true })
  before: object | null;

  @Column('jsonb', { nullable: true })
  after: object | null;
}
