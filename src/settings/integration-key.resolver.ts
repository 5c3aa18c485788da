import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../auth/caller';
import { RequiresScope } from '../auth/requires-scope.directive';
import { requireActor } from './actor';
import type { AllowedEventsService } from './allowed-events.service';
import type { IntegrationKeyService } from './integration-key.service';
import {
  CreateIntegrationKeyInput,
  IntegrationKeyPayload,
  IntegrationKeySecretPayload,
  RenameIntegrationKeyInput,
  RevokeIntegrationKeyInput,
  SetAllowedEventsInput,
} from './integration-key.types';

@Resolver()
export class IntegrationKeyResolver {
  constructor(
    private readonly keys: IntegrationKeyService,
    private readonly allowedEvents: AllowedEventsService,
  ) {}

  @RequiresScope('settings:write')
  @Mutation(() => IntegrationKeySecretPayload, {
    description: 'Makes an integration key and shows its secret this once.',
  })
  createIntegrationKey(
    @Arg('input', () => CreateIntegrationKeyInput, { description: 'The new key.' })
    input: CreateIntegrationKeyInput,
    @Ctx() context: RequestContext,
  ): Promise<IntegrationKeySecretPayload> {
    return this.keys.create(requireActor(context), input);
  }

  @RequiresScope('settings:write')
  @Mutation(() => IntegrationKeyPayload, { description: 'Gives an integration key another name.' })
  async renameIntegrationKey(
    @Arg('input', () => RenameIntegrationKeyInput, { description: 'Which key, and its name.' })
    input: RenameIntegrationKeyInput,
    @Ctx() context: RequestContext,
  ): Promise<IntegrationKeyPayload> {
    return { key: await this.keys.rename(requireActor(context), input) };
  }

  @RequiresScope('settings:write')
  @Mutation(() => IntegrationKeyPayload, {
    description: 'Ends an integration key for good, within a second on every server. Twice is no fault.',
  })
  async revokeIntegrationKey(
    @Arg('input', () => RevokeIntegrationKeyInput, { description: 'Which key.' })
    input: RevokeIntegrationKeyInput,
    @Ctx() context: RequestContext,
  ): Promise<IntegrationKeyPayload> {
    return { key: await this.keys.revoke(requireActor(context), input.keyId) };
  }

  @RequiresScope('settings:write')
  @Mutation(() => IntegrationKeyPayload, { description: 'Says which events an integration key may send.' })
  async setAllowedEvents(
    @Arg('input', () => SetAllowedEventsInput, { description: 'Which key, and its events.' })
    input: SetAllowedEventsInput,
    @Ctx() context: RequestContext,
  ): Promise<IntegrationKeyPayload> {
    return { key: await this.allowedEvents.set(requireActor(context), input) };
  }
}
