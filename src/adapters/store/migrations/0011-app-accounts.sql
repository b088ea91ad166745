-- What the application behind was last told of people's accounts there, beside what is true here: the difference is what it
-- has still to be told. And the address by which somebody is joined to an account that they had there before Portero came.

alter table portero.people add column app_email text unique check (app_email = lower(app_email) and app_email like '_%@_%');

create or replace trigger people_changed after update on portero.people
  for each row when (old.role is distinct from new.role or old.groups is distinct from new.groups or old.state is distinct from new.state
    or old.app_email is distinct from new.app_email)
  execute function portero.note_person_change();

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

-- As before, but that a joined address stands in the place of the pseudonym: it is whole, the other is a local part. The
-- columns stay what they are, because a replica of the version before keeps statements on them prepared.
create or replace view portero.live_sessions with (security_invoker = true) as
  select s.id, s.person_id, s.phone, s.amr, s.is_shared, s.started_at, s.proved_at, s.last_seen_at, s.idle_seconds, s.idle_ends_at,
         least(s.ends_at, case when p.role = 'admin' then s.started_at + make_interval(secs => s.admin_life_seconds) end) as ends_at,
         s.generation, s.is_generation_seen, s.address, s.user_agent, s.device_id,
         portero.display_name(u.nombre, u.apellido) as name, p.role, p.groups, coalesce(p.app_email, p.email_local) as email_local, p.state
    from portero.sessions s
    join portero.everybody u on u.id = s.person_id
    join portero.people p on p.id = s.person_id
   where s.ended_at is null and p.state = 'active'
     and s.idle_ends_at > clock_timestamp() and s.ends_at > clock_timestamp()
     and (p.role is distinct from 'admin' or s.started_at + make_interval(secs => s.admin_life_seconds) > clock_timestamp());

-- The only roles that the application is told; others that a person has here mean nothing there.
create function portero.app_role(role text) returns text
language sql immutable parallel safe
return case when role in ('admin', 'user', 'pending') then role end;
