import { Entity, PrimaryColumn } from 'typeorm';

@Entity('allowed_event')
export class AllowedEventEntity {
  @PrimaryColumn('uuid', { name: 'key_id' })
  keyId: string;

  @PrimaryColumn('text')
  name: string;
}
