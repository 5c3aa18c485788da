import { Ctx, Query, Resolver } from 'type-graphql';
import { Authenticated } from '../auth/authenticated.directive';
import { requireCaller, type RequestContext } from '../auth/caller';
import type { ViewerService } from './viewer.service';
import { Viewer } from './viewer.types';

@Resolver()
export class ViewerResolver {
  constructor(private readonly viewers: ViewerService) {}

  @Authenticated()
  @Query(() => Viewer, { description: 'The caller, as the server sees it.' })
  viewer(@Ctx() context: RequestContext): Promise<Viewer> {
    return this.viewers.getViewer(requireCaller(context), context.clientIp);
  }
}
