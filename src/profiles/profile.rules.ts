import type { Identity, IdentityKind } from './identity.rules';
import type { JsonObject } from './input.rules';
import {
  boundProperties,
  formatProperties,
  mergeProperties,
  parseProperties,
  setProperties,
  type PropertyLimits,
  type StoredProperties,
} from './profile-properties.rules';

/** What identifying changes of a profile row. */
export interface ProfileState extends StoredProperties {
  readonly id: string;
  readonly userId: string | null;
  /** The external id that was given last. */
  readonly externalId: string | null;
  readonly context: JsonObject | null;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** A checked identify call. */
export interface IdentifyCall {
  readonly identities: readonly Identity[];
  readonly properties: JsonObject;
  readonly context: JsonObject | null;
}

/** The state of a profile about which nothing is known. */
export function newProfile(id: string, at: Date): ProfileState {
  return {
    id,
    userId: null,
    externalId: null,
    context: null,
    properties: {},
    propertiesSetAt: {},
    firstSeenAt: at,
    lastSeenAt: at,
  };
}

/** `target` after it took up the `merged` profiles and what the call says. */
export function identifyProfileState(
  target: ProfileState,
  merged: readonly ProfileState[],
  { call, at, limits }: { call: IdentifyCall; at: Date; limits: PropertyLimits },
): ProfileState {
  const all = [target, ...merged];
  const known = merged
    .map(parseProperties)
    .reduce((over, under) => mergeProperties(under, over), parseProperties(target));
  const properties = boundProperties(setProperties(known, call.properties, at.getTime()), limits);
  return {
    id: target.id,
    userId: target.userId ?? findValue(call.identities, 'user'),
    externalId: findValue(call.identities, 'external') ?? findFirst(all, ({ externalId }) => externalId),
    context: call.context ?? findFirst(all, ({ context }) => context),
    ...formatProperties(properties),
    firstSeenAt: new Date(Math.min(...all.map(({ firstSeenAt }) => firstSeenAt.getTime()))),
    lastSeenAt: new Date(Math.max(at.getTime(), ...all.map(({ lastSeenAt }) => lastSeenAt.getTime()))),
  };
}

function findValue(identities: readonly Identity[], kind: IdentityKind): string | null {
  return identities.find((identity) => identity.kind === kind)?.value ?? null;
}

function findFirst<T>(states: readonly ProfileState[], read: (state: ProfileState) => T | null): T | null {
  return states.map(read).find((value) => value !== null) ?? null;
}
