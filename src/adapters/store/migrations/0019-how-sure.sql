-- How sure the bot's memory is: what was only said and never proved moves nothing that was; lines that nobody used for long, and
-- accounts that are no longer the same, are asked again. Names are one line wherever they go.

-- What the operator has configured and the functions here go by; written at each start of the service.
create table portero.settings (
  is_only boolean primary key default true check (is_only),
  remember_days integer not null default 30 check (remember_days between 1 and 3650),
  idle_link_days integer not null default 180 check (idle_link_days between 1 and 3650)
);
insert into portero.settings default values;

create function portero.remember_days() returns integer
language sql stable
return coalesce((select remember_days from portero.settings), 30);

create function portero.idle_link_days() returns integer
language sql stable
return coalesce((select idle_link_days from portero.settings), 180);

-- Declared over a channel that proves nothing, and by nothing else since.
alter table portero.phone_people add column unproved_since timestamptz;
-- When the memory of this pair had last been used, once it is over.
alter table portero.phone_people add column seen_at timestamptz;
-- A document was typed after nobody had used an attested pair for too long: in the chat it is declared until the web door, where
-- somebody has to be known by more, has used it again.
alter table portero.phone_people add column doubted_at timestamptz;
-- The number on record to which the code went that attested this pair: it may take that back. `operator`: a word of the operator's did,
-- which any number that the organisation has on record may take back.
alter table portero.phone_people add column vouched_by text;

-- What each channel calls whoever has a phone, as last seen.
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

-- As in 0012; but who only says to be a phone bars nobody on it.
create or replace function portero.is_phone_barred(p_phone text) returns boolean
language plpgsql stable as $$
begin
  return (
    select coalesce(bool_and(coalesce(p.state, 'active') in ('blocked', 'rejected')), false)
      from portero.phone_people pp left join portero.people p on p.id = pp.person_id
     where pp.phone = p_phone and pp.unproved_since is null
       and (pp.belongs = 'attested' or p.state in ('blocked', 'rejected')));
end $$;

-- As in 0002, and on one line: other programs may write anything there, and a name goes into logs, headers and what an agent is told.
create or replace function portero.display_name(nombre text, apellido text) returns text
language sql immutable parallel safe
return nullif(btrim(left(regexp_replace(regexp_replace(
  concat_ws(' ', nullif(btrim(left(nombre, 400)), ''), nullif(btrim(left(apellido, 400)), '')),
  '[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+', '', 'g'),
  '[\u0001-\u0020\u007f-\u00a0\u2028\u2029]+', ' ', 'g'), 80)), '');

-- Whether a pair is the person's own for the chat. An idle one is not by a document alone.
create function portero.is_sure(p portero.phone_people) returns boolean
language sql immutable
return p.belongs = 'attested' and (p.doubted_at is null or p.last_used_at > p.doubted_at);

-- For how many days somebody is remembered. Lines change hands: what opens more than a declared pair is over when it was idle for so
-- long, whatever was set.
create function portero.days_of(p portero.phone_people, p_memory_days integer) returns integer
language sql stable
return case when p.belongs = 'attested' then least(coalesce(p.days, p_memory_days, portero.remember_days()), portero.idle_link_days())
            else coalesce(p.days, p_memory_days, portero.remember_days()) end;

-- As in 0012, with the days that are configured.
create or replace function portero.memory_days(p_phone text, p_person uuid) returns integer
language sql stable as $$
  select coalesce(
    (select portero.days_of(pp, p.memory_days) from portero.phone_people pp left join portero.people p on p.id = pp.person_id
      where pp.phone = p_phone and pp.person_id = p_person),
    (select memory_days from portero.people where id = p_person), portero.remember_days());
$$;

-- When a pair was last used: at the web door, by a choice or a document, or by any message.
create function portero.used_at(p portero.phone_people) returns timestamptz
language plpgsql stable as $$
declare
  v public.telefono_usuario := portero.memory_of(p.phone);
begin
  return greatest(p.last_used_at, p.seen_at, case when v.usuario_id = p.person_id then v.ultimo_acceso end);
end $$;

