import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { AllowedEvents, AllowedEventsMode, EnforcementMode, IntegrationKeyKind } from '../auth/access.types';
import { IpAccess, IpRangeInput } from './ip-access.types';

@ObjectType({ description: 'A key with which apps and servers send events and identify profiles.' })
export class IntegrationKey {
  @Field(() => ID, { description: 'Stable id. It is no secret.' })
  id: string;

  @Field({ description: 'For people.' })
  name: string;

  @Field(() => IntegrationKeyKind, { description: 'What the key may do.' })
  kind: keyof typeof IntegrationKeyKind;

  @Field({ description: 'Prefix and last four characters of the secret, e.g. fg_wo_…x7Qd.' })
  preview: string;

  @Field(() => [String], { description: 'What the key may do, as scopes, in alphabetical order.' })
  scopes: string[];

  @Field(() => IpAccess, { description: 'From where it may be used.' })
  ipAccess: IpAccess;

  @Field(() => AllowedEvents, { description: 'Which events it may send.' })
  allowedEvents: AllowedEvents;

  @Field({ description: 'When it was made.' })
  createdAt: Date;

  @Field({ description: 'Who made it: the e-mail of a member, or setup.' })
  createdBy: string;

  @Field(() => Date, { nullable: true, description: 'From when on it is refused; null: never.' })
  expiresAt: Date | null;

  @Field(() => Date, { nullable: true, description: 'Since when it is refused for good.' })
  revokedAt: Date | null;
}

@InputType({ description: 'A new integration key.' })
export class CreateIntegrationKeyInput {
  @Field({ description: '1-200 characters, for people.' })
  name: string;

  @Field(() => IntegrationKeyKind, { description: 'What the key may do. It never changes.' })
  kind: keyof typeof IntegrationKeyKind;

  @Field(() => [String], {
    nullable: true,
    description: 'Names of the events that the key may send; an empty list allows none. Absent: all events.',
  })
  allowedEvents?: string[] | null;

  @Field(() => [IpRangeInput], {
    nullable: true,
    description: 'Ranges from which the key may be used; an empty list allows nobody. Absent: anywhere.',
  })
  ipRanges?: IpRangeInput[] | null;

  @Field(() => Date, { nullable: true, description: 'From when on the key is refused. Absent: never.' })
  expiresAt?: Date | null;
}

@InputType({ description: 'Another name for a key.' })
export class RenameIntegrationKeyInput {
  @Field(() => ID, { description: 'The key.' })
  keyId: string;

  @Field({ description: '1-200 characters, for people.' })
  name: string;
}

@InputType({ description: 'The key to end for good.' })
export class RevokeIntegrationKeyInput {
  @Field(() => ID, { description: 'The key.' })
  keyId: string;
}

@InputType({ description: 'Which events a key may send.' })
export class SetAllowedEventsInput {
  @Field(() => ID, { description: 'The key.' })
  keyId: string;

  @Field(() => AllowedEventsMode, { description: 'SPECIFIC without a name allows none.' })
  mode: keyof typeof AllowedEventsMode;

  @Field(() => [String], {
    nullable: true,
    defaultValue: [],
    description:
      'The whole list, in place of the old one. It is kept, but not looked at, while the mode is ALL.',
  })
  names?: string[] | null;

  @Field(() => EnforcementMode, {
    nullable: true,
    defaultValue: EnforcementMode.ENFORCE,
    description: 'Whether other names are refused or only recorded.',
  })
  enforcement?: keyof typeof EnforcementMode | null;
}

@ObjectType({ description: 'What became of the key.' })
export class IntegrationKeyPayload {
  @Field(() => IntegrationKey, { description: 'As it stands now.' })
  key: IntegrationKey;
}

@ObjectType({ description: 'A key with its secret.' })
export class IntegrationKeySecretPayload {
  @Field(() => IntegrationKey, { description: 'As it stands now.' })
  key: IntegrationKey;

  @Field({ description: 'The whole secret, shown this once.' })
  secret: string;
}
