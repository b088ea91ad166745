-- Several people, one phone: who else may be chosen on it, and a session of one that becomes a session of another.

-- Whom a code on this phone could open besides this person, the last used first. As in admit_phone, a link that nobody used
-- for so many days opens nobody, except in the browser that signed in as that person last.
create function portero.people_beside(p_phone text, p_person uuid, p_device uuid, p_idle_days integer)
returns table (id uuid, name text)
language sql stable as $$
  select u.id, portero.display_name(u.nombre, u.apellido)
    from portero.phone_people pp
    join portero.everybody u on u.id = pp.person_id
    left join portero.people p on p.id = pp.person_id
   where pp.phone = p_phone and pp.belongs = 'attested' and pp.person_id <> p_person and coalesce(p.state, 'active') = 'active'
     and (pp.last_used_at > clock_timestamp() - make_interval(days => p_idle_days)
       or pp.person_id = (select d.person_id from portero.devices d where d.id = p_device))
   order by pp.last_used_at desc
$$;

-- Ends a session and starts one of another person of the same phone in its place. The new one stands on the same proof: it
-- counts its life, and an administrator's shorter one, from there, and lasts no longer than the old one would have.
-- Locked in the order of verify_challenge: the phone's guard, the people, then sessions by their ids, then the link; the
-- device before the sessions, because whoever forgets a device reaches them through it.
create function portero.switch_person(
  p_session uuid, p_person uuid, p_idle_link_days integer, p_sessions_max integer,
  p_address text, p_port integer, p_user_agent text, p_door text, p_reference text,
  out outcome text, out session portero.live_sessions, out others jsonb)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  v portero.sessions;
  v_ends_at timestamptz;
  v_state text;
  v_role text;
  v_surplus uuid[];
  v_session uuid;
begin
  select * into v from portero.sessions where id = p_session;
  if not found then
    outcome := 'gone';
    return;
  end if;
  perform portero.lock_phone(v.phone);
  perform portero.hold_people(array[p_person, v.person_id, (portero.memory_of(v.phone)).usuario_id]);

  -- A person whom only the organisation's table knows has no row of ours yet; nobody gets one by being asked for in vain.
  if exists (select from portero.people_beside(v.phone, v.person_id, v.device_id, p_idle_link_days) where id = p_person) then
    perform from portero.hold_person(p_person);
    if found then
      insert into portero.people (id) values (p_person) on conflict do nothing;
      select p.state, p.role into v_state, v_role from portero.people p where p.id = p_person for no key update;
    end if;
  end if;
  perform from portero.devices where id = v.device_id for no key update;

  select coalesce(array_agg(s.id), '{}') into v_surplus from (
    select id from portero.sessions where person_id = p_person and ended_at is null
     order by last_seen_at desc offset greatest(p_sessions_max - 1, 0)) as s;
  perform from portero.sessions where id = any (v_surplus || p_session) order by id for no key update;
  perform from portero.phone_people where phone = v.phone and person_id = p_person for no key update;
  v_now := clock_timestamp();

  select * into v from portero.sessions where id = p_session;
  select s.ends_at into v_ends_at from portero.live_sessions s where s.id = p_session;
  outcome := case
    when v_ends_at is null then 'gone'
    when v_state is distinct from 'active' or not exists (
      select from portero.people_beside(v.phone, v.person_id, v.device_id, p_idle_link_days) where id = p_person) then 'not_here'
    when v_role = 'admin' and v.started_at + make_interval(secs => v.admin_life_seconds) <= v_now then 'proof_too_old'
    else 'switched'
  end;
  if outcome <> 'switched' then
    insert into portero.access_log (event, outcome, door, person_id, phone, session_id, address, port, user_agent, reference)
      values ('person_switched', outcome, p_door, v.person_id, v.phone, p_session, p_address, p_port, p_user_agent, p_reference);
    return;
  end if;

  perform portero.end_sessions(array[p_session], 'switched');
  perform portero.end_sessions(v_surplus, 'too_many');
  perform portero.remember_phone(v.phone, p_person, v_now);
  update portero.phone_people set proved_at = greatest(proved_at, v.proved_at), last_used_at = v_now
   where phone = v.phone and person_id = p_person;
  update portero.devices set person_id = p_person, last_used_at = v_now where id = v.device_id;

  insert into portero.sessions as s (person_id, phone, device_id, amr, is_shared, started_at, proved_at, last_seen_at,
      idle_seconds, idle_ends_at, ends_at, admin_life_seconds, refreshed_at, address, user_agent)
    values (p_person, v.phone, v.device_id, v.amr, v.is_shared, v.started_at, v.proved_at, v_now,
      v.idle_seconds, least(v_now + make_interval(secs => v.idle_seconds), v_ends_at), v_ends_at, v.admin_life_seconds, v_now,
      p_address, p_user_agent)
    returning s.id into v_session;
  insert into portero.access_log (event, outcome, door, person_id, phone, session_id, address, port, user_agent, reference)
    values ('person_switched', outcome, p_door, p_person, v.phone, v_session, p_address, p_port, p_user_agent, p_reference);

  select * into session from portero.live_sessions where id = v_session;
  select coalesce(jsonb_agg(jsonb_build_object('id', b.id, 'name', b.name)), '[]') into others
    from portero.people_beside(v.phone, p_person, v.device_id, p_idle_link_days) as b;
end $$;

-- Puts one more person on record with a phone that others have already, unless one of that name has it. Whoever a code
-- opened before still comes first: an app that knows nothing of families must not find itself with somebody else.
create function portero.add_person_beside(p_phone text, p_nombre text, p_apellido text, p_role text, p_groups text[],
  p_idle_link_days integer, out id uuid, out is_new boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
begin
  perform portero.lock_phone(p_phone);
  select pp.person_id into id
    from portero.phone_people pp join portero.everybody u on u.id = pp.person_id
   where pp.phone = p_phone and pp.belongs = 'attested'
     and portero.display_name(u.nombre, u.apellido) = portero.display_name(p_nombre, p_apellido)
   limit 1;
  is_new := id is null;
  if not is_new then return; end if;
  v_now := clock_timestamp();
  update portero.phone_people set last_used_at = v_now + interval '1 millisecond'
   where phone = p_phone and person_id = (
     select pp.person_id from portero.phone_people pp left join portero.people p on p.id = pp.person_id
      where pp.phone = p_phone and pp.belongs = 'attested' and pp.last_used_at > v_now - make_interval(days => p_idle_link_days)
      order by coalesce(p.state, 'active') = 'active' desc, pp.last_used_at desc limit 1);
  insert into portero.everybody (nombre, apellido) values (p_nombre, p_apellido) returning everybody.id into id;
  insert into portero.people (id, role, groups) values (id, p_role, p_groups);
  insert into portero.phone_people (phone, person_id, belongs, last_used_at, beside_since) values (p_phone, id, 'attested', v_now, v_now);
end $$;