-- As in 0012, with how sure a pair is.
create or replace function portero.remembered(p_phone text, p_person uuid) returns jsonb
language plpgsql stable as $$
begin
  return (
    select jsonb_build_object('id', u.id, 'name', portero.display_name(u.nombre, u.apellido), 'nombre', left(u.nombre, 80),
             'belongs', case when portero.is_sure(pp) then 'attested' else 'declared' end, 'proved_at', pp.proved_at)
      from portero.everybody u left join portero.phone_people pp on pp.phone = p_phone and pp.person_id = u.id
     where u.id = p_person);
end $$;

-- As in 0012. Over a channel that proves the number (`p_is_proof`) nobody is remembered who was only declared over one that does not; and
-- over one that does not, a message counts as a use of nothing else.
drop function portero.recognise_phone(text, text, text);
create function portero.recognise_phone(p_phone text, p_note text, p_door text, p_is_proof boolean default true,
  out person jsonb, out lost text, out is_blocked boolean, out is_shared boolean, out others jsonb)
language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
  v public.telefono_usuario;
  v_state text;
  v_days integer;
  v_is_unproved boolean;
begin
  is_blocked := false;
  others := '[]';
  is_shared := exists (select from portero.shared_phones where phone = p_phone);
  if is_shared then return; end if;
  loop
    v := portero.memory_of(p_phone);
    v_state := null;
    lost := null;
    exit when v.telefono is null;
    select coalesce(p.state, 'active'), portero.days_of(pp, p.memory_days), pp.unproved_since is not null
      into v_state, v_days, v_is_unproved
      from portero.everybody u
      left join portero.people p on p.id = u.id
      left join portero.phone_people pp on pp.phone = p_phone and pp.person_id = u.id
     where u.id = v.usuario_id;
    if p_is_proof and v_is_unproved then
      v := null;
      exit;
    end if;
    if v_state is null then
      lost := 'gone';
    elsif v.ultimo_acceso is null or v.ultimo_acceso < v_now - make_interval(days => v_days) then
      lost := 'expired';
    elsif v_state <> 'active' then
      is_blocked := true;
    end if;
    exit when lost is not null or is_blocked or p_note = 'never' or (p_door = 'bot' and not p_is_proof and not v_is_unproved)
      or (p_note = 'hourly' and v.ultimo_acceso > v_now - interval '1 hour');
    update public.telefono_usuario t set ultimo_acceso = v_now where t.telefono = v.telefono and t.usuario_id = v.usuario_id;
    -- Otherwise somebody was forgotten, or another took their place, between the two statements.
    exit when found;
  end loop;
  if v.telefono is not null and lost is null and not is_blocked then
    person := portero.remembered(p_phone, v.usuario_id);
  elsif not is_blocked then
    is_blocked := portero.is_phone_barred(p_phone);
  end if;
  if not is_blocked then
    others := portero.others_of(p_phone, v.usuario_id, v_now, p_is_proof);
  end if;
  if p_note <> 'never' and (v.telefono is not null or is_blocked) then
    insert into portero.access_log (event, outcome, door, person_id, phone)
      values ('phone_recognised', case when is_blocked then 'blocked' else coalesce(lost, 'remembered') end, p_door, v.usuario_id, p_phone);
  end if;
end $$;

-- As in 0018.
drop function portero.others_of(text, uuid, timestamptz);
create function portero.others_of(p_phone text, p_except uuid, p_now timestamptz, p_is_proof boolean default true) returns jsonb
language plpgsql stable as $$
begin
  return (
    select coalesce(jsonb_agg(portero.remembered(p_phone, pp.person_id) order by pp.last_used_at desc, pp.person_id), '[]')
      from portero.phone_people pp
      join portero.everybody u on u.id = pp.person_id
      left join portero.people p on p.id = pp.person_id
     where pp.phone = p_phone and pp.person_id is distinct from p_except and pp.beside_since is not null
       and coalesce(p.state, 'active') = 'active' and not (p_is_proof and pp.unproved_since is not null)
       and pp.last_used_at > p_now - make_interval(days => portero.days_of(pp, p.memory_days))
       and not exists (select from portero.newcomers n where n.id = pp.person_id));
end $$;

-- As in 0018, and what is turned away leaves behind when it was last used.
create or replace function portero.remember_now(p_phone text, p_person uuid, p_now timestamptz) returns void
language plpgsql as $$
declare
  v public.telefono_usuario;
