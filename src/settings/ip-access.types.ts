import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { EnforcementMode, IpAccessMode } from '../auth/access.types';

@ObjectType({ description: 'A range of addresses from which a key may be used.' })
export class IpAllowListEntry {
  @Field(() => ID, { description: 'Stable id.' })
  id: string;

  @Field({ description: 'Canonical form, e.g. 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7.' })
  range: string;

  @Field(() => String, { nullable: true, description: 'What the range is, for people.' })
  description: string | null;

  @Field({ description: 'When it was added.' })
  createdAt: Date;

  @Field({ description: 'Who added it: the e-mail of a member, or setup.' })
  createdBy: string;
}

@ObjectType({ description: 'From where a key may be used.' })
export class IpAccess {
  @Field(() => IpAccessMode, { description: 'From every address, or from the listed ranges.' })
  mode: keyof typeof IpAccessMode;

  @Field(() => EnforcementMode, { description: 'Whether other addresses are refused or only recorded.' })
  enforcement: keyof typeof EnforcementMode;

  @Field(() => [IpAllowListEntry], {
    description: 'The ranges, oldest first. They are kept while the mode is ANYWHERE.',
  })
  entries: IpAllowListEntry[];
}

@InputType({ description: 'A range to put on the allow-list of a new key.' })
export class IpRangeInput {
  @Field({ description: 'An IPv4 or IPv6 address, or a CIDR range without host bits, e.g. 10.0.0.0/8.' })
  range: string;

  @Field(() => String, {
    nullable: true,
    description: 'What the range is, for people. At most 200 characters.',
  })
  description?: string | null;
}

@InputType({ description: 'From where a key may be used.' })
export class SetIpAccessInput {
  @Field(() => ID, { nullable: true, description: 'The integration key. Absent: the metrics key.' })
  keyId?: string | null;

  @Field(() => IpAccessMode, { description: 'SPECIFIC_LOCATIONS without a range allows nobody.' })
  mode: keyof typeof IpAccessMode;

  @Field(() => EnforcementMode, {
    nullable: true,
    defaultValue: EnforcementMode.ENFORCE,
    description: 'Whether other addresses are refused or only recorded.',
  })
  enforcement?: keyof typeof EnforcementMode | null;
}

@InputType({ description: 'A range to add to the allow-list of a key.' })
export class AddIpRangeInput {
  @Field(() => ID, { nullable: true, description: 'The integration key. Absent: the metrics key.' })
  keyId?: string | null;

  @Field({ description: 'An IPv4 or IPv6 address, or a CIDR range without host bits, e.g. 10.0.0.0/8.' })
  range: string;

  @Field(() => String, {
    nullable: true,
    description: 'What the range is, for people. At most 200 characters.',
  })
  description?: string | null;
}

@InputType({ description: 'A range to take off its allow-list.' })
export class RemoveIpRangeInput {
  @Field(() => ID, { description: 'The entry of the allow-list.' })
  entryId: string;
}

@ObjectType({ description: 'What became of the allow-list.' })
export class IpAccessPayload {
  @Field(() => IpAccess, { description: 'As it stands now.' })
  ipAccess: IpAccess;
}
