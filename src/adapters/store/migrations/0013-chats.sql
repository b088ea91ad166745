-- What comes in from chats, what was decided about it, and what has to go out. Each chat is worked on by one worker at a time,
-- which holds a lease on its row; who writes to a chat, or takes it, locks that row first.

create table portero.chats (
  -- The channel and who writes there, such as `whatsapp:+5491123456789`.
  chat_key text primary key,
  channel text not null,
  address text not null,
  state jsonb,
  -- When somebody may take it next: null while nothing waits, the end of the lease while somebody has it.
  due_at timestamptz,
  lease_token uuid,
  -- Replies of the last minute.
  answered_at timestamptz[] not null default '{}',
  silent_until timestamptz,
  last_message_at timestamptz not null,
  seen_at timestamptz not null default clock_timestamp()
);

create index chats_due_at on portero.chats (due_at) where due_at is not null;
create index chats_seen_at on portero.chats (seen_at);

create table portero.inbox (
  id bigint generated always as identity primary key,
  chat_key text not null,
  channel text not null,
  message_id text not null,
  written_at timestamptz not null,
  received_at timestamptz not null default clock_timestamp(),
  -- Erased when it is decided.
  body jsonb,
  tries integer not null default 0,
  decided_at timestamptz,
  is_set_aside boolean not null default false,
  -- On synchronous channels, for a day.
  answer jsonb,
  awaits_agent boolean not null default false
);

create unique index inbox_message on portero.inbox (channel, message_id);
create index inbox_undecided on portero.inbox (chat_key, id) where decided_at is null;
create index inbox_received_at on portero.inbox (received_at);
create index inbox_answered on portero.inbox (received_at) where answer is not null;

create table portero.agent_turns (
  id bigint generated always as identity primary key,
  chat_key text not null,
  person_id uuid not null,
  -- Name, level and language of whoever asks.
  about jsonb not null,
  question text not null,
  answer text,
  -- The message whose answer it belongs to, on synchronous channels.
  inbox_id bigint,
  -- Null once it is answered.
  due_at timestamptz,
  lease_token uuid,
  tries integer not null default 0,
  asked_at timestamptz not null default clock_timestamp()
);

create index agent_turns_due_at on portero.agent_turns (due_at) where due_at is not null;
create index agent_turns_chat_key on portero.agent_turns (chat_key, id);
create index agent_turns_asked_at on portero.agent_turns (asked_at);

create table portero.outbox (
  id bigint generated always as identity primary key,
  chat_key text not null,
  channel text not null,
  address text not null,
  -- Erased when it is settled.
  reply jsonb,
  created_at timestamptz not null default clock_timestamp(),
  -- Until when the chat may be answered.
  expires_at timestamptz not null,
  -- When it may be taken next; null once it is settled.
  due_at timestamptz,
  is_taken boolean not null default false,
  attempts integer not null default 0,
  -- How often it was found with a process that had died.
  deaths integer not null default 0,
  sent_as text,
  settled_at timestamptz
);

create index outbox_due_at on portero.outbox (due_at) where due_at is not null;
create index outbox_chat_key on portero.outbox (chat_key, id) where due_at is not null;
create index outbox_created_at on portero.outbox (created_at);

-- Takes a chat, and reads it in a statement after the one that locked it. Any chat, or the named one.
create function portero.lease_chat(p_token uuid, p_seconds integer, p_chat_key text, p_messages_max integer)
returns table (chat_key text, channel text, address text, state jsonb, recent_answers integer, is_silent boolean, messages jsonb)
language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
  v_chat portero.chats;
begin
  select c.* into v_chat from portero.chats c
   where c.due_at <= v_now and (p_chat_key is null or c.chat_key = p_chat_key)
   order by c.due_at limit 1 for update skip locked;
  if not found then return; end if;
  v_now := clock_timestamp();
  update portero.chats c set lease_token = p_token, due_at = v_now + make_interval(secs => p_seconds) where c.chat_key = v_chat.chat_key;
  return query
    select v_chat.chat_key, v_chat.channel, v_chat.address, v_chat.state,
           (select count(*)::int from unnest(v_chat.answered_at) at where at > v_now - interval '1 minute'),
           coalesce(v_chat.silent_until > v_now, false),
           coalesce((select jsonb_agg(jsonb_build_object('id', i.id::text, 'tries', i.tries, 'message_id', i.message_id,
                                                         'at', i.written_at, 'body', i.body) order by i.id)
                       from (select * from portero.inbox n where n.chat_key = v_chat.chat_key and n.decided_at is null
                              order by n.id limit p_messages_max) i), '[]');
end $$;

-- Gives a chat back to whoever is next, after so many seconds where something still waits.
create function portero.release_chat(p_chat_key text, p_token uuid, p_after_seconds integer)
returns void
language plpgsql as $$
begin
  perform from portero.chats where chat_key = p_chat_key and lease_token = p_token for update;
  if not found then return; end if;
  update portero.chats
     set lease_token = null,
         due_at = case when exists (select from portero.inbox where chat_key = p_chat_key and decided_at is null)
                       then clock_timestamp() + make_interval(secs => p_after_seconds) end
   where chat_key = p_chat_key;