begin
  if exists (select from portero.newcomers where id = p_person) then return; end if;
  -- The memory before the pairs, as whoever deletes a person has it.
  perform from public.telefono_usuario t
    where regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(p_phone)) for no key update;
  v := portero.memory_of(p_phone);
  if v.usuario_id <> p_person and v.ultimo_acceso > p_now - make_interval(days => portero.memory_days(p_phone, v.usuario_id)) then
    insert into portero.phone_people as pp (phone, person_id, belongs, last_used_at, beside_since)
      select p_phone, u.id, 'declared', v.ultimo_acceso, p_now from portero.everybody u where u.id = v.usuario_id
      on conflict (phone, person_id) do update
        -- An attested link grows old by what opens the web door alone: chatting must not revive it for whoever gets the number.
        set last_used_at = case pp.belongs when 'declared' then greatest(pp.last_used_at, excluded.last_used_at) else pp.last_used_at end,
            seen_at = greatest(pp.seen_at, excluded.last_used_at), beside_since = p_now;
  end if;
  update portero.phone_people set beside_since = null where phone = p_phone and person_id = p_person and beside_since is not null;
  update public.telefono_usuario t set usuario_id = p_person, ultimo_acceso = p_now
   where regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(p_phone));
  if not found then
    insert into public.telefono_usuario as t (telefono, usuario_id, ultimo_acceso, created_at) values (p_phone, p_person, p_now, p_now)
      on conflict (telefono) do update set usuario_id = excluded.usuario_id, ultimo_acceso = excluded.ultimo_acceso;
  end if;
end $$;

-- Whether the memory of a phone may be turned to this person by somebody who only says to be that phone: where nobody is remembered,
-- or the same one, or one who came about in the same way.
create function portero.may_turn(p_phone text, p_person uuid, p_now timestamptz) returns boolean
language plpgsql stable as $$
declare
  v public.telefono_usuario := portero.memory_of(p_phone);
begin
  return v.usuario_id is null or v.usuario_id = p_person or v.ultimo_acceso is null
    or v.ultimo_acceso < p_now - make_interval(days => portero.memory_days(p_phone, v.usuario_id))
    or exists (select from portero.phone_people where phone = p_phone and person_id = v.usuario_id and unproved_since is not null)
    or not exists (select from portero.everybody where id = v.usuario_id);
end $$;

-- Remembers whom somebody says to be who only says to be this phone, and answers whether this phone speaks for them then. It makes
-- nothing newer, surer or remembered again that came about in any better way. The phone's guard is locked by whoever calls.
create function portero.say_to_be(p_phone text, p_person uuid, p_now timestamptz) returns boolean
language plpgsql as $$
declare
  v public.telefono_usuario := portero.memory_of(p_phone);
  v_unproved boolean := (select unproved_since is not null from portero.phone_people where phone = p_phone and person_id = p_person);
begin
  if v.usuario_id = p_person and v_unproved is not true
    and v.ultimo_acceso > p_now - make_interval(days => portero.memory_days(p_phone, p_person)) then return true; end if;
  if v_unproved is false or not portero.may_turn(p_phone, p_person, p_now) then return false; end if;
  insert into portero.phone_people as pp (phone, person_id, belongs, last_used_at, unproved_since)
    values (p_phone, p_person, 'declared', p_now, p_now)
    on conflict (phone, person_id) do update set last_used_at = p_now;
  perform portero.remember_now(p_phone, p_person, p_now);
  return true;
end $$;

-- As in 0012. What was never proved stands back before a proof.
create or replace function portero.remember_phone(p_phone text, p_person uuid, p_now timestamptz) returns void
language plpgsql as $$
declare
  v public.telefono_usuario;
begin
  if exists (select from portero.shared_phones where phone = p_phone) then return; end if;
  v := portero.memory_of(p_phone);
  if portero.may_turn(p_phone, p_person, p_now)
    or exists (select from portero.phone_people where phone = p_phone and person_id = v.usuario_id and belongs = 'attested')
  then
    perform portero.remember_now(p_phone, p_person, p_now);
  end if;
end $$;

-- As in 0018, with the days that are configured; a pair that outlives its memory keeps when that was last used.
create or replace function portero.sweep_memories(p_after text, p_batch integer, out stopped_at text, out removed integer)
language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
  v_gone jsonb;
