-- What a phone is told of: a sign-in on a device that it has not seen, and that a document of its people was typed elsewhere. It waits,
-- it is told once, it is kept for as long; and "no fui yo" means what was told last, a code that went to this phone included.

-- One row for each session that its phone is told of, written with the session, so that neither is there without the other; and one for
-- each phone and person of a document.
create table portero.session_notices (
  id uuid primary key default gen_random_uuid(),
  -- As it was at the sign-in. Not foreign keys: what is told is told whatever became of them.
  session_id uuid unique,
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
  disowned_at timestamptz,
  kind text not null default 'session' check (kind in ('session', 'document')),
  constraint session_notices_session check ((kind = 'session') = (session_id is not null))
);

create index session_notices_due_at on portero.session_notices (due_at) where due_at is not null;
create index session_notices_waiting on portero.session_notices (phone) where is_waiting;
create index session_notices_phone on portero.session_notices (phone, told_at);
create index session_notices_created_at on portero.session_notices (created_at);
create index session_notices_paid on portero.session_notices (told_at) where kind = 'document' and told_by in ('whatsapp', 'sms');

create index sessions_phone on portero.sessions (phone) where ended_at is null;

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

-- Writes down, in the transaction of whoever calls, which phones are to be told that a person's document was typed elsewhere: once in 24
-- hours for each phone and person. What waits to be told is of the last time. In one order for everybody.
create function portero.open_notices(p_notices jsonb) returns boolean
language plpgsql as $$
declare
  n record;
  v_now timestamptz;
begin
  for n in select distinct q.phone, q.person_id from jsonb_to_recordset(p_notices) as q (phone text, person_id uuid) order by 1, 2 loop
    perform pg_advisory_xact_lock(hashtextextended('portero.notice:' || n.phone || ' ' || n.person_id, 0));
    v_now := clock_timestamp();
    update portero.session_notices set started_at = v_now, created_at = v_now
     where kind = 'document' and phone = n.phone and person_id = n.person_id and is_waiting;
    if found or exists (
      select from portero.session_notices
       where kind = 'document' and phone = n.phone and person_id = n.person_id and created_at > v_now - interval '24 hours')
    then
      continue;
    end if;
    insert into portero.session_notices (kind, person_id, phone, started_at) values ('document', n.person_id, n.phone, v_now);
  end loop;
  return true;
end $$;

-- Under which names a phone may have chats on these channels; where its number is hidden, after the id that stands for it.
create function portero.chat_keys_of(p_phone text, p_channels text[]) returns text[]
language plpgsql stable as $$
begin
  return array(
    select k || ':' || p_phone from unnest(p_channels) as k
    union all
    select h.channel || ':' || h.user_id from portero.hidden_numbers h where h.phone = p_phone and h.channel = any (p_channels));
end $$;

-- Takes a notice that nobody else has, with what has to be known to tell it. `paid_lately`: how many of documents went out in the last
-- hour by ways that cost something.
create function portero.take_notice(p_token uuid, p_seconds integer, p_channels text[])
returns table (id uuid, kind text, session_id uuid, person_id uuid, phone text, started_at timestamptz, address text, user_agent text,
  nonce text, attempts integer, nombre text, is_silenced boolean, paid_lately integer)
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
    select v.id, v.kind, v.session_id, v.person_id, v.phone, v.started_at, v.address, v.user_agent, v.nonce, v.attempts + 1,
           (select left(u.nombre, 80) from portero.everybody u where u.id = v.person_id),
           exists (select from portero.chats c
                    where c.state ->> 'isSilenced' = 'true' and c.chat_key = any (portero.chat_keys_of(v.phone, p_channels))),
           case v.kind when 'document' then
             (select count(*)::integer from portero.session_notices n
               where n.kind = 'document' and n.told_by in ('whatsapp', 'sms') and n.told_at > clock_timestamp() - interval '1 hour')
             else 0 end;
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

