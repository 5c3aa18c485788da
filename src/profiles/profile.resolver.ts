import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { requireCaller, type RequestContext } from '../auth/caller';
import { RequiresScope } from '../auth/requires-scope.directive';
import type { ProfileService } from './profile.service';
import {
  DeleteProfileInput,
  DeleteProfilePayload,
  IdentifyProfileInput,
  IdentifyProfilePayload,
  Profile,
  ProfileConnection,
  ProfileKey,
  ProfilesArgs,
} from './profile.types';

@Resolver()
export class ProfileResolver {
  constructor(private readonly service: ProfileService) {}

  @RequiresScope('profiles:read')
  @Query(() => Profile, {
    nullable: true,
    description: 'The person that an id belongs to; null when there is none.',
  })
  profile(
    @Arg('key', () => ProfileKey, { description: 'Exactly one id.' }) key: ProfileKey,
    @Ctx() context: RequestContext,
  ): Promise<Profile | null> {
    return this.service.findProfile(requireCaller(context).workspaceId, key, ['key']);
  }

  @RequiresScope('profiles:read')
  @Query(() => ProfileConnection, { description: 'The people of the workspace, the newest first.' })
  profiles(
    @Args(() => ProfilesArgs) args: ProfilesArgs,
    @Ctx() context: RequestContext,
  ): Promise<ProfileConnection> {
    return this.service.listProfiles(requireCaller(context).workspaceId, args);
  }

  @RequiresScope('profiles:write')
  @Mutation(() => IdentifyProfilePayload, {
    description:
      'Says who somebody is: links the given ids to one profile and merges the properties into it.',
  })
  async identifyProfile(
    @Arg('input', () => IdentifyProfileInput, { description: 'At least one id.' })
    input: IdentifyProfileInput,
    @Ctx() context: RequestContext,
  ): Promise<IdentifyProfilePayload> {
    await this.service.identifyProfile(requireCaller(context).workspaceId, input, ['input']);
    return { accepted: true };
  }

  @RequiresScope('profiles:delete')
  @Mutation(() => DeleteProfilePayload, {
    description: 'Erases a person: profile, links and events, for good.',
  })
  deleteProfile(
    @Arg('input', () => DeleteProfileInput, { description: 'Whom to forget.' }) input: DeleteProfileInput,
    @Ctx() context: RequestContext,
  ): Promise<DeleteProfilePayload> {
    return this.service.deleteProfile(requireCaller(context).workspaceId, input.key, ['input', 'key']);
  }
}
