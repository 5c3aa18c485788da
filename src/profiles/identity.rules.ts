export type IdentityKind = 'user' | 'external' | 'anonymous';

export interface Identity {
  readonly kind: IdentityKind;
  readonly value: string;
}

/** A profile with a user id is known. */
interface Person {
  readonly id: string;
  readonly userId: string | null;
}

/** A given id and the profile that it belongs to now. */
export interface Link<Profile extends Person> {
  readonly identity: Identity;
  readonly profile: Profile | null;
}

/** What an identify does to profiles and links. */
export interface IdentityPlan<Profile extends Person> {
  /** Whose all given ids are afterwards; null: a new profile's. */
  readonly target: Profile | null;
  /** Profiles that go up in the target, with everything that they have. */
  readonly merged: readonly Profile[];
  /** Ids taken from another known person: the newest claim owns them. */
  readonly moves: readonly { readonly identity: Identity; readonly fromId: string }[];
  /** Ids that belonged to nobody. */
  readonly claims: readonly Identity[];
}

/**
 * architecture.md §4: unknown profiles are merged into the known one; two known ones are never merged. `links` are the
 * ids of one call, strongest first (user, external, anonymous); links to the same profile hold the same object.
 */
export function planIdentity<Profile extends Person>(links: readonly Link<Profile>[]): IdentityPlan<Profile> {
  const target = chooseTarget(links);
  const merged = new Set<Profile>();
  const moves: { identity: Identity; fromId: string }[] = [];
  const claims: Identity[] = [];
  for (const { identity, profile } of links) {
    if (!profile) claims.push(identity);
    else if (profile === target) continue;
    else if (isKnown(profile)) moves.push({ identity, fromId: profile.id });
    else merged.add(profile);
  }
  return { target, merged: [...merged], moves, claims };
}

function chooseTarget<Profile extends Person>(links: readonly Link<Profile>[]): Profile | null {
  const profiles = links.flatMap(({ profile }) => profile ?? []);
  const user = links.find(({ identity }) => identity.kind === 'user');
  if (user?.profile) return user.profile;
  // A new user id is given to the person who was here before it was known, never to somebody who has one already.
  if (user) return profiles.find((profile) => !isKnown(profile)) ?? null;
  return profiles.find(isKnown) ?? profiles[0] ?? null;
}

function isKnown({ userId }: Person): boolean {
  return userId !== null;
}
