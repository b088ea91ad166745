-- Signed-in browsers and apps, the devices that they came from, and the feed by which replicas learn that one ended.

create table portero.devices (
  id uuid primary key default gen_random_uuid(),
  phone text not null,
  secret_hash bytea not null,
  -- Who signed in here last. Not a foreign key: nothing hangs on it when that person is gone.
  person_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  last_used_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
);

-- One browser may be known for several phones with one secret.
create unique index devices_secret_phone on portero.devices (secret_hash, phone);
create index devices_phone on portero.devices (phone);

create table portero.sessions (
  id uuid primary key default gen_random_uuid(),
  person_id uuid not null,
  phone text not null,
  challenge_id text,
  device_id uuid references portero.devices (id) on delete set null,
  amr text[] not null,
  is_shared boolean not null,
  started_at timestamptz not null,
  proved_at timestamptz not null,
  last_seen_at timestamptz not null,
  idle_seconds integer not null,
  idle_ends_at timestamptz not null,
  ends_at timestamptz not null,
  -- How long it lasts while its person is an administrator.
  admin_life_seconds integer not null,
  generation integer not null default 1,
  refreshed_at timestamptz not null,
  is_generation_seen boolean not null default false,
  address text,
  user_agent text,
  ended_at timestamptz,
  ended_why text
);

insert into portero.people_ties values ('sessions', 'person_id');

create index sessions_person_id on portero.sessions (person_id) where ended_at is null;
create unique index sessions_challenge_id on portero.sessions (challenge_id);

create table portero.revocations (
  id bigint generated always as identity primary key,
  session_id uuid,
  person_id uuid,
  -- A person who is only called otherwise now: what is under way goes on.
  is_renamed boolean not null default false,
  at timestamptz not null default clock_timestamp(),
  -- Readers ask for everything at or above the oldest transaction that they could not see last time, so that a slow
  -- transaction with a small number is not missed.
  xid xid8 not null default pg_current_xact_id()
);

create index revocations_xid on portero.revocations (xid);

-- SECURITY DEFINER: whoever deletes a person (an older app with a role of its own) need not know of these tables.
create function portero.note_session_end() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into portero.revocations (session_id) values (old.id);
  insert into portero.access_log (event, outcome, door, person_id, phone, session_id)
    values ('session_ended', coalesce(case tg_op when 'DELETE' then 'deleted' else new.ended_why end, 'unknown'), 'store', old.person_id, old.phone, old.id);
  return null;
end $$;

create trigger sessions_ended after update of ended_at on portero.sessions
  for each row when (old.ended_at is null and new.ended_at is not null) execute function portero.note_session_end();
create trigger sessions_deleted after delete on portero.sessions
  for each row when (old.ended_at is null) execute function portero.note_session_end();

create function portero.note_person_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into portero.revocations (person_id) values (old.id);
  return null;
end $$;

create trigger people_changed after update on portero.people
  for each row when (old.role is distinct from new.role or old.groups is distinct from new.groups or old.state is distinct from new.state
    or old.app_email is distinct from new.app_email)
  execute function portero.note_person_change();

-- Whoever may not come in has no sessions and no links, also when plain SQL said so.
create function portero.note_exclusion() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform portero.end_sessions_of(new.id, new.state);
  -- Nor has one a way in left for when they may again.
  perform portero.drop_links('{}', new.id);
  return null;
end $$;

create trigger people_excluded after update on portero.people
  for each row when (old.state = 'active' and new.state <> 'active') execute function portero.note_exclusion();
-- Of whom nothing was written down before.
create trigger people_excluded_at_first after insert on portero.people
  for each row when (new.state <> 'active') execute function portero.note_exclusion();

-- A link that is no longer attested keeps nobody signed in.
create function portero.note_link_loss() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform portero.end_sessions(
    array(select s.id from portero.sessions s where s.person_id = old.person_id and s.phone = old.phone and s.ended_at is null),
    'link_lost');
  return null;
end $$;

create trigger links_lost after delete on portero.phone_people
  for each row when (old.belongs = 'attested') execute function portero.note_link_loss();
create trigger links_declared after update on portero.phone_people
  for each row when (old.belongs = 'attested' and (new.belongs <> 'attested' or new.phone <> old.phone or new.person_id <> old.person_id))
  execute function portero.note_link_loss();

-- A session with what the doors need to know of its person; dead sessions and people who may not come in are not in it. A joined
-- address stands in the place of the pseudonym: it is whole, the other is a local part.
create view portero.live_sessions with (security_invoker = true) as
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

-- Ends these sessions and answers which of them had not ended. Locked in the order of their ids, by everybody who ends
-- several at once, so that nobody waits in a circle.
create function portero.end_sessions(p_ids uuid[], p_why text) returns setof uuid
language plpgsql as $$
begin
  perform from portero.sessions where id = any (p_ids) and ended_at is null order by id for no key update;
  return query
    update portero.sessions s set ended_at = clock_timestamp(), ended_why = p_why
     where s.id = any (p_ids) and s.ended_at is null returning s.id;
end $$;

create function portero.end_sessions_of(p_person uuid, p_why text) returns setof uuid
language plpgsql as $$
begin
  return query select portero.end_sessions(
    array(select s.id from portero.sessions s where s.person_id = p_person and s.ended_at is null), p_why);
end $$;

-- Spends one refresh token. Presenting the current generation moves to the next one; presenting the one before it gives
-- the same answer again while that answer may have been lost; anything older ends the session, since somebody has a copy.
create function portero.refresh_session(p_id uuid, p_generation integer, p_replay_seconds integer, p_lost_seconds integer,
  out outcome text, out session portero.live_sessions)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  v portero.sessions;
begin
  select * into v from portero.sessions where id = p_id for update;
  v_now := clock_timestamp();
  if not found or not exists (select from portero.live_sessions where id = p_id) then
    outcome := 'gone';
  elsif p_generation = v.generation then
    outcome := 'refreshed';
    update portero.sessions s
       set generation = v.generation + 1, refreshed_at = v_now, is_generation_seen = false, last_seen_at = v_now,
           idle_ends_at = v_now + make_interval(secs => s.idle_seconds)
     where id = p_id;
  elsif p_generation = v.generation - 1
    and (v_now < v.refreshed_at + make_interval(secs => p_replay_seconds)
      or (not v.is_generation_seen and v_now < v.refreshed_at + make_interval(secs => p_lost_seconds))) then
    outcome := 'refreshed';
  else
    outcome := 'reused';
    update portero.sessions set ended_at = v_now, ended_why = 'refresh_reused' where id = p_id;
  end if;
  if outcome = 'refreshed' then
    select * into session from portero.live_sessions where id = p_id;
    -- Over in between, by its time or by another role of its person.
    if session.id is null then outcome := 'gone'; end if;
  end if;
end $$;