-- The newest code that was sent to this phone because somebody writes from another one, and whom it is about. One that is known not
-- to have gone out was told to nobody.
create function portero.code_told(p_phone text, out person_id uuid, out told_at timestamptz)
language sql stable as $$
  select c.person_id, c.created_at from portero.link_codes c
   where c.target = p_phone and c.is_sent
     and not exists (select from portero.deliveries d where d.challenge_id = c.id and d.state = 'failed')
   order by c.created_at desc limit 1;
$$;

-- Whose document this phone was told of last, by a notice in the last seven days or by a code; null where it was told of none.
create function portero.person_told(p_phone text) returns uuid
language sql stable as $$
  select person_id from (
    select n.person_id, n.told_at from portero.session_notices n
     where n.phone = p_phone and n.kind = 'document' and n.told_at > clock_timestamp() - interval '7 days'
    union all
    select c.person_id, c.told_at from portero.code_told(p_phone) as c
  ) as told where person_id is not null order by told_at desc limit 1;
$$;

-- The nonce of the session that this phone was told of last, in these seven days, where it goes on and nobody said that it was not them.
create function portero.session_told(p_phone text) returns text
language sql stable as $$
  select n.nonce from portero.session_notices n
   where n.phone = p_phone and n.kind = 'session' and n.told_at > clock_timestamp() - interval '7 days' and n.disowned_at is null
     and exists (select from portero.sessions s where s.phone = n.phone and s.started_at = n.started_at and s.ended_at is null)
   order by n.told_at desc limit 1;
$$;

-- Says, from the phone that was told, that it was not its owner: ends the session that the notice is of and what came of it (as
-- another person of the phone, or in the browser that it made known), makes that browser unknown again, and lets strangers have no
-- code sent for a while. Without a nonce it is the session that was told last, where nothing was told later of a document, by a notice
-- or by a code. To say it again changes nothing and is answered the same. Locked in the order of switch_person: the people, the device, then
-- sessions.
create function portero.disown_session(p_phone text, p_nonce text, p_stop_seconds integer,
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
    select * into n from portero.session_notices where nonce = p_nonce and phone = p_phone and kind = 'session';
  else
    select * into n from portero.session_notices
     where phone = p_phone and told_at > v_now - interval '7 days' order by told_at desc limit 1;
    if n.kind = 'document' or (select c.told_at > n.told_at from portero.code_told(p_phone) as c) then return; end if;
  end if;
  if n.id is null then return; end if;
  person_id := n.person_id;
  is_first := n.disowned_at is null;
  perform portero.hold_people(array(select s.person_id from portero.sessions s
    where s.phone = p_phone and s.ended_at is null and (s.started_at = n.started_at or s.device_id = n.device_id)));
  perform from portero.devices where id = n.device_id for update;
  ended := array(select portero.end_sessions(array(
    select s.id from portero.sessions s
     where s.phone = p_phone and s.ended_at is null and (s.started_at = n.started_at or s.device_id = n.device_id)), 'disowned'));
  if not is_first then return; end if;
  update portero.session_notices set disowned_at = v_now, is_waiting = false, due_at = null, lease_token = null where id = n.id;
  -- A code that is under way may have been read by the same eyes.
  update portero.challenges set expires_at = v_now
   where phone = p_phone and used_at is null and expires_at > v_now and (device_id is null or device_id = n.device_id);
  -- So may a link, and a code by which another phone would become theirs.
  perform portero.drop_links(array[p_phone], null);
  update portero.link_codes set tries_left = 0 where target = p_phone and used_at is null and tries_left > 0;
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
  v_until timestamptz := v_now - make_interval(days => p_days);
  v_done bigint;
begin
  delete from portero.send_stops where until < v_now;
  delete from portero.session_notices
   where id in (select id from portero.session_notices where created_at < v_until limit p_batch) and created_at < v_until;
  get diagnostics v_done = row_count;
  return v_done = p_batch;
end $$;
