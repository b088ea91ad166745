-- One-time links by which the bot lets people in on the web.

create table portero.sign_in_links (
  token_hash bytea primary key,
  phone text not null,
  person_id uuid not null,
  -- The chat that it was sent to; a newer one of the same chat takes its place.
  chat_key text not null,
  purpose text not null check (purpose in ('sign_in')),
  -- When the message that asked for it was written: that message is the proof.
  asked_at timestamptz not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- Used, replaced, or taken back.
  dead_at timestamptz
);

insert into portero.people_ties values ('sign_in_links', 'person_id');

create index sign_in_links_phone on portero.sign_in_links (phone) where dead_at is null;
create index sign_in_links_person_id on portero.sign_in_links (person_id);
create index sign_in_links_expires_at on portero.sign_in_links (expires_at);

-- Whether this phone opens the web as this person: attested, not idle for so long that the line may be somebody else's (in a browser
-- that signed in as them it may), and spoken for in the chat, so not forgotten. The person is locked by who decides something by it.
create function portero.may_have_link(p_phone text, p_person uuid, p_idle_days integer, p_device_person uuid, p_now timestamptz)
returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from portero.phone_people pp
      join portero.everybody u on u.id = pp.person_id
      left join portero.people p on p.id = pp.person_id
     where pp.phone = p_phone and pp.person_id = p_person and portero.is_sure(pp) and coalesce(p.state, 'active') = 'active'
       and (pp.last_used_at > p_now - make_interval(days => p_idle_days) or pp.person_id = p_device_person)
       and (pp.beside_since is not null or p_person = (portero.memory_of(p_phone)).usuario_id));
end $$;

-- Keeps a link that is about to be sent; false when this phone opens nobody, or has so many links that live in other chats.
create function portero.give_link(p_token_hash bytea, p_phone text, p_person uuid, p_chat_key text, p_asked_at timestamptz,
  p_ttl integer, p_live_max integer, p_idle_days integer, p_door text) returns boolean
language plpgsql as $$
declare
  v_now timestamptz;
  v_outcome text;
begin
  perform portero.lock_phone(p_phone);
  -- The person before their links, as whoever deletes a person has it.
  perform from portero.hold_person(p_person);
  v_now := clock_timestamp();
  v_outcome := case
    when not portero.may_have_link(p_phone, p_person, p_idle_days, null, v_now) then 'refused'
    when (select count(*) from portero.sign_in_links
           where phone = p_phone and dead_at is null and expires_at > v_now and chat_key <> p_chat_key) >= p_live_max then 'too_many'
    else 'given' end;
  insert into portero.access_log (event, outcome, door, person_id, phone) values ('link_asked', v_outcome, p_door, p_person, p_phone);
  if v_outcome <> 'given' then return false; end if;
  update portero.sign_in_links set dead_at = v_now where phone = p_phone and chat_key = p_chat_key and dead_at is null;
  insert into portero.sign_in_links (token_hash, phone, person_id, chat_key, purpose, asked_at, created_at, expires_at)
    values (p_token_hash, p_phone, p_person, p_chat_key, 'sign_in', least(p_asked_at, v_now), v_now, v_now + make_interval(secs => p_ttl));
  return true;
end $$;

-- The phones that a spelling in the bot's memory may stand for: the other way round than phone_spellings.
create function portero.phones_of_spelling(p_telefono text) returns text[]
language sql immutable parallel safe
return (
  select array_remove(array[
    '+' || d,
    case when d ~ '^55\d\d[6-9]\d{7}$' then '+' || substr(d, 1, 4) || '9' || substr(d, 5) end,
    case when d ~ '^521\d{10}$' then '+52' || substr(d, 4) end
  ], null)
  from (select regexp_replace(p_telefono, '^[^0-9]*0+|[^0-9]', '', 'g') as d) as digits
);

-- Takes links back. One that is being used at this moment is left to whoever uses it: waiting for them could be waiting in a circle.
create function portero.drop_links(p_phones text[], p_person uuid) returns void
language sql as $$
  update portero.sign_in_links set dead_at = clock_timestamp()
   where dead_at is null and token_hash in (
     select token_hash from portero.sign_in_links
      where dead_at is null and (phone = any (p_phones) or person_id = p_person) for update skip locked);
