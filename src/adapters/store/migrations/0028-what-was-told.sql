-- That a document was typed elsewhere is told as new sessions are: it waits, it is told once, it is kept for as long. And "no fui yo"
-- means what was told last, a code that went to this phone included.

-- The table and the functions keep their names, so that replicas of before go on beside newer ones.
alter table portero.session_notices
  add column kind text not null default 'session' check (kind in ('session', 'document')),
  alter column session_id drop not null,
  add constraint session_notices_session check ((kind = 'session') = (session_id is not null));

create index session_notices_paid on portero.session_notices (told_at) where kind = 'document' and told_by in ('whatsapp', 'sms');

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

-- Takes a notice of these kinds that nobody else has, with what has to be known to tell it. `paid_lately`: how many of documents went out
-- in the last hour by ways that cost something.
create function portero.take_notice(p_token uuid, p_seconds integer, p_channels text[], p_kinds text[] default '{session,document}')
returns table (id uuid, kind text, session_id uuid, person_id uuid, phone text, started_at timestamptz, address text, user_agent text,
  nonce text, attempts integer, nombre text, is_silenced boolean, paid_lately integer)
language plpgsql as $$
#variable_conflict use_column
declare
  v portero.session_notices;
begin
  select * into v from portero.session_notices n
   where n.due_at <= clock_timestamp() and n.kind = any (p_kinds) order by n.due_at limit 1 for update skip locked;
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

-- As in 0023, for replicas of before, which know of sessions alone.
create or replace function portero.take_session_notice(p_token uuid, p_seconds integer, p_channels text[])
returns table (id uuid, session_id uuid, person_id uuid, phone text, started_at timestamptz, address text, user_agent text, nonce text,
  attempts integer, nombre text, is_silenced boolean)
language sql as $$
  select id, session_id, person_id, phone, started_at, address, user_agent, nonce, attempts, nombre, is_silenced
    from portero.take_notice(p_token, p_seconds, p_channels, '{session}');
$$;

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

-- As in 0023. Without a nonce it is the session only where nothing was told later of a document, by a notice or by a code.
create or replace function portero.disown_session(p_phone text, p_nonce text, p_chat_key text, p_stop_seconds integer,
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
    if n.kind = 'document' or (select c.told_at > n.told_at from portero.code_told(p_phone) as c)
      -- As replicas of before told of documents.
      or exists (select from portero.chat_notices
                  where chat_key = p_chat_key and topic like 'linked %' and said_at > n.told_at)
    then
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
