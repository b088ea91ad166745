-- What the bot says of its own accord, and what becomes of messages and accounts afterwards.

-- How far a reply has come, as the provider reports it.
alter table portero.outbox add column delivery_state text;

-- What was said in a chat without being asked for, so that it is not said again all day.
create table portero.chat_notices (
  chat_key text not null,
  topic text not null,
  said_at timestamptz not null,
  primary key (chat_key, topic)
);

create index chat_notices_said_at on portero.chat_notices (said_at);

-- Notices of a provider about accounts that are no longer the same, so that one which comes again is known.
create table portero.identity_changes (
  channel text not null,
  id text not null,
  noted_at timestamptz not null default clock_timestamp(),
  primary key (channel, id)
);

create index identity_changes_noted_at on portero.identity_changes (noted_at);

-- Puts a reply into the outbox, once in 24 hours for each chat and topic; false when it may not be said.
create function portero.say_in_chat(p_chat_key text, p_topic text, p_reply jsonb) returns boolean
language plpgsql as $$
declare
  v_now timestamptz;
  v_chat portero.chats;
begin
  select * into v_chat from portero.chats where chat_key = p_chat_key for update;
  v_now := clock_timestamp();
  if v_chat.last_message_at is null or v_chat.last_message_at <= v_now - interval '24 hours' then return false; end if;
  delete from portero.chat_notices where said_at <= v_now - interval '24 hours'
    and (chat_key, topic) in (select chat_key, topic from portero.chat_notices
                               where said_at <= v_now - interval '24 hours' for update skip locked);
  insert into portero.chat_notices as n (chat_key, topic, said_at) values (p_chat_key, p_topic, v_now)
    on conflict (chat_key, topic) do nothing;
  if not found then return false; end if;
  insert into portero.outbox (chat_key, channel, address, reply, expires_at, due_at)
  values (p_chat_key, v_chat.channel, v_chat.address, p_reply, v_chat.last_message_at + interval '24 hours', v_now);
  return true;
end $$;

-- Forgets everybody on the phone of an account that changed, once for each notice of it. Null when the notice is known, else how
-- many were forgotten. The id of an account whose number moved stands for nobody.
create function portero.heed_identity_change(p_channel text, p_id text, p_phone text, p_user_id text, p_is_moved boolean) returns integer
language plpgsql as $$
declare
  v_phone text := p_phone;
  v_count integer := 0;
begin
  delete from portero.identity_changes
   where (channel, id) in (select channel, id from portero.identity_changes
                            where noted_at < clock_timestamp() - interval '30 days' for update skip locked);
  insert into portero.identity_changes (channel, id) values (p_channel, p_id) on conflict do nothing;
  if not found then return null; end if;
  if v_phone is null then
    select phone into v_phone from portero.hidden_numbers where channel = p_channel and user_id = p_user_id;
  end if;
  if v_phone is not null then v_count := portero.forget_phone(v_phone, null, 'bot'); end if;
  if p_is_moved then delete from portero.hidden_numbers where channel = p_channel and user_id = p_user_id; end if;
  return v_count;
end $$;
