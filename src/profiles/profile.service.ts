import type { Clock } from '../clock';
import type { Config } from '../config';
import type { Pools } from '../database/database';
import { inTransaction, type Sql } from '../database/transaction';
import { unavailable, type InputPath } from '../errors';
import { toConnection, type Connection } from '../lib/connection';
import type { JsonLimits } from '../lib/json-limits';
import { createKeyedQueue } from '../lib/keyed-queue';
import { isUuid, newId } from '../lib/uuid';
import {
  deleteErasure,
  deleteEvents,
  deleteProfile,
  listErasures,
  waitForFlushes,
  type Erasure,
} from './erasure.store';
import { planIdentity, type Identity } from './identity.rules';
import { applyIdentityPlan, lockIdentitiesOf, lockLinks } from './identity.store';
import {
  requireCursor,
  requireIdentities,
  requireJsonObject,
  requireJsonSize,
  requireOneIdentity,
  requirePageSize,
  requireText,
  type JsonObject,
  type ProfileIds,
} from './input.rules';
import { createProfileLoader, type ProfileLoader } from './profile.loader';
import { identifyProfileState, newProfile, type IdentifyCall } from './profile.rules';
import { listProfiles, saveProfile, type ProfileConditions, type ProfileRow } from './profile.store';

const DEFAULT_PAGE_SIZE = 50;

/** Of one identity, next to the running one. Bounds the memory; each takes a few milliseconds. */
const MAX_WAITING_IDENTIFIES = 100;

export interface ProfileServiceOptions {
  readonly pools: Pools;
  readonly clock: Clock;
  readonly config: Config;
}

/** An identify call as it arrives; null and absent are alike. */
export interface IdentifyInput extends ProfileIds {
  readonly properties?: unknown;
  readonly context?: unknown;
}

export interface ProfileFilterInput {
  readonly propertiesContain?: JsonObject | null;
  readonly segment?: string | null;
  readonly lastSeenAfter?: Date | null;
}

export interface ProfilePageInput {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly filter?: ProfileFilterInput | null;
}

/** One method per use case. `path` is where the ids stand in the input of the door, for BAD_USER_INPUT. */
export class ProfileService {
  private readonly pools: Pools;
  private readonly clock: Clock;
  private readonly config: Config;
  private readonly jsonLimits: JsonLimits;
  private readonly loader: ProfileLoader;
  private readonly identifyQueue = createKeyedQueue({ maxWaiting: MAX_WAITING_IDENTIFIES });

  constructor({ pools, clock, config }: ProfileServiceOptions) {
    this.pools = pools;
    this.clock = clock;
    this.config = config;
    this.jsonLimits = { maxDepth: config.MAX_EVENT_DEPTH, maxKeys: config.MAX_EVENT_KEYS };
    this.loader = createProfileLoader(pools.api, { isPrepared: !config.DATABASE_POOLED });
  }

  /**
   * Links the given ids to one profile and merges the properties into it (architecture.md §4). Answers nothing, so that
   * a write-only key learns nothing. Throws BAD_USER_INPUT, or SERVICE_UNAVAILABLE when too many calls of one identity wait.
   */
  async identifyProfile(workspaceId: string, input: IdentifyInput, path: InputPath): Promise<void> {
    const call = this.requireIdentifyCall(input, path);
    // They would wait for each other's row locks anyway, each with a connection of the pool that everybody shares.
    const identified = this.identifyQueue.run(JSON.stringify([workspaceId, call.identities[0]]), () =>
      inTransaction(this.pools.api, (tx) => this.identify(tx, workspaceId, call)),
    );
    if (!identified) throw unavailable('Too many calls for one identity are waiting. Try again.');
    await identified;
  }

  /** The profile that an id belongs to now, or null. Throws BAD_USER_INPUT unless the key is one id. */
  async findProfile(workspaceId: string, key: ProfileIds, path: InputPath): Promise<ProfileRow | null> {
    const identity = requireOneIdentity(key, { path, max: this.config.MAX_ID_LENGTH });
    return this.loader.load({ workspaceId, ...identity });
  }

