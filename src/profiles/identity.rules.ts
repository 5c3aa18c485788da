export type IdentityKind = 'user' | 'external' | 'anonymous';

export interface Identity {
  readonly kind: IdentityKind;
  readonly value: string;
}

/** A given id and the profile that it belongs to now. */
export interface Link {
  readonly identity: Identity;
  readonly profile: { readonly id: string; readonly isKnown: boolean } | null;
}

/** What an identify does to profiles and links. */
export interface IdentityPlan {
  /** Which profile all given ids belong to afterwards; null: a new one. */
  readonly targetId: string | null;
  /** Profiles that go up in the target, with everything that they have. */
  readonly mergedIds: readonly string[];
  /** Ids taken from the profile of another known person: the newest claim owns them. */
  readonly moves: readonly { readonly identity: Identity; readonly fromId: string }[];
  /** Ids that belonged to nobody. */
  readonly claims: readonly Identity[];
}

/**
 * architecture.md §4: a profile with a user id is known, others are merged into it; two known ones are never merged.
 * `links` are the ids of one call, strongest first (user, external, anonymous).
 */
export function planIdentity(links: readonly Link[]): IdentityPlan {
  const targetId = chooseTarget(links);
  const mergedIds = new Set<string>();
  const moves: { identity: Identity; fromId: string }[] = [];
  const claims: Identity[] = [];
  for (const { identity, profile } of links) {
    if (!profile) claims.push(identity);
    else if (profile.id === targetId) continue;
    else if (profile.isKnown) moves.push({ identity, fromId: profile.id });
    else mergedIds.add(profile.id);
  }
  return { targetId, mergedIds: [...mergedIds], moves, claims };
}

function chooseTarget(links: readonly Link[]): string | null {
  const profiles = links.flatMap(({ profile }) => profile ?? []);
  const user = links.find(({ identity }) => identity.kind === 'user');
  if (user?.profile) return user.profile.id;
  // A new user id is given to the person who was here before it was known, never to somebody who has one already.
  if (user) return profiles.find(({ isKnown }) => !isKnown)?.id ?? null;
  return (profiles.find(({ isKnown }) => isKnown) ?? profiles[0])?.id ?? null;
}
