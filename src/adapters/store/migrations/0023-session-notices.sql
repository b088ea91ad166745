-- What a phone is told of a sign-in on a device that it has not seen, and what "no fui yo" undoes.

-- One row for each session that its phone is told of; written with the session, so that neither is there without the other.
create table portero.session_notices (
  id uuid primary key default gen_random_uuid(),
  -- As it was at the sign-in. Not foreign keys: what is told is told whatever became of them.
  session_id uuid not null unique,
  person_id uuid not null,
  phone text not null,
  -- The device that this sign-in made; null where it made none.
  device_id uuid,
  started_at timestamptz not null,
  address text,
  user_agent text,
  -- Stands in the button, and so does the session that it means.
  nonce text not null unique default replace(gen_random_uuid()::text, '-', ''),
  created_at timestamptz not null default clock_timestamp(),
  -- When somebody may take it next, the end of the lease while somebody has it. Null once it was told, and while it waits for
  -- the phone to write.
  due_at timestamptz default clock_timestamp(),
  lease_token uuid,
  attempts integer not null default 0,
  is_waiting boolean not null default false,
  told_by text check (told_by in ('chat', 'whatsapp', 'sms', 'nobody')),
  told_at timestamptz,
  disowned_at timestamptz
);

create index session_notices_due_at on portero.session_notices (due_at) where due_at is not null;
create index session_notices_waiting on portero.session_notices (phone) where is_waiting;
create index session_notices_phone on portero.session_notices (phone, told_at);
create index session_notices_created_at on portero.session_notices (created_at);

-- Phones to which strangers get no codes sent for now, because their owner said that it was not them.
create table portero.send_stops (
  phone text primary key,
  until timestamptz not null
);

create index if not exists sessions_phone on portero.sessions (phone) where ended_at is null;

-- A device is known that signed in as this phone before; whatever has none is new each time. A session that goes on as that of
-- another person of the phone began earlier, and is no sign-in. Whoever comes to be by this very proof has nothing yet that
-- somebody else could have entered, and neither has who was let in after waiting and comes for the first time.
create function portero.note_new_session() returns trigger
language plpgsql as $$
begin
  if exists (select from portero.devices where id = new.device_id and created_at < now()) then return null; end if;
  if exists (select from portero.phone_people where phone = new.phone and person_id = new.person_id and created_at >= now()) then
    return null;
  end if;
  if exists (select from portero.access_log where person_id = new.person_id and outcome = 'waiting')
    and not exists (select from portero.access_log where person_id = new.person_id and outcome = 'signed_in') then
    return null;
  end if;
  insert into portero.session_notices (session_id, person_id, phone, device_id, started_at, address, user_agent)
    values (new.id, new.person_id, new.phone, new.device_id, new.started_at, new.address, new.user_agent);
  return null;
end $$;

create trigger sessions_noticed after insert on portero.sessions
  for each row when (new.started_at >= now()) execute function portero.note_new_session();

-- A phone that writes, or that wants notices again, is told what waited for it.
create function portero.note_chat_open() returns trigger
language plpgsql as $$
begin
  if not exists (select from portero.session_notices where is_waiting) then return null; end if;
  update portero.session_notices
     set is_waiting = false, due_at = clock_timestamp()
   where is_waiting and phone = coalesce(
           (select h.phone from portero.hidden_numbers h where h.channel = new.channel and new.chat_key = h.channel || ':' || h.user_id),
           substr(new.chat_key, length(new.channel) + 2));
  return null;
end $$;

create trigger chats_opened after insert or update of last_message_at on portero.chats
  for each row execute function portero.note_chat_open();
create trigger chats_unsilenced after update of state on portero.chats
  for each row when (old.state ->> 'isSilenced' = 'true' and new.state ->> 'isSilenced' is distinct from 'true')
  execute function portero.note_chat_open();

-- Under which names a phone may have chats on these channels; where its number is hidden, after the id that stands for it.
create function portero.chat_keys_of(p_phone text, p_channels text[]) returns text[]
language plpgsql stable as $$
begin
  return array(
    select k || ':' || p_phone from unnest(p_channels) as k
    union all
    select h.channel || ':' || h.user_id from portero.hidden_numbers h where h.phone = p_phone and h.channel = any (p_channels));
end $$;