  /** Newest first. Throws BAD_USER_INPUT at `first`, `after` or `filter`. */
  async listProfiles(
    workspaceId: string,
    { first, after, filter }: ProfilePageInput,
  ): Promise<Connection<ProfileRow>> {
    const pageSize = requirePageSize(first ?? DEFAULT_PAGE_SIZE, this.config.MAX_PAGE_SIZE);
    const [beforeId] = requireCursor<[string]>(after, 1, isUuid) ?? [null];
    const conditions = this.requireConditions(filter ?? {});
    const rows = await listProfiles(this.pools.api, {
      workspaceId,
      beforeId,
      ...conditions,
      limit: pageSize + 1,
    });
    return toConnection(rows, { first: pageSize, after: after ?? null, cursorOf: ({ id }) => [id] });
  }

  /**
   * Erases a person: profile, links and events. Tombstones keep late retries of their events out. The profile is gone
   * when the first transaction commits; what a crash leaves of the events, `finishErasures` erases.
   */
  async deleteProfile(
    workspaceId: string,
    key: ProfileIds,
    path: InputPath,
  ): Promise<{ deletedProfileCount: number; deletedEventCount: number }> {
    const identity = requireOneIdentity(key, { path, max: this.config.MAX_ID_LENGTH });
    const erasure = await inTransaction(this.pools.api, (tx) =>
      this.deleteByIdentity(tx, workspaceId, identity),
    );
    if (!erasure) return { deletedProfileCount: 0, deletedEventCount: 0 };
    return { deletedProfileCount: 1, deletedEventCount: await this.eraseEvents([erasure]) };
  }

  /** Completes deletions that began before `olderThan` and were cut off. */
  async finishErasures(olderThan: Date): Promise<void> {
    const erasures = await listErasures(this.pools.worker, olderThan);
    if (erasures.length > 0) await this.eraseEvents(erasures);
  }

  private requireIdentifyCall(input: IdentifyInput, path: InputPath): IdentifyCall {
    const identities = requireIdentities(input, { path, max: this.config.MAX_ID_LENGTH });
    const properties = requireJsonObject(input.properties, [...path, 'properties'], this.jsonLimits);
    const context = requireJsonObject(input.context, [...path, 'context'], this.jsonLimits);
    const jsons = [JSON.stringify(properties), JSON.stringify(context)];
    requireJsonSize(jsons, { path, max: this.config.MAX_EVENT_BYTES });
    return { identities, properties, context: Object.keys(context).length > 0 ? context : null };
  }

  private requireConditions({
    propertiesContain,
    segment,
    lastSeenAfter,
  }: ProfileFilterInput): ProfileConditions {
    const { MAX_EVENT_BYTES, MAX_NAME_LENGTH } = this.config;
    const path = ['filter', 'propertiesContain'];
    const properties = propertiesContain ? requireJsonObject(propertiesContain, path, this.jsonLimits) : null;
    requireJsonSize([JSON.stringify(properties)], { path, max: MAX_EVENT_BYTES });
    return {
      propertiesContain: properties,
      segment:
        segment == null ? null : requireText(segment, { path: ['filter', 'segment'], max: MAX_NAME_LENGTH }),
      lastSeenAfter: lastSeenAfter ?? null,
    };
  }

  private async identify(tx: Sql, workspaceId: string, call: IdentifyCall): Promise<void> {
    const at = this.clock();
    const plan = planIdentity(await lockLinks(tx, { workspaceId, identities: call.identities }));
    const target = plan.target ?? newProfile(newId(), at);
    const limits = { maxKeys: this.config.MAX_EVENT_KEYS, maxBytes: this.config.MAX_PROFILE_BYTES };
    await saveProfile(tx, workspaceId, identifyProfileState(target, plan.merged, { call, at, limits }));
    await applyIdentityPlan(tx, { workspaceId, targetId: target.id, plan, at });
  }

  private async deleteByIdentity(tx: Sql, workspaceId: string, identity: Identity): Promise<Erasure | null> {
    const [link] = await lockLinks(tx, { workspaceId, identities: [identity] });
    if (!link?.profile) return null;
    await lockIdentitiesOf(tx, workspaceId, [link.profile.id]);
    return deleteProfile(tx, { workspaceId, profileId: link.profile.id, at: this.clock() });
  }

  /** On the worker's pool, so that erasing many events takes no connection from the API. Says how many they were. */
  private async eraseEvents(erasures: readonly Erasure[]): Promise<number> {
    const pool = this.pools.worker;
    await inTransaction(pool, waitForFlushes);
    let count = 0;
    for (const erasure of erasures) {
      count += await deleteEvents(pool, erasure);
      await deleteErasure(pool, erasure);
    }
    return count;
  }
}