begin
  select case when count(*) = p_batch then max(telefono) end into stopped_at
    from (select telefono from public.telefono_usuario where telefono > p_after order by telefono limit p_batch) as looked_at;
  with gone as (
    delete from public.telefono_usuario t
     where t.telefono > p_after and (stopped_at is null or t.telefono <= stopped_at)
       -- Nobody has less than a day; this spares most rows the rest.
       and coalesce(t.ultimo_acceso, t.created_at) < v_now - interval '1 day'
       and coalesce(t.ultimo_acceso, t.created_at) < v_now - make_interval(days => coalesce(
             (select portero.days_of(pp, (select p.memory_days from portero.people p where p.id = t.usuario_id))
                from portero.phone_people pp
               where pp.person_id = t.usuario_id
                 and regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(pp.phone)) limit 1),
             (select p.memory_days from portero.people p where p.id = t.usuario_id), portero.remember_days()))
    returning t.telefono, t.usuario_id, t.ultimo_acceso
  ), logged as (
    insert into portero.access_log (event, outcome, door, person_id, phone)
      select 'phone_forgotten', 'expired', 'store', usuario_id, telefono from gone
  ) select count(*), jsonb_agg(gone) into removed, v_gone from gone;
  -- Whoever is at a pair just now is not waited for: they hold a guard, and wait for the memory perhaps.
  with kept as (
    select pp.phone, pp.person_id, g.ultimo_acceso
      from jsonb_to_recordset(v_gone) as g (telefono text, usuario_id uuid, ultimo_acceso timestamptz)
      join portero.phone_people pp on pp.person_id = g.usuario_id and pp.belongs = 'attested'
       and regexp_replace(g.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(pp.phone))
       for update of pp skip locked
  ) update portero.phone_people pp set seen_at = greatest(pp.seen_at, kept.ultimo_acceso)
      from kept where pp.phone = kept.phone and pp.person_id = kept.person_id;
end $$;

-- As in 0016; for a doubtful pair as for any that was only declared.
create or replace function portero.is_frozen(p_phone text, p_person uuid, p_now timestamptz) returns boolean
language plpgsql stable as $$
begin
  return exists (select from portero.people where id = p_person and frozen_until > p_now)
    and not exists (select from portero.phone_people pp where phone = p_phone and person_id = p_person and portero.is_sure(pp));
end $$;

-- Counts a typed document and finds whose it is: `found`, or why nobody's. The phone's guard is locked by whoever calls. What
-- somebody tries who only says to be this phone is counted apart, so that they cannot use up what its owner may try.
create function portero.try_document(p_phone text, p_document text, p_proof bytea, p_documents_max integer, p_is_proof boolean,
  p_now timestamptz, out outcome text, out person_id uuid)
language plpgsql as $$
#variable_conflict use_column
declare
  v_phone text := case when p_is_proof then p_phone else 'unproved ' || p_phone end;
  v_people uuid[];
  v_state text;
begin
  if not exists (select from portero.document_tries where phone = v_phone and proof = p_proof and at > p_now - interval '1 day')
    and (select count(*) from portero.document_tries where phone = v_phone and at > p_now - interval '1 day') >= p_documents_max
  then
    outcome := 'too_many_documents';
    return;
  end if;
  v_people := array(select portero.people_of_document(p_document));
  if cardinality(v_people) = 1 then
    perform from portero.records where id = v_people[1] for key share;
    if found then person_id := v_people[1]; end if;
  end if;
  insert into portero.document_tries as d (phone, proof, at, is_right) values (v_phone, p_proof, p_now, person_id is not null)
    on conflict (phone, proof) do update set is_right = excluded.is_right,
      at = case when d.at > p_now - interval '1 day' then d.at else excluded.at end;
  select p.state into v_state from portero.people p where p.id = try_document.person_id;
  outcome := case
    when cardinality(v_people) > 1 then 'ambiguous'
    when person_id is null then 'unknown'
    when portero.is_frozen(p_phone, person_id, p_now) then 'frozen'
    when coalesce(v_state, 'active') <> 'active' or portero.is_phone_barred(p_phone) then 'blocked'
    else 'found' end;
end $$;

-- Whether twenty documents were wrong in the hour up to now, on all phones together.
create function portero.is_list_tried(p_now timestamptz) returns boolean
language sql stable
return (select count(*) >= 20 from (
  select from portero.document_tries where not is_right and at > p_now - interval '1 hour' limit 20) as wrong);

