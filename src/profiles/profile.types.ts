import { GraphQLJSONObject } from 'graphql-scalars';
import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { PageInfo } from '../lib/page-info.types';
import type { JsonObject } from './input.rules';

@ObjectType({ description: 'A person, known by a user id or only by anonymous ids.', simpleResolvers: true })
export class Profile {
  @Field(() => ID, { description: 'Stable id of the profile.' })
  id: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The id that your system knows the person by; never changes.',
  })
  userId: string | null;

  @Field(() => ID, { nullable: true, description: 'The external id that was given last.' })
  externalId: string | null;

  @Field(() => [ID], { description: 'Anonymous ids of the person, the newest last; the newest 1,000.' })
  anonymousIds: string[];

  @Field(() => GraphQLJSONObject, { description: 'What identifyProfile said, key by key, the newest value.' })
  properties: JsonObject;

  @Field(() => GraphQLJSONObject, { description: 'What the server worked out from events.' })
  computedProperties: JsonObject;

  @Field(() => [String], { description: 'Segments that the person is in.' })
  segments: string[];

  @Field({ description: 'When the person was first heard of.' })
  firstSeenAt: Date;

  @Field({ description: 'When the person was last heard of.' })
  lastSeenAt: Date;
}

@ObjectType({ description: 'A profile in a page.', simpleResolvers: true })
export class ProfileEdge {
  @Field({ description: 'Pass it as `after` to go on from here.' })
  cursor: string;

  @Field(() => Profile, { description: 'The profile.' })
  node: Profile;
}

@ObjectType({ description: 'A page of profiles.', simpleResolvers: true })
export class ProfileConnection {
  @Field(() => [ProfileEdge], { description: 'The profiles of the page.' })
  edges: ProfileEdge[];

  @Field(() => PageInfo, { description: 'Where the page stands.' })
  pageInfo: PageInfo;
}

@InputType({ description: 'Which profile: exactly one of the ids.' })
export class ProfileKey {
  @Field(() => ID, { nullable: true, description: 'A user id.' })
  userId?: string | null;

  @Field(() => ID, { nullable: true, description: 'An anonymous id.' })
  anonymousId?: string | null;

  @Field(() => ID, { nullable: true, description: 'An external id.' })
  externalId?: string | null;
}

@InputType({ description: 'Which profiles; every given condition must hold.' })
export class ProfileFilter {
  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'Profiles whose properties contain this object.',
  })
  propertiesContain?: JsonObject | null;

  @Field(() => String, { nullable: true, description: 'Profiles in this segment.' })
  segment?: string | null;

  @Field(() => Date, { nullable: true, description: 'Profiles heard of after this time.' })
  lastSeenAfter?: Date | null;
}

@ArgsType()
export class ProfilesArgs {
  @Field(() => Int, {
    nullable: true,
    defaultValue: 50,
    description: 'Profiles of the page; the limit is in the configuration.',
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'A cursor: the page begins after it.' })
  after?: string | null;

  @Field(() => ProfileFilter, { nullable: true, description: 'Which profiles; absent: all.' })
  filter?: ProfileFilter | null;
}

@InputType({ description: 'Who somebody is, and what is known of them. At least one id.' })
export class IdentifyProfileInput {
  @Field(() => ID, { nullable: true, description: 'The id that your system knows the person by.' })
  userId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The id of a browser or device; belongs to who claimed it last.',
  })
  anonymousId?: string | null;

  @Field(() => ID, { nullable: true, description: 'The id that another system knows the person by.' })
  externalId?: string | null;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'Merged into the profile key by key, the newest wins; a null removes the key.',
  })
  properties?: JsonObject | null;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'Device, page, locale: whatever describes where the person is. The newest is kept.',
  })
  context?: JsonObject | null;
}

@ObjectType({
  description: 'Says nothing about who existed before: a write-only key learns nothing from it.',
})
export class IdentifyProfilePayload {
  @Field({ description: 'Always true: it is stored.' })
  accepted: boolean;
}

@InputType({ description: 'Whom to forget.' })
export class DeleteProfileInput {
  @Field(() => ProfileKey, { description: 'Any id of the person.' })
  key: ProfileKey;
}

@ObjectType({ description: 'What was erased. An unknown id erases nothing, which is a success too.' })
export class DeleteProfilePayload {
  @Field(() => Int, { description: '1, or 0 when no profile had the id.' })
  deletedProfileCount: number;

  @Field(() => Int, { description: 'Events of the person that were erased.' })
  deletedEventCount: number;
}
