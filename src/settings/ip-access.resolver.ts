import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../auth/caller';
import { RequiresScope } from '../auth/requires-scope.directive';
import { requireActor } from './actor';
import type { IpAccessService } from './ip-access.service';
import { AddIpRangeInput, IpAccessPayload, RemoveIpRangeInput, SetIpAccessInput } from './ip-access.types';

@Resolver()
export class IpAccessResolver {
  constructor(private readonly ipAccess: IpAccessService) {}

  @RequiresScope('settings:write')
  @Mutation(() => IpAccessPayload, {
    description: 'Opens a key to every address, or ties it to its allow-list.',
  })
  async setIpAccess(
    @Arg('input', () => SetIpAccessInput, { description: 'Which key, and its mode.' })
    input: SetIpAccessInput,
    @Ctx() context: RequestContext,
  ): Promise<IpAccessPayload> {
    return { ipAccess: await this.ipAccess.setMode(requireActor(context), input) };
  }

  @RequiresScope('settings:write')
  @Mutation(() => IpAccessPayload, {
    description: 'Adds a range to the allow-list of a key. The mode stays as it is.',
  })
  async addIpRange(
    @Arg('input', () => AddIpRangeInput, { description: 'Which key, and the range.' }) input: AddIpRangeInput,
    @Ctx() context: RequestContext,
  ): Promise<IpAccessPayload> {
    return { ipAccess: await this.ipAccess.addRange(requireActor(context), input) };
  }

  @RequiresScope('settings:write')
  @Mutation(() => IpAccessPayload, {
    description: 'Takes a range off its allow-list. The mode stays as it is.',
  })
  async removeIpRange(
    @Arg('input', () => RemoveIpRangeInput, { description: 'Which entry.' }) input: RemoveIpRangeInput,
    @Ctx() context: RequestContext,
  ): Promise<IpAccessPayload> {
    return { ipAccess: await this.ipAccess.removeRange(requireActor(context), input.entryId) };
  }
}
