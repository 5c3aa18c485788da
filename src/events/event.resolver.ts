import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { AllowedEvent } from '../auth/allowed-event.directive';
import { requireCaller, type RequestContext } from '../auth/caller';
import { RequiresScope } from '../auth/requires-scope.directive';
import { Profile } from '../profiles/profile.types';
import type { EventService } from './event.service';
import {
  EventConnection,
  TrackEventInput,
  TrackEventPayload,
  TrackEventsInput,
  TrackEventsPayload,
} from './event.types';

@ArgsType()
class EventFilterArguments {
  @Field(() => String, { nullable: true, description: 'Cursor of the last event already seen.' })
  after?: string | null;

  @Field(() => [String], { nullable: true, description: 'Only events of these names.' })
  names?: string[] | null;

  @Field(() => Date, { nullable: true, description: 'Only events at or after this time.' })
  from?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Only events before this time.' })
  to?: Date | null;
}

@Resolver(() => Profile)
export class EventResolver {
  constructor(private readonly events: EventService) {}

  @RequiresScope('events:write')
  @AllowedEvent('input.name')
  @Mutation(() => TrackEventPayload, { description: 'Stores one event. Acknowledged after COMMIT.' })
  trackEvent(
    @Arg('input', () => TrackEventInput, { description: 'The event.' }) input: TrackEventInput,
    @Ctx() context: RequestContext,
  ): Promise<TrackEventPayload> {
    return this.events.trackEvent(requireCaller(context), input);
  }

  @RequiresScope('events:write')
  @AllowedEvent('input.events.name')
  @Mutation(() => TrackEventsPayload, {
    description: 'Stores a batch. Each event is judged by itself; a refused one does not stop the others.',
  })
  trackEvents(
    @Arg('input', () => TrackEventsInput, { description: 'The events.' }) input: TrackEventsInput,
    @Ctx() context: RequestContext,
  ): Promise<TrackEventsPayload> {
    return this.events.trackEvents(requireCaller(context), input.events);
  }

  @RequiresScope('events:read')
  @Query(() => EventConnection, { name: 'events', description: 'Newest first.' })
  listEvents(
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: 50,
      description: 'Page size, at most MAX_PAGE_SIZE (100 by default).',
    })
    first: number | null,
    @Args(() => EventFilterArguments) filter: EventFilterArguments,
    @Ctx() context: RequestContext,
  ): Promise<EventConnection> {
    return this.events.listEvents(requireCaller(context).workspaceId, { ...filter, first: first ?? 50 });
  }

  @RequiresScope('events:read')
  @FieldResolver(() => EventConnection, {
    name: 'events',
    description: "The profile's events, also those sent before it was known. Newest first.",
  })
  listProfileEvents(
    @Root() profile: Profile,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: 20,
      description: 'Page size, at most MAX_PAGE_SIZE (100 by default).',
    })
    first: number | null,
    @Args(() => EventFilterArguments) filter: EventFilterArguments,
    @Ctx() context: RequestContext,
  ): Promise<EventConnection> {
    const key = { workspaceId: requireCaller(context).workspaceId, profileId: profile.id };
    return this.events.listProfileEvents(key, { ...filter, first: first ?? 20 });
  }
}
