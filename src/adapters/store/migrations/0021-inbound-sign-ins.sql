-- Signing in by a message to the organisation: a browser begins, whoever sends the message that it shows gets a code back, and the
-- code is typed in that browser.

create table portero.inbound_sign_ins (
  -- Of the challenge that it becomes when the message comes, held by the browser from the start.
  challenge_id text primary key,
  hold_hash bytea not null,
  -- Of what stands in the message. The text itself is derived from what the browser keeps.
  token_hash bytea not null unique,
  -- Typed in the browser before, or nothing: then it is whoever writes.
  phone text,
  -- Where the browser is: whoever gets the code is told.
  address text not null,
  address_key text not null,
  network_key text,
  user_agent text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  claimed_at timestamptz,
  claimed_by text
);

create index inbound_sign_ins_address on portero.inbound_sign_ins (address_key, created_at);
create index inbound_sign_ins_network on portero.inbound_sign_ins (network_key, created_at) where network_key is not null;
create index inbound_sign_ins_created_at on portero.inbound_sign_ins (created_at);

-- Begins one, within the budgets of the address; 0, or the seconds to wait.
create function portero.start_inbound_sign_in(p_challenge_id text, p_hold_hash bytea, p_token_hash bytea, p_phone text,
  p_ttl integer, p_address_max integer, p_network_max integer,
  p_address text, p_port integer, p_user_agent text, p_door text, p_reference text, p_address_key text, p_network_key text)
returns integer
language plpgsql as $$
declare
  v_now timestamptz;
  v_wait numeric;
begin
  perform portero.lock_address(p_address_key);
  perform portero.lock_address(p_network_key);
  v_now := clock_timestamp();
  select portero.wait_for(array_agg(created_at order by created_at desc), array[3600], array[p_address_max], v_now) into v_wait from (
    select created_at from portero.inbound_sign_ins
     where address_key = p_address_key and created_at > v_now - interval '1 hour'
     order by created_at desc limit p_address_max) as newest;
  if p_network_key is not null then
    select greatest(v_wait, portero.wait_for(array_agg(created_at order by created_at desc), array[3600], array[p_network_max], v_now))
      into v_wait from (
      select created_at from portero.inbound_sign_ins
       where network_key = p_network_key and created_at > v_now - interval '1 hour'
       order by created_at desc limit p_network_max) as newest;
  end if;
  if v_wait <= 0 then
    insert into portero.inbound_sign_ins (challenge_id, hold_hash, token_hash, phone, address, address_key, network_key, user_agent,
        created_at, expires_at)
      values (p_challenge_id, p_hold_hash, p_token_hash, p_phone, p_address, p_address_key, p_network_key, p_user_agent,
        v_now, v_now + make_interval(secs => p_ttl));
  end if;
  insert into portero.access_log (event, outcome, door, phone, challenge_id, address, port, user_agent, reference)
    values ('inbound_started', case when v_wait <= 0 then 'started' else 'too_many_codes' end, p_door, p_phone,
      case when v_wait <= 0 then p_challenge_id end, p_address, p_port, p_user_agent, p_reference);
  return ceil(greatest(v_wait, 0));
end $$;

