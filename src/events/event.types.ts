import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { ErrorCode } from '../auth/access.types';
import { PageInfo } from '../lib/page-info.types';

export const EventStatus = { ACCEPTED: 'ACCEPTED', DUPLICATE: 'DUPLICATE' } as const;
export type EventStatus = keyof typeof EventStatus;

registerEnumType(EventStatus, {
  name: 'EventStatus',
  description: 'What became of an event. Both are success.',
  valuesConfig: {
    ACCEPTED: { description: 'Stored; it survives a crash from now on.' },
    DUPLICATE: { description: 'An event with this message id was stored before; nothing was done.' },
  },
});

@InputType({ description: 'Something that a person or a device did.' })
export class TrackEventInput {
  @Field({
    description:
      "1-200 characters, no white space or control characters. Compared exactly with the key's allowed events.",
  })
  name: string;

  @Field(() => ID, {
    nullable: true,
    description: 'Known user. At least one of userId, anonymousId, externalId; 1-256 characters.',
  })
  userId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Id of a device or browser, before and after sign-in.' })
  anonymousId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Id of the person in another system.' })
  externalId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Groups events of one visit.' })
  sessionId?: string | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When it happened. Defaults to the time of receipt. From 2000-01-01 to 24 hours from now.',
  })
  timestamp?: Date | null;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'At most 32 KiB, 32 levels deep, 1,000 keys.',
  })
  properties?: Record<string, unknown> | null;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'Device, page, campaign, locale: whatever describes where it happened. Same limits as properties.',
  })
  context?: Record<string, unknown> | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Makes a retry safe: the first event with this id in the workspace is kept. Derived from the content when absent.',
  })
  messageId?: string | null;
}

@InputType({ description: 'A batch of events.' })
export class TrackEventsInput {
  @Field(() => [TrackEventInput], { description: '1-500 events, 1 MiB in all.' })
  events: TrackEventInput[];
}

@ObjectType({ description: 'The answer to one event.' })
export class TrackEventPayload {
  @Field(() => ID, { description: 'The id that was sent or derived.' })
  messageId: string;

  @Field(() => EventStatus, { description: 'Whether it was new.' })
  status: EventStatus;
}

@ObjectType({ description: 'An event of a batch that was not stored.' })
export class RejectedEvent {
  @Field(() => Int, { description: 'Its place in the batch, from 0.' })
  index: number;

  @Field(() => ErrorCode, { description: 'Why.' })
  code: keyof typeof ErrorCode;

  @Field({ description: 'Why, for people.' })
  message: string;
}

@ObjectType({ description: 'The answer to a batch. What is not in `rejected` is stored.' })
export class TrackEventsPayload {
  @Field(() => Int, { description: 'New events.' })
  acceptedCount: number;

  @Field(() => Int, { description: 'Events whose message id was stored before.' })
  duplicateCount: number;

  @Field(() => [RejectedEvent], { description: 'Refused events, in the order sent. The others are stored.' })
  rejected: RejectedEvent[];
}

@ObjectType({ description: 'A stored event, with the ids that it was sent with.', simpleResolvers: true })
export class Event {
  @Field(() => ID, { description: 'Stable id.' })
  id: string;

  @Field(() => ID, { description: 'Unique in the workspace; sent by the client or derived.' })
  messageId: string;

  @Field({ description: 'What happened.' })
  name: string;

  @Field(() => ID, { nullable: true, description: 'Known user.' })
  userId: string | null;

  @Field(() => ID, { nullable: true, description: 'Device or browser.' })
  anonymousId: string | null;

  @Field(() => ID, { nullable: true, description: 'Id of the person in another system.' })
  externalId: string | null;

  @Field(() => ID, { nullable: true, description: 'Visit.' })
  sessionId: string | null;

  @Field({ description: 'When it happened.' })
  timestamp: Date;

  @Field({ description: 'When it reached us.' })
  receivedAt: Date;

  @Field(() => GraphQLJSONObject, { description: 'As sent.' })
  properties: Record<string, unknown>;

  @Field(() => GraphQLJSONObject, { nullable: true, description: 'As sent.' })
  context: Record<string, unknown> | null;
}

@ObjectType({ description: 'An event and its place in the list.', simpleResolvers: true })
export class EventEdge {
  @Field({ description: 'Pass it as `after` to go on from here.' })
  cursor: string;

  @Field(() => Event, { description: 'The event.' })
  node: Event;
}

@ObjectType({ description: 'A page of events, newest first.', simpleResolvers: true })
export class EventConnection {
  @Field(() => [EventEdge], { description: 'At most `first` of them.' })
  edges: EventEdge[];

  @Field(() => PageInfo, { description: 'Where the page stands.' })
  pageInfo: PageInfo;
}

@ObjectType({ description: 'An event name that was seen in this workspace.' })
export class EventDefinition {
  @Field({ description: 'The name, as sent.' })
  name: string;

  @Field({ description: 'When the first one arrived.' })
  firstSeenAt: Date;

  @Field({ description: 'When the last one arrived.' })
  lastSeenAt: Date;

  @Field(() => Number, { description: 'How many were stored, ever.' })
  count: number;
}
