import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { hasWorkspace, insertWorkspace, lockWorkspaces } from './auth/workspace.store';
import type { Clock } from './clock';
import { wrongConfiguration, type Config } from './config';
import { inEntityTransaction } from './database/transaction';
import { ApiError } from './errors';
import { newId } from './lib/uuid';
import type { MemberService } from './members/member.service';
import type { IntegrationKeyService } from './settings/integration-key.service';

/** What the very first start made. The secrets exist nowhere else, so they are shown once (security.md rule 25). */
export interface FirstRun {
  readonly ownerEmail: string;
  /** null: the operator chose it. */
  readonly ownerPassword: string | null;
  readonly writeOnlyKey: string;
  readonly readWriteKey: string;
}

/**
 * Makes a workspace, its owner and two keys, in one transaction, when there is no workspace yet; else answers null.
 * Throws an Error that names the setting when the owner's e-mail or password is not acceptable.
 */
export function setUpFirstWorkspace(parts: {
  dataSource: DataSource;
  members: MemberService;
  keys: IntegrationKeyService;
  config: Config;
  clock: Clock;
}): Promise<FirstRun | null> {
  const { dataSource, members, keys, config, clock } = parts;
  return inEntityTransaction(dataSource, async (tx) => {
    await lockWorkspaces(tx);
    if (await hasWorkspace(tx)) return null;
    const workspaceId = newId();
    const email = config.FLUXGATE_OWNER_EMAIL;
    const madePassword = config.FLUXGATE_OWNER_PASSWORD ? null : randomBytes(18).toString('base64url');
    const actor = { workspaceId, name: 'setup', clientIp: null };
    await insertWorkspace(tx, { id: workspaceId, name: 'My workspace', createdAt: clock() });
    const password = madePassword ?? config.FLUXGATE_OWNER_PASSWORD ?? '';
    await members.createOwnerWithin(tx, { workspaceId, email, password }).catch(blameSetting);
    const writeOnly = await keys.createWithin(tx, actor, { name: 'Web', kind: 'WRITE_ONLY' });
    const readWrite = await keys.createWithin(tx, actor, { name: 'Back end', kind: 'READ_WRITE' });
    return {
      ownerEmail: email,
      ownerPassword: madePassword,
      writeOnlyKey: writeOnly.secret,
      readWriteKey: readWrite.secret,
    };
  });
}

function blameSetting(error: unknown): never {
  const field = error instanceof ApiError ? error.inputPath?.[0] : undefined;
  if (field !== 'email' && field !== 'password') throw error;
  const name = field === 'email' ? 'FLUXGATE_OWNER_EMAIL' : 'FLUXGATE_OWNER_PASSWORD';
  throw wrongConfiguration([`${name}: ${(error as ApiError).message}`]);
}
