import { Arg, Ctx, FieldResolver, Query, Resolver } from 'type-graphql';
import { requireCaller, type RequestContext } from '../auth/caller';
import { RequiresScope } from '../auth/requires-scope.directive';
import type { ApiSettingsService } from './api-settings.service';
import { ApiSettings } from './api-settings.types';
import { IntegrationKey } from './integration-key.types';

@Resolver(() => ApiSettings)
export class ApiSettingsResolver {
  constructor(private readonly settings: ApiSettingsService) {}

  @RequiresScope('settings:read')
  @Query(() => ApiSettings, { description: "The API settings of the caller's workspace." })
  apiSettings(@Ctx() context: RequestContext): Promise<ApiSettings> {
    return this.settings.getSettings(requireCaller(context).workspaceId);
  }

  @FieldResolver(() => [IntegrationKey], { description: 'The integration keys, oldest first.' })
  integrationKeys(
    @Arg('includeRevoked', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: 'Whether revoked keys are listed too.',
    })
    includeRevoked: boolean | null,
    @Ctx() context: RequestContext,
  ): Promise<IntegrationKey[]> {
    return this.settings.listKeys(requireCaller(context).workspaceId, includeRevoked ?? false);
  }
}
