-- What the application behind was last told of people's accounts there, beside what is true here: the difference is what it
-- has still to be told.

-- Whether the session was let into the application and its end has not been told there: set before that happens.
alter table portero.sessions add column in_app boolean not null default false;
create index sessions_in_app on portero.sessions (person_id) where in_app;

create table portero.app_accounts (
  -- Not a foreign key: it has to outlive its person until the application was told.
  person_id uuid primary key,
  -- Null until a first sign-in under this address was answered.
  account_id text,
  email text not null,
  name text not null,
  role text,
  groups text[] not null default '{}',
  has_told_groups boolean not null default false,
  has_sessions boolean not null default false,
  suspended_role text,
  is_suspended boolean not null default false,
  lease_token uuid,
  lease_until timestamptz,
  tries integer not null default 0,
  next_try_at timestamptz
);

create index app_accounts_next_try_at on portero.app_accounts (next_try_at) where next_try_at is not null;

-- The only roles that the application is told; others that a person has here mean nothing there.
create function portero.app_role(role text) returns text
language sql immutable parallel safe
return case when role in ('admin', 'user', 'pending') then role end;
