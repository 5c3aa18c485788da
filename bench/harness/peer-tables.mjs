/**
 * The tables of the peers: the columns of Fluxgate's events. A schema of its own lets the read benchmark put them beside
 * Fluxgate's, filled with the same data.
 */
export const PEER_TABLES = `
  create schema peer;
  create table peer.profile (
    workspace_id uuid not null,
    user_id text not null,
    properties jsonb not null default '{}',
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null
  );
  create table peer.event (
    id uuid not null default uuidv7(),
    workspace_id uuid not null,
    message_id text not null,
    name text not null,
    user_id text not null,
    occurred_at timestamptz not null,
    received_at timestamptz not null default now(),
    properties jsonb not null
  );`;

/** Three of events, as many as ours has. Apart, because millions of rows are copied faster without them. */
export const PEER_INDEXES = `
  alter table peer.profile add primary key (workspace_id, user_id);
  alter table peer.event add primary key (id), add unique (message_id);
  create index event_user on peer.event (workspace_id, user_id, occurred_at desc);
  -- Tells PostGraphile of the relation without the cost of a real key.
  comment on table peer.event is
    E'@foreignKey (workspace_id, user_id) references peer.profile (workspace_id, user_id)'`;
