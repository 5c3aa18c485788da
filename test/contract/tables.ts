/** Grow with the traffic; shared out by workspace (architecture of the schema: see the first migration). */
export const LARGE_TABLES = [
  'event',
  'event_key',
  'event_definition',
  'profile',
  'identity',
  'profile_alias',
  'deleted_identity',
  'profile_erasure',
];

/** Grow with the number of people and settings. */
export const SMALL_TABLES = [
  'workspace',
  'member',
  'session',
  'integration_key',
  'ip_range',
  'allowed_event',
  'audit_entry',
  'policy_version',
];
