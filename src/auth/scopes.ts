/** Every scope there is, `noun:verb`. `docs/scopes.md` is checked against this list. */
export const SCOPES = [
  'events:write',
  'events:read',
  'profiles:write',
  'profiles:read',
  'profiles:delete',
  'workflows:trigger',
  'workflows:read',
  'workflows:write',
  'metrics:query',
  'metrics:sql',
  'metrics:write',
  'settings:read',
  'settings:write',
  'audit:read',
  'members:write',
  'workspace:write',
] as const;

export type Scope = (typeof SCOPES)[number];
export type ScopeSet = ReadonlySet<Scope>;

export type IntegrationKeyKind = 'WRITE_ONLY' | 'READ_WRITE';
export type MemberRole = 'VIEWER' | 'ADMIN' | 'OWNER';

const WRITE_ONLY: readonly Scope[] = ['events:write', 'profiles:write'];
const VIEWER: readonly Scope[] = [
  'settings:read',
  'events:read',
  'profiles:read',
  'workflows:read',
  'metrics:query',
  'metrics:sql',
];
const ADMIN: readonly Scope[] = [
  ...VIEWER,
  'settings:write',
  'metrics:write',
  'workflows:write',
  'workflows:trigger',
  'profiles:write',
  'profiles:delete',
  'events:write',
  'audit:read',
];

export const NO_SCOPES: ScopeSet = new Set();

export const KEY_SCOPES: Readonly<Record<IntegrationKeyKind, ScopeSet>> = {
  WRITE_ONLY: new Set(WRITE_ONLY),
  READ_WRITE: new Set([
    ...WRITE_ONLY,
    'events:read',
    'profiles:read',
    'profiles:delete',
    'workflows:trigger',
    'workflows:read',
  ]),
};

export const ROLE_SCOPES: Readonly<Record<MemberRole, ScopeSet>> = {
  VIEWER: new Set(VIEWER),
  ADMIN: new Set(ADMIN),
  OWNER: new Set([...ADMIN, 'members:write', 'workspace:write']),
};