-- Which other phones speak for a person, those surely theirs first: whoever declares it on many phones must not crowd them out.
create function portero.phones_beside(p_phone text, p_person uuid) returns text[]
language plpgsql stable as $$
begin
  return array(
    select phone from (
      select t.telefono::text as phone, false as is_sure from public.telefono_usuario t
       where t.usuario_id = p_person
         and regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') <> all (portero.phone_spellings(p_phone))
      union all
      select pp.phone, portero.is_sure(pp) from portero.phone_people pp
       where pp.person_id = p_person and pp.phone <> p_phone and (pp.belongs = 'attested' or pp.beside_since is not null)
    ) as beside
     group by phone order by bool_or(is_sure) desc, phone limit 20);
end $$;

-- As in 0016, with the parts that a stricter first contact shares.
create or replace function portero.declare_document(p_phone text, p_document text, p_proof bytea, p_documents_max integer, p_people_max integer,
  p_door text, p_is_proof boolean,
  out outcome text, out person jsonb, out other_phones text[], out is_remembered boolean, out is_alarming boolean)
language plpgsql as $$
declare
  v_now timestamptz;
  v_person uuid;
  v_found text;
begin
  perform portero.lock_phone(p_phone);
  v_now := clock_timestamp();
  is_alarming := false;
  is_remembered := false;
  other_phones := '{}';
  select t.outcome, t.person_id into v_found, v_person
    from portero.try_document(p_phone, p_document, p_proof, p_documents_max, p_is_proof, v_now) as t;
  outcome := case
    when v_found in ('ambiguous', 'frozen') then 'unknown'
    when v_found <> 'found' then v_found
    when not exists (select from portero.phone_people where phone = p_phone and person_id = v_person)
      and (select count(*) from portero.phone_people where phone = p_phone and person_id <> v_person
              and not (p_is_proof and unproved_since is not null)) >= p_people_max then 'too_many_people'
    else 'linked' end;

  if outcome = 'linked' then
    is_remembered := not exists (select from portero.shared_phones where phone = p_phone);
    if is_remembered and not p_is_proof then
      is_remembered := portero.say_to_be(p_phone, v_person, v_now);
    elsif is_remembered then
      insert into portero.phone_people as pp (phone, person_id, belongs, proved_at, last_used_at)
        values (p_phone, v_person, 'declared', v_now, v_now)
        on conflict (phone, person_id) do update
          set proved_at = v_now, unproved_since = null,
              -- Nobody used it for so long that the line may be somebody else's by now: they only say so.
              doubted_at = case when pp.belongs = 'attested'
                and portero.used_at(pp) <= v_now - make_interval(days => portero.idle_link_days()) then v_now else pp.doubted_at end,
              -- A document makes no pair younger that opens the web: that is for what proves more.
              last_used_at = case when pp.belongs = 'attested' then pp.last_used_at else v_now end;
      perform portero.remember_now(p_phone, v_person, v_now);
    end if;
    person := portero.remembered(p_phone, v_person);
    other_phones := portero.phones_beside(p_phone, v_person);
  elsif outcome in ('unknown', 'too_many_documents') then
    is_alarming := portero.is_list_tried(v_now);
  end if;
  insert into portero.access_log (event, outcome, door, person_id, phone)
    values ('document_declared', case when v_found in ('ambiguous', 'frozen') then v_found else declare_document.outcome end, p_door, v_person, p_phone);
end $$;

-- As in 0016. Who only says to be this phone turns no memory that was proved; a doubtful pair is not made surer.
drop function portero.choose_other(text, uuid, text);
create function portero.choose_other(p_phone text, p_person uuid, p_door text, p_is_proof boolean default true) returns boolean
language plpgsql as $$
declare
  v_now timestamptz;