-- Makes it a challenge of the phone that wrote. The phone's guard first, as for all that happens to a phone; of several phones that
-- bring the same message at once, the row's own lock lets one have it. What refuses leaves it as it is. The same phone once more
-- is told the same code again, while there is one.
create function portero.claim_inbound_sign_in(p_token_hash bytea, p_phone text, p_written_at timestamptz,
  p_salt bytea, p_key_id text, p_proof6 bytea, p_proof8 bytea, p_locale text,
  p_ttl integer, p_life_max integer, p_tries integer, p_live_max integer, p_long_after integer, p_digits_min integer, p_admission text,
  p_door text,
  out outcome text, out challenge_id text, out salt bytea, out key_id text, out digits integer, out address text, out user_agent text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  i portero.inbound_sign_ins;
  c portero.challenges;
begin
  perform portero.lock_phone(p_phone);
  select * into i from portero.inbound_sign_ins where token_hash = p_token_hash for no key update;
  v_now := clock_timestamp();
  if i.claimed_by = p_phone then
    select * into c from portero.challenges
     where id = i.challenge_id and used_at is null and tries_left > 0 and expires_at > v_now;
  end if;
  outcome := case
    when c.id is not null then 'again'
    when i.challenge_id is null or i.claimed_at is not null or i.expires_at <= v_now then 'over'
    -- Clocks differ a little; a message from before there was anything to answer is an old one.
    when p_written_at < i.created_at - interval '2 minutes' then 'over'
    when i.phone <> p_phone then 'other_phone'
    when portero.is_phone_barred(p_phone) then 'blocked'
    when p_admission = 'known' and not exists (
      select from portero.phone_people pp join portero.everybody u on u.id = pp.person_id
       where pp.phone = p_phone and pp.belongs = 'attested') then 'not_admitted'
    -- What strangers asked for in other ways does not count: whoever writes has just proved that the phone is theirs.
    when (select count(*) from portero.challenges c join portero.inbound_sign_ins i on i.challenge_id = c.id
           where c.phone = p_phone and c.created_at > v_now - make_interval(secs => p_life_max)
             and c.used_at is null and c.tries_left > 0 and c.expires_at > v_now) >= p_live_max then 'too_many_codes'
    else 'claimed' end;

  if outcome = 'claimed' then
    update portero.inbound_sign_ins set claimed_at = v_now, claimed_by = p_phone
     where token_hash = p_token_hash and claimed_at is null;
    digits := greatest(p_digits_min, case when (
      select count(*) from portero.guesses where phone = p_phone and device_id is null and at > v_now - interval '1 day'
    ) >= p_long_after then 8 else 6 end);
    insert into portero.challenges (id, phone, salt, key_id, proof, digits, hold_hash, asked_address, channel, locale, tries_left,
        sends, created_at, resend_at, expires_at, dies_at)
      values (i.challenge_id, p_phone, p_salt, p_key_id, case digits when 6 then p_proof6 else p_proof8 end, digits, i.hold_hash,
        i.address_key, 'whatsapp', p_locale, p_tries, 0, v_now, v_now, v_now + make_interval(secs => p_ttl),
        v_now + make_interval(secs => p_life_max))
      returning * into c;
    -- What verify_challenge reads how the code came from.
    insert into portero.deliveries (challenge_id, phone, channel, provider, locale, state, asked_at, settled_at)
      values (c.id, p_phone, 'whatsapp', 'chat', p_locale, 'accepted', v_now, v_now);
  end if;
  if outcome in ('claimed', 'again') then
    challenge_id := c.id; salt := c.salt; key_id := c.key_id; digits := c.digits;
    address := i.address; user_agent := i.user_agent;
  end if;
  insert into portero.access_log (event, outcome, door, phone, challenge_id, address, user_agent)
    values ('inbound_claimed', outcome, p_door, p_phone, i.challenge_id, i.address, i.user_agent);
end $$;

-- Removes what has outlived its keeping, so many rows of each table at the most, and answers whether there may be more.
create function portero.sweep_sign_ins(p_hours integer, p_batch integer) returns boolean
language plpgsql as $$
declare
  v_until timestamptz := clock_timestamp() - make_interval(hours => p_hours);
  v_done bigint;
  v_has_more boolean;
begin
  delete from portero.sign_in_links
   where token_hash in (select token_hash from portero.sign_in_links where expires_at < v_until limit p_batch);
  get diagnostics v_done = row_count;
  v_has_more := v_done = p_batch;
  delete from portero.inbound_sign_ins
   where challenge_id in (select challenge_id from portero.inbound_sign_ins where created_at < v_until limit p_batch);
  get diagnostics v_done = row_count;
  return v_has_more or v_done = p_batch;
end $$;
