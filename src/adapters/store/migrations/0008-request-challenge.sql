-- Makes or resends a challenge and takes its place in every budget, all or nothing. The phone's guard is locked first, so that
-- whatever happens to one phone happens one after the other; then the clock is read, then the rest. Strangers wait while the owner of
-- the phone has sends stopped.
create function portero.request_challenge(
  p_id text, p_phone text, p_region text, p_prefix text, p_channel text, p_provider text, p_locale text,
  p_address text, p_port integer, p_user_agent text, p_door text, p_reference text,
  p_address_key text, p_network_key text, p_api_key uuid,
  p_hold_hash bytea, p_resend_id text, p_resend_hash bytea, p_device_hash bytea,
  p_salt bytea, p_key_id text, p_proof6 bytea, p_proof8 bytea,
  p_ttl integer, p_life_max integer, p_tries integer, p_resend_after integer[], p_long_after integer, p_digits_min integer,
  p_phone_windows integer[], p_phone_maxes integer[], p_phone_address_max integer,
  p_device_windows integer[], p_device_maxes integer[], p_device_guesses_max integer,
  p_address_windows integer[], p_address_maxes integer[], p_network_max integer, p_live_max integer,
  p_admission text, p_call_seconds integer, p_strangers_wait integer,
  out outcome text, out challenge_id text, out salt bytea, out key_id text, out channel text, out digits integer,
  out expires_in integer, out resend_in integer, out delivery_id uuid, out retry_after integer)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  v_device uuid;
  c portero.challenges;
  v_wait numeric := 0;
  v_mine timestamptz[];
  v_is_admitted boolean;
