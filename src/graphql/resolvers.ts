import { EventDefinitionResolver } from '../events/event-definition.resolver';
import { EventResolver } from '../events/event.resolver';
import { SessionResolver } from '../members/session.resolver';
import { ViewerResolver } from '../members/viewer.resolver';
import { ProfileResolver } from '../profiles/profile.resolver';
import { ApiSettingsResolver } from '../settings/api-settings.resolver';
import { IntegrationKeyResolver } from '../settings/integration-key.resolver';
import { IpAccessResolver } from '../settings/ip-access.resolver';

/** Every resolver class there is: the schema is what they declare. */
export const RESOLVERS = [
  ApiSettingsResolver,
  IntegrationKeyResolver,
  IpAccessResolver,
  SessionResolver,
  ViewerResolver,
  ProfileResolver,
  EventResolver,
  EventDefinitionResolver,
] as const;
