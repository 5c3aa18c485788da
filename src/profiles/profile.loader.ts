import { isConnectionFault } from '../database/faults';
import type { PreparableSql } from '../database/transaction';
import { createCoalescingLoader, type CoalescingLoader } from '../lib/coalescing-loader';
import type { Identity } from './identity.rules';
import { findProfiles, type ProfileRow } from './profile.store';

/** Bounds the memory of one answer: a profile can have MAX_PROFILE_BYTES of properties. */
const MAX_BATCH_SIZE = 100;

export type ProfileLoader = CoalescingLoader<Identity & { readonly workspaceId: string }, ProfileRow | null>;

/** One for the process: it keeps nothing, and the workspace is part of each key (security.md rule 7). */
export function createProfileLoader(
  db: PreparableSql,
  options: { readonly isPrepared: boolean },
): ProfileLoader {
  return createCoalescingLoader((keys) => findProfiles(db, keys, options), {
    maxBatchSize: MAX_BATCH_SIZE,
    isOutage: isConnectionFault,
  });
}
