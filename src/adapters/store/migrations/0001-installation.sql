-- One row that names this installation, and the fingerprints of the keys that it has used.

create table portero.installation (
  is_only boolean primary key default true check (is_only),
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default clock_timestamp(),
  -- Whether Portero made the people table, and what everything in here was tied to last (bind-people.ts).
  has_own_people boolean not null default true,
  people_bound text
);

insert into portero.installation default values;

create table portero.key_fingerprints (
  key_id text primary key,
  first_seen_at timestamptz not null default clock_timestamp()
);

create table portero.api_keys (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  secret_hash bytea not null unique,
  scopes text[] not null,
  created_at timestamptz not null default clock_timestamp(),
  last_used_at timestamptz,
  revoked_at timestamptz
);
