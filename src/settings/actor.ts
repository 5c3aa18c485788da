import { requireSession, type RequestContext } from '../auth/caller';

/** Who changes settings, and from where: what an audit row says. */
export interface Actor {
  readonly workspaceId: string;
  /** E-mail of the member, or `setup` for the first start. */
  readonly name: string;
  readonly clientIp: string | null;
}

/** Throws UNAUTHENTICATED or FORBIDDEN: settings are changed by people. */
export function requireActor(context: RequestContext): Actor {
  const { workspaceId, email } = requireSession(context);
  return { workspaceId, name: email, clientIp: context.clientIp };
}