end $$;

-- Notes that a message failed: null when the chat is somebody else's, else whether it was set aside.
create function portero.fail_message(p_chat_key text, p_token uuid, p_id bigint, p_tries_max integer)
returns boolean
language plpgsql as $$
declare
  v_tries integer;
begin
  perform from portero.chats where chat_key = p_chat_key and lease_token = p_token for update;
  if not found then return null; end if;
  update portero.inbox
     set tries = tries + 1, is_set_aside = tries + 1 >= p_tries_max,
         decided_at = case when tries + 1 >= p_tries_max then clock_timestamp() end
   where id = p_id and chat_key = p_chat_key and decided_at is null
  returning tries into v_tries;
  if v_tries is null then return null; end if;
  perform portero.release_chat(p_chat_key, p_token, case when v_tries < p_tries_max then v_tries else 0 end);
  return v_tries >= p_tries_max;
end $$;

-- What was said in a chat lately: at most thirty, of the last minute.
create function portero.with_answers(p_answered_at timestamptz[], p_count integer)
returns timestamptz[] language sql
return (
  select coalesce(array_agg(at order by at), '{}') from (
    select at from (
      select unnest(p_answered_at) union all select clock_timestamp() from generate_series(1, p_count)
    ) as answers (at)
    where at > clock_timestamp() - interval '1 minute' order by at desc limit 30
  ) as newest
);

-- What was said while somebody had only typed a document is kept apart from what was said when it was sure who they are: neither
-- is told to the agent with a question of the other kind, in the same chat and in the name of the same person.
create function portero.is_sure_about(about jsonb) returns boolean
language sql immutable parallel safe
return coalesce(about ->> 'level', 'declared') <> 'declared';

-- The lock on the chat first, then what depends on it: so nobody decides on what another has decided meanwhile.
create function portero.decide_messages(p_chat_key text, p_token uuid, p_ids bigint[], p_state jsonb, p_replies jsonb, p_answer jsonb,
  p_is_person_known boolean, p_person_id uuid, p_question jsonb, p_silent_seconds integer)
returns boolean
language plpgsql as $$
declare
  v_chat portero.chats;
  v_now timestamptz;
  v_due timestamptz;
begin
  select * into v_chat from portero.chats where chat_key = p_chat_key and lease_token = p_token for update;
  if not found then return false; end if;
  if (select count(*) from portero.inbox where id = any (p_ids) and chat_key = p_chat_key and decided_at is null) <> cardinality(p_ids)
    then return false; end if;
  v_now := clock_timestamp();
  update portero.inbox
     set decided_at = v_now, body = null, answer = p_answer, awaits_agent = p_answer is not null and p_question is not null
   where id = any (p_ids);

  if p_is_person_known then
    with dropped as (
      delete from portero.agent_turns where chat_key = p_chat_key and person_id is distinct from p_person_id returning inbox_id
    )
    update portero.inbox i set awaits_agent = false from dropped d where i.id = d.inbox_id;
  end if;

  if p_question is not null then
    v_due := v_now + make_interval(secs => (p_question ->> 'wait_seconds')::int);
    -- What comes while an earlier text still waits for more becomes one question with it; nobody who goes on writing waits for ever.
    if p_answer is null then
      update portero.agent_turns
         set question = left(question || E'\n' || (p_question ->> 'text'), 16000), about = p_question -> 'about',
             due_at = least(v_due, asked_at + interval '10 seconds')
       where id = (select id from portero.agent_turns
                    where chat_key = p_chat_key and person_id = p_person_id and due_at > v_now and lease_token is null and tries = 0
                      and portero.is_sure_about(about) = portero.is_sure_about(p_question -> 'about')
                    order by id desc limit 1 for update);
    end if;
    if p_answer is not null or not found then
      insert into portero.agent_turns (chat_key, person_id, about, question, inbox_id, due_at)
      values (p_chat_key, p_person_id, p_question -> 'about', p_question ->> 'text',
              case when p_answer is not null then p_ids[cardinality(p_ids)] end, v_due);
    end if;
  end if;

  insert into portero.outbox (chat_key, channel, address, reply, expires_at, due_at)
  select p_chat_key, v_chat.channel, v_chat.address, r.reply, v_chat.last_message_at + interval '24 hours', v_now
    from jsonb_array_elements(p_replies) with ordinality as r (reply, place) order by r.place;

  update portero.chats
     set state = coalesce(p_state, state),
         answered_at = portero.with_answers(answered_at,
           jsonb_array_length(p_replies) + jsonb_array_length(coalesce(p_answer -> 'replies', '[]'))),
         silent_until = case when p_silent_seconds is null then silent_until else v_now + make_interval(secs => p_silent_seconds) end
   where chat_key = p_chat_key;
  return true;
