import { Ctx, FieldResolver, Resolver } from 'type-graphql';
import { requireCaller, type RequestContext } from '../auth/caller';
import { ApiSettings } from '../settings/api-settings.types';
import type { EventService } from './event.service';
import { EventDefinition } from './event.types';

@Resolver(() => ApiSettings)
export class EventDefinitionResolver {
  constructor(private readonly events: EventService) {}

  @FieldResolver(() => [EventDefinition], {
    description:
      'Names seen in this workspace: the chips of the allowed-events picker. At most 1,000, newest first.',
  })
  eventDefinitions(@Ctx() context: RequestContext): Promise<EventDefinition[]> {
    return this.events.listEventDefinitions(requireCaller(context).workspaceId);
  }
}