-- Takes a notice that nobody else has, with what has to be known to tell it.
create function portero.take_session_notice(p_token uuid, p_seconds integer, p_channels text[])
returns table (id uuid, session_id uuid, person_id uuid, phone text, started_at timestamptz, address text, user_agent text, nonce text,
  attempts integer, nombre text, is_silenced boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  v portero.session_notices;
begin
  select * into v from portero.session_notices n
   where n.due_at <= clock_timestamp() order by n.due_at limit 1 for update skip locked;
  if not found then return; end if;
  update portero.session_notices n
     set lease_token = p_token, due_at = clock_timestamp() + make_interval(secs => p_seconds), attempts = n.attempts + 1
   where n.id = v.id;
  return query
    select v.id, v.session_id, v.person_id, v.phone, v.started_at, v.address, v.user_agent, v.nonce, v.attempts + 1,
           (select left(u.nombre, 80) from portero.everybody u where u.id = v.person_id),
           exists (select from portero.chats c
                    where c.state ->> 'isSilenced' = 'true' and c.chat_key = any (portero.chat_keys_of(v.phone, p_channels)));
end $$;

-- Says a notice in a chat that may still be written to: told and in the outbox, or neither. The chat is locked first, as by
-- whoever writes there.
create function portero.say_session_notice(p_id uuid, p_token uuid, p_chat_key text, p_reply jsonb) returns boolean
language plpgsql as $$
declare
  v_chat portero.chats;
  v_now timestamptz;
begin
  select * into v_chat from portero.chats where chat_key = p_chat_key for update;
  v_now := clock_timestamp();
  if v_chat.last_message_at is null or v_chat.last_message_at <= v_now - interval '24 hours' then return false; end if;
  update portero.session_notices set told_by = 'chat', told_at = v_now, due_at = null, lease_token = null
   where id = p_id and lease_token = p_token and due_at is not null;
  if not found then return false; end if;
  insert into portero.outbox (chat_key, channel, address, reply, expires_at, due_at)
  values (p_chat_key, v_chat.channel, v_chat.address, p_reply, v_chat.last_message_at + interval '24 hours', v_now);
  return true;
end $$;

-- Lets a notice wait until the phone writes. One that wrote just now, behind the back of whoever looked, has not to write twice.
create function portero.hold_session_notice(p_id uuid, p_token uuid, p_channels text[]) returns void
language plpgsql as $$
declare
  v_keys text[];
  v_is_open boolean;
begin
  select portero.chat_keys_of(phone, p_channels) into v_keys from portero.session_notices where id = p_id;
  perform from portero.chats where chat_key = any (v_keys) order by chat_key for update;
  v_is_open := exists (select from portero.chats where chat_key = any (v_keys) and last_message_at > clock_timestamp() - interval '24 hours')
    and not exists (select from portero.chats where chat_key = any (v_keys) and state ->> 'isSilenced' = 'true');
  update portero.session_notices
     set is_waiting = not v_is_open, due_at = case when v_is_open then clock_timestamp() end, lease_token = null
   where id = p_id and lease_token = p_token and due_at is not null;
end $$;

-- Says, from the phone that was told, that it was not its owner: ends the session that the notice is of and what came of it (as
-- another person of the phone, or in the browser that it made known), makes that browser unknown again, and lets strangers have no
-- code sent for a while. Without a nonce it is the notice that was told last, unless the chat was told of something else
-- since. To say it again changes nothing and is answered the same. Locked in the order of switch_person.
create function portero.disown_session(p_phone text, p_nonce text, p_chat_key text, p_stop_seconds integer,
  out person_id uuid, out is_first boolean, out ended uuid[])
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  n portero.session_notices;
begin
  perform portero.lock_phone(p_phone);
  v_now := clock_timestamp();
  if p_nonce is not null then
    select * into n from portero.session_notices where nonce = p_nonce and phone = p_phone;
  else
    select * into n from portero.session_notices
     where phone = p_phone and told_at > v_now - interval '7 days' order by told_at desc limit 1;
    if exists (select from portero.chat_notices
                where chat_key = p_chat_key and topic like 'linked %' and said_at > n.told_at) then
      return;
    end if;
  end if;
  if n.id is null then return; end if;
  person_id := n.person_id;
  is_first := n.disowned_at is null;
  perform from portero.devices where id = n.device_id for update;
  ended := array(select portero.end_sessions(array(
    select s.id from portero.sessions s
     where s.phone = p_phone and s.ended_at is null and (s.started_at = n.started_at or s.device_id = n.device_id)), 'disowned'));
  if not is_first then return; end if;
  update portero.session_notices set disowned_at = v_now, is_waiting = false, due_at = null, lease_token = null where id = n.id;
  -- A code that is under way may have been read by the same eyes.
  update portero.challenges set expires_at = v_now
   where phone = p_phone and used_at is null and expires_at > v_now and (device_id is null or device_id = n.device_id);
  delete from portero.devices where id = n.device_id;
  if p_stop_seconds > 0 then
    insert into portero.send_stops as s (phone, until) values (p_phone, v_now + make_interval(secs => p_stop_seconds))
      on conflict (phone) do update set until = greatest(s.until, excluded.until);
  end if;
  insert into portero.access_log (event, outcome, door, person_id, phone, session_id)
    values ('session_disowned', case when ended = '{}' then 'over' else 'ended' end, 'bot', n.person_id, p_phone, n.session_id);
end $$;

-- Removes what has outlived its keeping, so many rows of each table at the most, and answers whether there may be more.
create function portero.sweep_session_notices(p_days integer, p_batch integer) returns boolean
language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
  v_done bigint;
begin
  delete from portero.send_stops where until < v_now;
  delete from portero.session_notices
   where id in (select id from portero.session_notices where created_at < v_now - make_interval(days => p_days) limit p_batch);
  get diagnostics v_done = row_count;
  return v_done = p_batch;
end $$;

-- As in 0008, and strangers wait while the owner of the phone has sends stopped.
create or replace function portero.request_challenge(
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
  insert into portero.phone_guards as g (phone) values (p_phone)
    on conflict (phone) do update set locked_at = clock_timestamp();
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