begin
  perform portero.lock_phone(p_phone);
  v_now := clock_timestamp();
  perform from portero.records where id = p_person for key share;
  if not found or exists (select from portero.shared_phones where phone = p_phone)
    or not (p_is_proof or portero.may_turn(p_phone, p_person, v_now))
    or not exists (
      select from portero.phone_people pp left join portero.people p on p.id = pp.person_id
       where pp.phone = p_phone and pp.person_id = p_person and coalesce(p.state, 'active') = 'active'
         and p_is_proof = (pp.unproved_since is null)
         and ((pp.beside_since is not null and pp.last_used_at > v_now - make_interval(days => portero.days_of(pp, p.memory_days)))
           or p_person = (select m.usuario_id from portero.memory_of(p_phone) as m
                           where m.ultimo_acceso > v_now - make_interval(days => portero.days_of(pp, p.memory_days)))))
  then
    return false;
  end if;
  perform portero.remember_now(p_phone, p_person, v_now);
  update portero.phone_people pp set last_used_at = v_now
   where pp.phone = p_phone and pp.person_id = p_person and pp.belongs = 'declared';
  insert into portero.access_log (event, outcome, door, person_id, phone) values ('person_chosen', 'remembered', p_door, p_person, p_phone);
  return true;
end $$;

-- As in 0016. Who only says to be this phone (`p_is_proof` false) takes away no more than what was declared in the same way, and ends
-- no session; who proves it takes all of that away too, whomever they mean.
drop function portero.forget_phone(text, uuid, text);
create function portero.forget_phone(p_phone text, p_person uuid, p_door text, p_is_proof boolean default true) returns integer
language plpgsql as $$
declare
  v_forgotten uuid[];
  v_gone uuid[];
  v_used jsonb;
begin
  perform portero.lock_phone(p_phone);
  -- The people, then the memory, sessions and the pairs, as whoever deletes a person has it.
  perform portero.hold_person(p.id) from (
    select person_id as id from portero.phone_people where phone = p_phone
    union
    select t.usuario_id from public.telefono_usuario t
     where regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(p_phone))
    order by id) as p;
  v_used := (select jsonb_object_agg(pp.person_id, portero.used_at(pp)) from portero.phone_people pp
              where pp.phone = p_phone and pp.belongs = 'attested' and p_is_proof and (p_person is null or pp.person_id = p_person));
  with gone as (
    delete from public.telefono_usuario t
     where regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(p_phone))
       and case when exists (select from portero.phone_people pp
                     where pp.phone = p_phone and pp.person_id = t.usuario_id and pp.unproved_since is not null)
                then p_is_proof or p_person is null or t.usuario_id = p_person
                else p_is_proof and (p_person is null or t.usuario_id = p_person) end
    returning t.usuario_id
  ) select coalesce(array_agg(usuario_id), '{}') into v_forgotten from gone where usuario_id is not null;
  if p_is_proof then
    perform portero.end_sessions(array(
      select s.id from portero.sessions s
       where s.phone = p_phone and s.ended_at is null and (p_person is null or s.person_id = p_person)), 'forgotten');
  end if;
  with gone as (
    delete from portero.phone_people pp
     where pp.phone = p_phone and pp.belongs = 'declared'
       and case when pp.unproved_since is not null then p_is_proof or p_person is null or pp.person_id = p_person
                else p_is_proof and (p_person is null or pp.person_id = p_person) end
       and not exists (select from portero.people p where p.id = pp.person_id and p.state in ('blocked', 'rejected'))
    returning pp.person_id
  ) select coalesce(array_agg(person_id), '{}') into v_gone from gone;
  v_forgotten := v_forgotten || v_gone;
  if p_is_proof then
    update portero.phone_people pp set seen_at = (v_used ->> pp.person_id::text)::timestamptz
     where pp.phone = p_phone and v_used ? pp.person_id::text;
    with kept as (
      update portero.phone_people pp set beside_since = null
       where pp.phone = p_phone and (p_person is null or pp.person_id = p_person) and pp.beside_since is not null
      returning pp.person_id
    ) select coalesce(array_agg(person_id), '{}') into v_gone from kept;
    v_forgotten := v_forgotten || v_gone;
  end if;
  -- What was asked for before does not bring anybody back.
  perform portero.drop_asked(p_phone, p_is_proof);
  v_forgotten := array(select distinct unnest(v_forgotten));
  insert into portero.access_log (event, outcome, door, person_id, phone)
    select 'phone_forgotten', case when p_is_proof then 'forgotten' else 'forgotten_unproved' end, p_door, id, p_phone
      from unnest(v_forgotten) as id;
  return cardinality(v_forgotten);
end $$;