begin
  perform portero.lock_phone(p_phone);
  v_now := clock_timestamp();

  if p_device_hash is not null then
    v_device := portero.known_device(p_phone, p_device_hash, p_device_guesses_max, v_now);
  end if;

  -- Asking again: for the challenge that this caller holds, or for the one open to this address or key.
  if p_resend_id is not null then
    select * into c from portero.challenges
     where id = p_resend_id and phone = p_phone and hold_hash is not distinct from p_resend_hash
       and used_at is null and tries_left > 0 and expires_at > v_now;
  elsif p_hold_hash is null then
    select * into c from portero.challenges
     where phone = p_phone and hold_hash is null and asked_key is not distinct from p_api_key
       and (p_api_key is not null or asked_address = p_address_key)
     order by created_at desc limit 1;
    if c.used_at is not null or c.tries_left = 0 or c.expires_at <= v_now then c := null; end if;
  end if;
  if c.id is not null and v_now < c.resend_at then
    outcome := 'too_early';
    challenge_id := c.id; salt := c.salt; key_id := c.key_id; channel := c.channel; digits := c.digits;
    expires_in := ceil(extract(epoch from c.expires_at - v_now));
    resend_in := ceil(extract(epoch from c.resend_at - v_now));
    return;
  end if;
  -- A resend that would leave less than a minute to type the code is a new challenge instead.
  if c.dies_at < v_now + interval '1 minute' then c := null; end if;

  if c.id is null then
    select coalesce(extract(epoch from min(expires_at) - v_now), 0) into v_wait from portero.challenges
     where phone = p_phone and device_id is not distinct from v_device and created_at > v_now - make_interval(secs => p_life_max)
       and used_at is null and tries_left > 0 and expires_at > v_now
    having count(*) >= p_live_max;
    v_wait := coalesce(v_wait, 0);
  end if;

  if v_device is not null then
    select array_agg(at order by at desc) into v_mine from portero.sends
     where phone = p_phone and device_id = v_device and at > v_now - interval '1 day';
    v_wait := greatest(v_wait, portero.wait_for(v_mine, p_device_windows, p_device_maxes, v_now));
  else
    v_wait := greatest(v_wait, p_strangers_wait,
      (select extract(epoch from until - v_now) from portero.send_stops where phone = p_phone));
    perform portero.lock_address(p_address_key);
    perform portero.lock_address(p_network_key);
    select array_agg(at order by at desc) into v_mine from portero.sends
     where phone = p_phone and device_id is null and at > v_now - interval '1 day';
    v_wait := greatest(v_wait, portero.wait_for(v_mine, p_phone_windows, p_phone_maxes, v_now));
    select array_agg(at order by at desc) into v_mine from portero.sends
     where phone = p_phone and device_id is null and address_key = p_address_key and at > v_now - interval '1 day';
    v_wait := greatest(v_wait, portero.wait_for(v_mine, array[86400], array[p_phone_address_max], v_now));
    select array_agg(at order by at desc) into v_mine from (
      select at from portero.sends
       where address_key = p_address_key and verified_at is null and at > v_now - interval '1 day'
       order by at desc limit (select max(m) from unnest(p_address_maxes) as m)) as newest;
    v_wait := greatest(v_wait, portero.wait_for(v_mine, p_address_windows, p_address_maxes, v_now));
    if p_network_key is not null then
      select array_agg(at order by at desc) into v_mine from (
        select at from portero.sends
         where network_key = p_network_key and verified_at is null and at > v_now - interval '1 hour'
         order by at desc limit p_network_max) as newest;
      v_wait := greatest(v_wait, portero.wait_for(v_mine, array[3600], array[p_network_max], v_now));
    end if;
  end if;

  if v_wait > 0 then
    outcome := 'refused';
    retry_after := ceil(v_wait);
    insert into portero.access_log (event, outcome, door, phone, address, port, user_agent, reference)
      values ('code_requested', 'too_many_codes', p_door, p_phone, p_address, p_port, p_user_agent, p_reference);
    return;
  end if;

  if c.id is null then
    digits := greatest(p_digits_min, case when v_device is null and (
      select count(*) from portero.guesses where phone = p_phone and device_id is null and at > v_now - interval '1 day'
    ) >= p_long_after then 8 else 6 end);
    insert into portero.challenges (id, phone, salt, key_id, proof, digits, hold_hash, asked_address, asked_key, device_id,
        channel, locale, tries_left, created_at, resend_at, expires_at, dies_at)
      values (p_id, p_phone, p_salt, p_key_id, case digits when 6 then p_proof6 else p_proof8 end, digits, p_hold_hash,
        p_address_key, p_api_key, v_device, p_channel, p_locale, p_tries, v_now,
        v_now + make_interval(secs => p_resend_after[1]), v_now + make_interval(secs => p_ttl),
        v_now + make_interval(secs => p_life_max))
      returning * into c;
  else
    update portero.challenges
       set sends = sends + 1, channel = p_channel, locale = p_locale,
           resend_at = v_now + make_interval(secs => p_resend_after[least(sends + 1, array_length(p_resend_after, 1))]),
           expires_at = least(v_now + make_interval(secs => p_ttl), dies_at)
     where id = c.id
     returning * into c;
  end if;

  insert into portero.sends (challenge_id, phone, address_key, network_key, device_id, region, prefix, at)
    values (c.id, p_phone, case when v_device is null then p_address_key end, case when v_device is null then p_network_key end,
      v_device, p_region, p_prefix, v_now);

  -- Asked whether or not it matters, and written either way, so that the work is the same for every number.
  v_is_admitted := exists (
    select from portero.phone_people pp join portero.everybody u on u.id = pp.person_id
     where pp.phone = p_phone and pp.belongs = 'attested') or p_admission <> 'known';
  insert into portero.deliveries (challenge_id, phone, channel, provider, locale, state, reason, asked_at, calling_until, settled_at)
    values (c.id, p_phone, p_channel, p_provider, p_locale,
      case when v_is_admitted then 'calling' else 'failed' end, case when not v_is_admitted then 'not_admitted' end,
      v_now, case when v_is_admitted then v_now + make_interval(secs => p_call_seconds) end,
      case when not v_is_admitted then v_now end)
    returning id into delivery_id;
  if not v_is_admitted then delivery_id := null; end if;
  insert into portero.access_log (event, outcome, door, phone, challenge_id, address, port, user_agent, reference)
    values ('code_requested', case when v_is_admitted then 'sent' else 'not_admitted' end, p_door, p_phone, c.id, p_address, p_port,
      p_user_agent, p_reference);

  outcome := 'sent';
  challenge_id := c.id; salt := c.salt; key_id := c.key_id; channel := c.channel; digits := c.digits;
  expires_in := ceil(extract(epoch from c.expires_at - v_now));
  resend_in := ceil(extract(epoch from c.resend_at - v_now));
end $$;
