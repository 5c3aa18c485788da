import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('ip_range')
export class IpRangeEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'workspace_id' })
  workspaceId: string;

  @Column('uuid', { name: 'key_id' })
  keyId: string;

  /** Canonical text, e.g. 10.0.0.0/8. */
  @Column('text')
  range: string;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('text', { name: 'created_by' })
  createdBy: string;
}
