import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Small tables: plain, keyed by id, few rows.
 * Large tables: workspace_id first in every key and index, so that Citus can share them out by workspace
 * (architecture.md §1; `test/contract/catalog.test.ts` reads these rules off the catalog).
 */
export class CreateBase20261124070000 implements MigrationInterface {
  readonly name = 'CreateBase20261124070000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`create extension if not exists btree_gin`);
    await db.query(SMALL_TABLES);
    await db.query(LARGE_TABLES);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table event, event_key, event_definition, profile, identity, profile_alias, deleted_identity, profile_erasure;
      drop table audit_entry, allowed_event, ip_range, integration_key, session, member, workspace, policy_version`);
  }
}

const SMALL_TABLES = `
  create table workspace (
    id uuid primary key,
    name text not null check (length(name) between 1 and 200),
    created_at timestamptz not null
  );

  create table member (
    id uuid primary key,
    workspace_id uuid not null references workspace,
    email text not null check (length(email) between 3 and 254),
    role text not null check (role in ('VIEWER', 'ADMIN', 'OWNER')),
    password_hash text not null,
    created_at timestamptz not null,
    last_signed_in_at timestamptz
  );
  create unique index member_email on member (lower(email));
  create index member_workspace on member (workspace_id);

  create table session (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    member_id uuid not null references member on delete cascade,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null
  );
  create index session_member on session (member_id);

  create table integration_key (
    id uuid primary key,
    workspace_id uuid not null references workspace,
    name text not null check (length(name) between 1 and 200),
    kind text not null check (kind in ('WRITE_ONLY', 'READ_WRITE')),
    secret_hash bytea not null unique check (octet_length(secret_hash) = 32),
    preview text not null,
    ip_mode text not null check (ip_mode in ('ANYWHERE', 'SPECIFIC_LOCATIONS')),
    ip_enforcement text not null check (ip_enforcement in ('ENFORCE', 'OBSERVE')),
    events_mode text not null check (events_mode in ('ALL', 'SPECIFIC')),
    events_enforcement text not null check (events_enforcement in ('ENFORCE', 'OBSERVE')),
    created_at timestamptz not null,
    created_by text not null,
    expires_at timestamptz,
    revoked_at timestamptz
  );
  create index integration_key_workspace on integration_key (workspace_id);

  create table ip_range (
    id uuid primary key,
    workspace_id uuid not null references workspace,
    key_id uuid not null references integration_key,
    range text not null,
    description text check (length(description) <= 200),
    created_at timestamptz not null,
    created_by text not null,
    unique (key_id, range)
  );

  create table allowed_event (
    key_id uuid not null references integration_key,
    name text not null,
    primary key (key_id, name)
  );

  create table audit_entry (
    id uuid primary key,
    workspace_id uuid not null references workspace,
    at timestamptz not null,
    actor text not null,
    client_ip text,
    action text not null,
    target text not null,
    before jsonb,
    after jsonb
  );
  create index audit_entry_workspace on audit_entry (workspace_id, at desc, id desc);

  -- One row. Every settings change gives it a new value in its own transaction; every process polls it.
  -- Random, so that no value comes back after a failover or a restore that lost the last changes.
  create table policy_version (
    only_row boolean primary key default true check (only_row),
    version uuid not null
  );
  insert into policy_version (version) values (gen_random_uuid())`;

const LARGE_TABLES = `
  create table event (
    workspace_id uuid not null,
    occurred_at timestamptz not null,
    id uuid not null,
    received_at timestamptz not null,
    message_id text not null,
    name text not null,
    profile_id uuid not null,
    user_id text,
    anonymous_id text,
    external_id text,
    session_id text,
    properties jsonb not null,
    context jsonb,
    primary key (workspace_id, occurred_at, id)
  ) partition by range (occurred_at);
  create index event_profile on event (workspace_id, profile_id, occurred_at desc, id desc);

  -- Deduplication. Apart from event, because a unique key there would have to contain the time.
  create table event_key (
    workspace_id uuid not null,
    message_id text not null,
    received_at timestamptz not null,
    primary key (workspace_id, message_id)
  );

  -- A counter per stripe: each process adds to its own stripe, so that flushes of two processes never wait for
  -- one another's row. Readers sum over the stripes.
  create table event_definition (
    workspace_id uuid not null,
    name text not null,
    stripe smallint not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    count bigint not null,
    primary key (workspace_id, name, stripe)
  ) with (fillfactor = 50);

  create table profile (
    workspace_id uuid not null,
    id uuid not null,
    user_id text,
    external_id text,
    properties jsonb not null default '{}',
    -- key → epoch milliseconds at which it was set or removed; makes merging independent of order.
    properties_set_at jsonb not null default '{}',
    context jsonb,
    computed_properties jsonb not null default '{}',
    segments text[] not null default '{}',
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    primary key (workspace_id, id)
  ) with (fillfactor = 80);
  create index profile_properties on profile using gin (workspace_id, properties jsonb_path_ops);

  -- Which profile an id belongs to now.
  create table identity (
    workspace_id uuid not null,
    kind text not null check (kind in ('user', 'external', 'anonymous')),
    value text not null,
    profile_id uuid not null,
    claimed_at timestamptz not null,
    primary key (workspace_id, kind, value)
  );
  create index identity_profile on identity (workspace_id, profile_id, kind, claimed_at);

  -- A profile that was merged away: events that carry its id belong to the other one.
  create table profile_alias (
    workspace_id uuid not null,
    merged_profile_id uuid not null,
    profile_id uuid not null,
    primary key (workspace_id, merged_profile_id)
  );
  create index profile_alias_profile on profile_alias (workspace_id, profile_id);

  -- Tombstones, as hashes: sha256 of kind, ':' and value. An event that happened before deleted_at is not stored.
  create table deleted_identity (
    workspace_id uuid not null,
    identity_hash bytea not null,
    deleted_at timestamptz not null,
    primary key (workspace_id, identity_hash)
  );

  -- Deleted profiles whose events are not erased yet; empty but for the moments of a deletion, or after a crash in one.
  create table profile_erasure (
    workspace_id uuid not null,
    profile_id uuid not null,
    requested_at timestamptz not null,
    primary key (workspace_id, profile_id)
  )`;
