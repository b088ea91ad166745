-- Opens the session of a person who has just been found to be one: ends what it replaces and what is too much, remembers the
-- phone and the device, and writes it down. The phone's guard and then the person are locked by whoever calls; here whom else it
-- touches, the device, sessions, and the link, in the order of whoever deletes a person or forgets a device.
create function portero.open_session(
  p_person uuid, p_phone text, p_challenge_id text, p_amr text[], p_proved_at timestamptz, p_now timestamptz, p_event text,
  p_device uuid, p_device_hash bytea, p_new_device_hash bytea, p_device_days integer, p_idle_link_days integer,
  p_is_shared boolean, p_idle_seconds integer, p_life_seconds integer, p_admin_life_seconds integer, p_sessions_max integer,
  p_replaces uuid, p_address text, p_port integer, p_user_agent text, p_door text, p_reference text,
  out session portero.live_sessions, out others jsonb, out is_new_device boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  v_device uuid;
  v_surplus uuid[];
  v_session uuid;
begin
  perform portero.hold_people(array(select s.person_id from portero.sessions s where s.id = p_replaces)
    || (portero.memory_of(p_phone)).usuario_id);
  -- One that was forgotten meanwhile is none.
  select d.id into v_device from portero.devices d where d.id = p_device for no key update;
  -- The browser's earlier session, and the oldest ones of this person above the limit.
  select coalesce(array_agg(s.id), '{}') into v_surplus from (
    select id from portero.sessions where person_id = p_person and ended_at is null and id is distinct from p_replaces
     order by last_seen_at desc offset greatest(p_sessions_max - 1, 0)) as s;
  -- Not even asked when there is nothing to end: in a new database, whose tables the planner takes for tiny, it would read
  -- every session.
  if v_surplus <> '{}' or p_replaces is not null then
    perform from portero.sessions where id = any (v_surplus || p_replaces) order by id for no key update;
    perform portero.end_sessions(v_surplus, 'too_many');
    perform portero.end_sessions(array[p_replaces], 'replaced');
  end if;

  perform portero.remember_phone(p_phone, p_person, p_now);
  update portero.phone_people set proved_at = greatest(proved_at, p_proved_at), last_used_at = p_now
   where phone = p_phone and person_id = p_person;

  is_new_device := false;
  if v_device is not null then
    update portero.devices set person_id = p_person, last_used_at = p_now, expires_at = p_now + make_interval(days => p_device_days)
     where id = v_device;
  elsif p_new_device_hash is not null then
    -- A secret that we gave this browser for another phone serves this one too; one that we never gave is not taken over.
    is_new_device := not exists (select from portero.devices where secret_hash = p_device_hash and expires_at > p_now);
    insert into portero.devices as d (phone, person_id, secret_hash, expires_at)
      values (p_phone, p_person, case when is_new_device then p_new_device_hash else p_device_hash end, p_now + make_interval(days => p_device_days))
      on conflict (secret_hash, phone) do update set person_id = excluded.person_id, last_used_at = p_now, expires_at = excluded.expires_at
      returning d.id into v_device;
  end if;

  insert into portero.sessions as s (person_id, phone, challenge_id, device_id, amr, is_shared, started_at, proved_at, last_seen_at,
      idle_seconds, idle_ends_at, ends_at, admin_life_seconds, refreshed_at, address, user_agent)
    values (p_person, p_phone, p_challenge_id, case when p_is_shared then null else v_device end, p_amr,
      p_is_shared, p_now, p_proved_at, p_now, p_idle_seconds, p_now + make_interval(secs => least(p_idle_seconds, p_life_seconds)),
      p_now + make_interval(secs => p_life_seconds), p_admin_life_seconds, p_now, p_address, p_user_agent)
    returning s.id into v_session;
  insert into portero.access_log (event, outcome, door, person_id, phone, session_id, challenge_id, address, port, user_agent, reference)
    values (p_event, 'signed_in', p_door, p_person, p_phone, v_session, p_challenge_id, p_address, p_port, p_user_agent, p_reference);

  select * into session from portero.live_sessions where id = v_session;
  select coalesce(jsonb_agg(jsonb_build_object('id', b.id, 'name', b.name)), '[]') into others
    from portero.people_beside(p_phone, p_person, (session).device_id, p_idle_link_days) as b;
end $$;

-- Compares a code and, if it is right, spends it and opens the session. Two that bring the same right code cannot both win: the
-- phone's guard lets one of them look at a time, and a challenge has one session at the most (sessions_challenge_id).
create function portero.verify_challenge(
  p_phone text, p_challenge_id text, p_hold_hash bytea, p_key_ids text[], p_proofs bytea[],
  p_address text, p_port integer, p_user_agent text, p_door text, p_reference text,
  p_address_key text, p_api_key uuid, p_device_hash bytea,
  p_guess_window integer, p_guess_max integer, p_device_guesses_max integer,
  p_admission text, p_idle_link_days integer,
  p_is_shared boolean, p_idle_seconds integer, p_life_seconds integer, p_admin_life_seconds integer, p_sessions_max integer,
  p_replaces uuid, p_new_device_hash bytea, p_device_days integer,
  out outcome text, out session portero.live_sessions, out others jsonb, out is_newcomer boolean, out is_new_device boolean,
  out retry_after integer)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  v_device uuid;
  v_device_person uuid;
  c portero.challenges;
  v_wait numeric;
  v_person uuid;
  v_state text;
  v_opened record;
begin
  perform from portero.phone_guards where phone = p_phone for update;
  v_now := clock_timestamp();
  if p_device_hash is not null then
    v_device := portero.known_device(p_phone, p_device_hash, p_device_guesses_max, v_now);
  end if;

  if v_device is null then
    perform portero.lock_address(p_address_key);
    select portero.wait_for(array_agg(at order by at desc), array[p_guess_window], array[p_guess_max], v_now) into v_wait from (
      select at from portero.guesses
       where address_key = p_address_key and at > v_now - make_interval(secs => p_guess_window)
       order by at desc limit p_guess_max) as newest;
    if v_wait > 0 then
      outcome := 'too_many_tries';
      retry_after := ceil(v_wait);
      insert into portero.access_log (event, outcome, door, phone, address, port, user_agent, reference)
        values ('code_verified', 'too_many_tries', p_door, p_phone, p_address, p_port, p_user_agent, p_reference);
      return;
    end if;
  end if;

  if p_challenge_id is not null then
    select * into c from portero.challenges
     where id = p_challenge_id and phone = p_phone and (hold_hash is null or hold_hash = p_hold_hash);
  else
    select * into c from portero.challenges
     where phone = p_phone and hold_hash is null and asked_key is not distinct from p_api_key
       and (p_api_key is not null or asked_address = p_address_key)
     order by created_at desc limit 1;
  end if;
  if c.used_at is not null or c.tries_left = 0 or c.expires_at <= v_now then c := null; end if;

  if c.id is null or c.proof is distinct from p_proofs[array_position(p_key_ids, c.key_id)] then
    update portero.challenges set tries_left = tries_left - 1 where id = c.id;
    -- Charged to the phone only when there was something to compare with; a known device pays for itself alone, always.
    insert into portero.guesses (phone, address_key, device_id, at)
      values (case when c.id is not null or v_device is not null then p_phone end,
        case when v_device is null then p_address_key end, v_device, v_now);
    insert into portero.access_log (event, outcome, door, phone, challenge_id, address, port, user_agent, reference)
      values ('code_verified', 'invalid_code', p_door, p_phone, c.id, p_address, p_port, p_user_agent, p_reference);
    outcome := 'wrong';
    return;
  end if;

  update portero.challenges set used_at = v_now where id = c.id;
  update portero.sends set verified_at = v_now where challenge_id = c.id;
  select d.person_id into v_device_person from portero.devices d where d.id = v_device;
  select a.person_id, a.state, a.is_newcomer into v_person, v_state, is_newcomer
    from portero.admit_phone(p_phone, p_admission, p_idle_link_days, v_device_person, v_now) as a;

  if v_state <> 'active' then
    update portero.phone_people set proved_at = v_now, last_used_at = v_now
     where phone = p_phone and person_id = v_person and v_state = 'waiting';
    outcome := case v_state when 'rejected' then 'blocked' else v_state end;
    insert into portero.access_log (event, outcome, door, person_id, phone, challenge_id, address, port, user_agent, reference)
      values ('code_verified', outcome, p_door, v_person, p_phone, c.id, p_address, p_port, p_user_agent, p_reference);
    return;
  end if;

  select * into v_opened from portero.open_session(
    v_person, p_phone, c.id,
    array['otp'] || coalesce((select array_agg(distinct d.channel order by d.channel) from portero.deliveries d
                               where d.challenge_id = c.id and d.state <> 'failed'), '{}'),
    v_now, v_now, 'code_verified', v_device, p_device_hash, p_new_device_hash, p_device_days, p_idle_link_days,
    p_is_shared, p_idle_seconds, p_life_seconds, p_admin_life_seconds, p_sessions_max, p_replaces,
    p_address, p_port, p_user_agent, p_door, p_reference);
  session := v_opened.session;
  others := v_opened.others;
  is_new_device := v_opened.is_new_device;
  outcome := 'signed_in';
end $$;