-- As in 0016. A phone also takes back what a code attested that was sent to it: whoever was talked out of that code. And one that the
-- organisation has on record takes back what the operator was talked into.
create or replace function portero.disown(p_phone text, p_person uuid, p_door text, out outcome text, out phones text[])
language plpgsql as $$
declare
  v_now timestamptz;
  v_voices text[] := array[p_phone] || case when exists (
    select from portero.phone_people where phone = p_phone and person_id = p_person and vouched_by is null) then array['operator'] end;
begin
  phones := '{}';
  if not exists (select from portero.phone_people pp where phone = p_phone and person_id = p_person and portero.is_sure(pp)) then
    outcome := 'not_attested';
  else
    perform portero.lock_phone(pp.phone) from (
      select phone from portero.phone_people
       where person_id = p_person and (belongs = 'declared' or vouched_by = any (v_voices)) order by phone) as pp;
    perform from portero.records where id = p_person for update;
    v_now := clock_timestamp();
    insert into portero.people as p (id, frozen_until) values (p_person, v_now + interval '7 days')
      on conflict (id) do update set frozen_until = excluded.frozen_until;
    with gone as (
      delete from public.telefono_usuario t
       where t.usuario_id = p_person and not exists (
         select from portero.phone_people pp
          where pp.person_id = p_person and pp.belongs = 'attested' and (pp.vouched_by = any (v_voices)) is not true
            and regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(pp.phone)))
      returning t.telefono::text as phone
    ), undone as (
      delete from portero.phone_people pp
       where pp.person_id = p_person and (pp.belongs = 'declared' or pp.vouched_by = any (v_voices)) returning pp.phone
    ) select coalesce(array_agg(phone), '{}') into phones from (select phone from gone union select phone from undone) as lost;
    perform portero.end_sessions(array(
      select s.id from portero.sessions s where s.person_id = p_person and s.phone = any (phones) and s.ended_at is null), 'disowned');
    outcome := 'unlinked';
  end if;
  insert into portero.access_log (event, outcome, door, person_id, phone)
    select 'link_disowned', disown.outcome, p_door, p_person, phone from unnest(phones || p_phone) as phone;
end $$;

-- As in 0016. The program that links vouches for the phone.
create or replace function portero.link_phone(p_phone text, p_person uuid, p_belongs text, p_door text) returns text
language plpgsql as $$
declare
  v_now timestamptz;
  v_is_shared boolean;
begin
  perform portero.lock_phone(p_phone);
  v_now := clock_timestamp();
  perform from portero.records where id = p_person for key share;
  if not found or exists (select from portero.people where id = p_person and state <> 'active')
    or (p_belongs = 'declared' and portero.is_frozen(p_phone, p_person, v_now))
  then
    insert into portero.access_log (event, outcome, door, phone) values ('phone_linked', 'unknown', p_door, p_phone);
    return 'unknown';
  end if;
  v_is_shared := exists (select from portero.shared_phones where phone = p_phone);
  if not v_is_shared or p_belongs = 'attested' then
    insert into portero.phone_people as pp (phone, person_id, belongs, last_used_at) values (p_phone, p_person, p_belongs, v_now)
      on conflict (phone, person_id) do update
        set belongs = case when excluded.belongs = 'attested' then 'attested' else pp.belongs end, unproved_since = null,
            doubted_at = case when excluded.belongs <> 'attested' then pp.doubted_at end,
            vouched_by = case when excluded.belongs <> 'attested' then pp.vouched_by end,
            last_used_at = case when excluded.belongs = 'declared' and pp.belongs = 'attested' and not portero.is_sure(pp)
              then pp.last_used_at else v_now end;
  end if;
  if not v_is_shared then perform portero.remember_now(p_phone, p_person, v_now); end if;
  insert into portero.access_log (event, outcome, door, person_id, phone)
    values ('phone_linked', case when v_is_shared then 'shared' else p_belongs end, p_door, p_person, p_phone);
  return case when v_is_shared then 'shared' else 'linked' end;
end $$;

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
  v_done bigint;
begin
  delete from portero.chat_identities
   where ctid = any (array(select ctid from portero.chat_identities c
                            where c.seen_at < clock_timestamp() - make_interval(days => p_days)
                              and (portero.memory_of(c.phone)).telefono is null limit p_batch));
  get diagnostics v_done = row_count;
  return v_done = p_batch;
end $$;