end $$;

-- Takes the oldest question of a chat that is due, unless an earlier one of that chat is still being answered.
create function portero.take_question(p_token uuid, p_seconds integer, p_chat_key text)
returns table (id bigint, chat_key text, person_id uuid, about jsonb, question text, tries integer, history jsonb)
language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
  v_turn portero.agent_turns;
begin
  select t.* into v_turn from portero.agent_turns t
   where t.due_at <= v_now and (p_chat_key is null or t.chat_key = p_chat_key)
     and not exists (select from portero.agent_turns e where e.chat_key = t.chat_key and e.id < t.id and e.due_at is not null)
   order by t.due_at limit 1 for update skip locked;
  if not found then return; end if;
  update portero.agent_turns t
     set lease_token = p_token, due_at = clock_timestamp() + make_interval(secs => p_seconds), tries = t.tries + 1
   where t.id = v_turn.id;
  return query
    select v_turn.id, v_turn.chat_key, v_turn.person_id, v_turn.about, v_turn.question, v_turn.tries + 1,
           coalesce((select jsonb_agg(jsonb_build_object('question', h.question, 'answer', h.answer) order by h.id)
                       from (select * from portero.agent_turns p
                              where p.chat_key = v_turn.chat_key and p.person_id = v_turn.person_id and p.answer is not null
                                and portero.is_sure_about(p.about) = portero.is_sure_about(v_turn.about)
                                and p.asked_at > v_now - interval '1 day'
                              order by p.id desc limit 10) h), '[]');
end $$;

-- Settles a question. The chat is locked first, as everywhere: a person who is being forgotten there is waited for.
create function portero.settle_question(p_id bigint, p_token uuid, p_answer text, p_reply jsonb)
returns boolean
language plpgsql as $$
declare
  v_turn portero.agent_turns;
  v_chat portero.chats;
begin
  select c.* into v_chat from portero.chats c
   where c.chat_key = (select t.chat_key from portero.agent_turns t where t.id = p_id) for update;
  if not found then return false; end if;
  select * into v_turn from portero.agent_turns where id = p_id and lease_token = p_token and due_at is not null for update;
  if not found then return false; end if;
  if p_answer is null then
    delete from portero.agent_turns where id = p_id;
  else
    update portero.agent_turns set answer = p_answer, due_at = null, lease_token = null where id = p_id;
  end if;
  if v_turn.inbox_id is not null then
    update portero.inbox
       set awaits_agent = false,
           answer = case when p_reply is null then answer
                         else jsonb_set(answer, '{replies}', (answer -> 'replies') || jsonb_build_array(p_reply)) end
     where id = v_turn.inbox_id;
  elsif p_reply is not null then
    insert into portero.outbox (chat_key, channel, address, reply, expires_at, due_at)
    values (v_chat.chat_key, v_chat.channel, v_chat.address, p_reply, v_chat.last_message_at + interval '24 hours', clock_timestamp());
  end if;
  if p_reply is not null then
    update portero.chats set answered_at = portero.with_answers(answered_at, 1) where chat_key = v_chat.chat_key;
  end if;
  return true;
end $$;

-- Removes what has outlived its keeping, so many rows of each table at the most, and answers whether there may be more. A chat
-- in which notices are not wanted stays: forgetting it would be forgetting that.
create function portero.sweep_chats(p_id_days integer, p_history_hours integer, p_chat_days integer, p_batch integer)
returns boolean
language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
  v_done bigint;
  v_has_more boolean := false;
begin
  update portero.inbox set answer = null
   where id in (select id from portero.inbox where answer is not null and received_at < v_now - make_interval(hours => p_history_hours) limit p_batch);
  get diagnostics v_done = row_count;
  v_has_more := v_has_more or v_done = p_batch;
  delete from portero.agent_turns
   where id in (select id from portero.agent_turns where asked_at < v_now - make_interval(hours => p_history_hours) limit p_batch);
  get diagnostics v_done = row_count;
  v_has_more := v_has_more or v_done = p_batch;
  delete from portero.inbox
   where id in (select id from portero.inbox where received_at < v_now - make_interval(days => p_id_days) limit p_batch);
  get diagnostics v_done = row_count;
  v_has_more := v_has_more or v_done = p_batch;
  delete from portero.outbox
   where id in (select id from portero.outbox where created_at < v_now - make_interval(days => p_id_days) limit p_batch);
  get diagnostics v_done = row_count;
  v_has_more := v_has_more or v_done = p_batch;
  delete from portero.chats
   where chat_key in (select chat_key from portero.chats
                       where seen_at < v_now - make_interval(days => p_chat_days) and due_at is null
                         and coalesce(state ->> 'isSilenced', '') <> 'true' limit p_batch for update skip locked);
  get diagnostics v_done = row_count;
  return v_has_more or v_done = p_batch;
end $$;
