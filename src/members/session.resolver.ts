import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Authenticated } from '../auth/authenticated.directive';
import { requireSession, type RequestContext } from '../auth/caller';
import { Public } from '../auth/public.directive';
import type { Config } from '../config';
import { formatClearedSessionCookie, formatSessionCookie } from './session-cookie';
import type { SessionService } from './session.service';
import { SignInInput, SignInPayload, SignOutPayload } from './session.types';
import type { ViewerService } from './viewer.service';

@Resolver()
export class SessionResolver {
  constructor(
    private readonly sessions: SessionService,
    private readonly viewers: ViewerService,
    private readonly config: Config,
  ) {}

  @Public()
  @Mutation(() => SignInPayload, { description: 'Begins a session of a member.' })
  async signIn(
    @Arg('input', () => SignInInput, { description: 'Who is signing in.' }) input: SignInInput,
    @Ctx() context: RequestContext,
  ): Promise<SignInPayload> {
    const { clientIp, isSameOrigin, responseHeaders } = context;
    const { token, session } = await this.sessions.signIn(input, clientIp);
    if (isSameOrigin) responseHeaders.set('set-cookie', formatSessionCookie(token, this.config));
    const { scopes, workspaceId, expiresAt } = session;
    const viewer = await this.viewers.getViewer({ kind: 'SESSION', scopes, workspaceId, session }, clientIp);
    return { sessionToken: token, expiresAt, viewer };
  }

  @Authenticated()
  @Mutation(() => SignOutPayload, { description: 'Ends the session that asks for it. Keys are refused.' })
  async signOut(@Ctx() context: RequestContext): Promise<SignOutPayload> {
    await this.sessions.signOut(requireSession(context));
    if (context.isSameOrigin)
      context.responseHeaders.set('set-cookie', formatClearedSessionCookie(this.config));
    return { signedOut: true };
  }
}
