-- What each channel calls whoever has a phone. Where the account is no longer the same, whoever writes is asked again.

-- As last seen.
create table portero.chat_identities (
  channel text not null,
  phone text not null,
  user_id text,
  identity_hash text,
  -- When the newest message was written that counted, to the day.
  seen_at timestamptz not null,
  primary key (channel, phone)
);

create index chat_identities_seen_at on portero.chat_identities (seen_at);

-- Notes what a channel calls whoever writes from a phone. Where that is no longer what it was, the phone is forgotten: answers how
-- many people were, and null where nothing had changed or nobody was remembered. A message older than the newest says nothing new.
create function portero.note_identity(p_channel text, p_phone text, p_user_id text, p_hash text, p_at timestamptz) returns integer
language plpgsql as $$
declare
  v portero.chat_identities;
  v_at timestamptz := least(p_at, clock_timestamp());
  v_what text;
begin
  select * into v from portero.chat_identities where channel = p_channel and phone = p_phone;
  if v.phone is not null and (p_user_id is null or p_user_id = v.user_id) and (p_hash is null or p_hash = v.identity_hash)
    and v_at < v.seen_at + interval '1 day' then return null; end if;
  perform portero.lock_phone(p_phone);
  select * into v from portero.chat_identities where channel = p_channel and phone = p_phone for update;
  if v_at < v.seen_at then return null; end if;
  v_what := case when p_hash <> v.identity_hash then 'registration' when p_user_id <> v.user_id then 'user_id' end;
  insert into portero.chat_identities as c (channel, phone, user_id, identity_hash, seen_at)
    values (p_channel, p_phone, p_user_id, p_hash, v_at)
    on conflict (channel, phone) do update set user_id = coalesce(excluded.user_id, c.user_id),
      identity_hash = coalesce(excluded.identity_hash, c.identity_hash), seen_at = excluded.seen_at;
  if v_what is null then return null; end if;
  perform portero.drop_asked(p_phone, true);
  if not exists (
    select from portero.recognise_phone(p_phone, 'never', 'bot', false) as r where r.person is not null or r.others <> '[]') then return null; end if;
  insert into portero.access_log (event, outcome, door, phone) values ('identity_changed', v_what, 'bot', p_phone);
  return portero.forget_phone(p_phone, null, 'bot');
end $$;

-- Removes what a channel called phones of which nothing was heard for so long that nobody is remembered there.
create function portero.sweep_identities(p_days integer, p_batch integer) returns boolean
language plpgsql as $$
declare
  v_until timestamptz := clock_timestamp() - make_interval(days => p_days);
  v_done bigint;
begin
  delete from portero.chat_identities
   where ctid = any (array(select ctid from portero.chat_identities c
                            where c.seen_at < v_until and (portero.memory_of(c.phone)).telefono is null limit p_batch))
     and seen_at < v_until;
  get diagnostics v_done = row_count;
  return v_done = p_batch;
end $$;
