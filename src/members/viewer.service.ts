import type { DataSource } from 'typeorm';
import type { KeyPolicy, KnownCaller } from '../auth/caller';
import { getWorkspace } from '../auth/workspace.store';
import type { Sql } from '../database/transaction';
import { getMember } from './member.store';
import type { Viewer } from './viewer.types';

/** Tells callers who they are. */
export class ViewerService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly db: Sql,
  ) {}

  async getViewer(caller: KnownCaller, clientIp: string | null): Promise<Viewer> {
    const { kind, scopes, workspaceId } = caller;
    const isSession = kind === 'SESSION';
    const [workspace, member] = await Promise.all([
      getWorkspace(this.db, workspaceId),
      isSession ? getMember(this.dataSource.manager, workspaceId, caller.session.memberId) : null,
    ]);
    return {
      credentialKind: kind,
      workspace,
      scopes: [...scopes].sort(),
      clientIp: clientIp ?? 'unknown',
      allowedEvents: isSession ? null : toAllowedEvents(caller.key),
      expiresAt: isSession ? caller.session.expiresAt : caller.key.expiresAt,
      member,
    };
  }
}

function toAllowedEvents({ allowedEvents }: KeyPolicy): Viewer['allowedEvents'] {
  return { ...allowedEvents, names: [...allowedEvents.names].sort() };
}