$$;

-- Whoever is forgotten on a phone leaves no way in behind, whatever deleted the row: "olvidar", the sweep, an older app with a
-- role of its own, for which it is SECURITY DEFINER.
create function portero.note_memory_loss() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform portero.drop_links(portero.phones_of_spelling(old.telefono), null);
  return null;
end $$;

create trigger memory_lost after delete on public.telefono_usuario
  for each row execute function portero.note_memory_loss();

-- So does whoever was frozen because somebody else had passed for them.
create function portero.note_freeze() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform portero.drop_links('{}', new.id);
  return null;
end $$;

create trigger people_frozen after insert or update of frozen_until on portero.people
  for each row when (new.frozen_until is not null) execute function portero.note_freeze();

-- Whom a link opens; nothing is consumed. No row for one that is dead, expired or unknown, or that would be refused.
create function portero.read_link(p_token_hash bytea, p_idle_days integer, p_device_hash bytea)
returns table (person_id uuid, name text, phone text)
language sql stable as $$
  select l.person_id, portero.display_name(u.nombre, u.apellido), l.phone
    from portero.sign_in_links l join portero.everybody u on u.id = l.person_id
   where l.token_hash = p_token_hash and l.dead_at is null and l.expires_at > clock_timestamp()
     and portero.may_have_link(l.phone, l.person_id, p_idle_days,
           (select d.person_id from portero.devices d
             where d.secret_hash = p_device_hash and d.phone = l.phone and d.expires_at > clock_timestamp()),
           clock_timestamp())
$$;

-- Spends a link and opens its session. Of many at once one finds it alive: the phone's guard lets one look at a time, and the
-- statement that spends it is the one that looks. It is spent even where it opens nothing.
create function portero.redeem_link(
  p_token_hash bytea, p_amr text[], p_address text, p_port integer, p_user_agent text, p_door text, p_reference text,
  p_device_hash bytea, p_device_guesses_max integer, p_idle_link_days integer,
  p_is_shared boolean, p_idle_seconds integer, p_life_seconds integer, p_admin_life_seconds integer, p_sessions_max integer,
  p_replaces uuid, p_new_device_hash bytea, p_device_days integer,
  out outcome text, out session portero.live_sessions, out others jsonb, out is_new_device boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  l portero.sign_in_links;
  v_device uuid;
  v_device_person uuid;
  v_opened record;
begin
  outcome := 'dead';
  select * into l from portero.sign_in_links where token_hash = p_token_hash;
  if found then
    perform portero.lock_phone(l.phone);
    perform from portero.hold_person(l.person_id);
    if found then
      insert into portero.people (id) values (l.person_id) on conflict do nothing;
      perform from portero.people where id = l.person_id for no key update;
    end if;
    v_now := clock_timestamp();
    update portero.sign_in_links set dead_at = v_now
     where token_hash = p_token_hash and dead_at is null and expires_at > v_now;
    if found then
      if p_device_hash is not null then
        v_device := portero.known_device(l.phone, p_device_hash, p_device_guesses_max, v_now);
        select d.person_id into v_device_person from portero.devices d where d.id = v_device;
      end if;
      outcome := case when portero.may_have_link(l.phone, l.person_id, p_idle_link_days, v_device_person, v_now)
                      then 'signed_in' else 'refused' end;
    end if;
  end if;
  if outcome <> 'signed_in' then
    -- Of a token that never was there is nothing to tell, and anybody can make those up by the thousand.
    if l.phone is not null then
      insert into portero.access_log (event, outcome, door, person_id, phone, address, port, user_agent, reference)
        values ('link_used', outcome, p_door, l.person_id, l.phone, p_address, p_port, p_user_agent, p_reference);
    end if;
    return;
  end if;
  select * into v_opened from portero.open_session(
    l.person_id, l.phone, null, p_amr, l.asked_at, v_now, 'link_used', v_device, p_device_hash, p_new_device_hash,
    p_device_days, p_idle_link_days, p_is_shared, p_idle_seconds, p_life_seconds, p_admin_life_seconds, p_sessions_max, p_replaces,
    p_address, p_port, p_user_agent, p_door, p_reference);
  session := v_opened.session;
  others := v_opened.others;
  is_new_device := v_opened.is_new_device;
end $$;
