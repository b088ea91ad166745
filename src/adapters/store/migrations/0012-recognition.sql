-- The bot's memory: which person a phone speaks for, which documents it tried, and which phones are nobody's own.

-- What the operator has configured and the functions here go by; written at each start of the service.
create table portero.settings (
  is_only boolean primary key default true check (is_only),
  remember_days integer not null default 30 check (remember_days between 1 and 3650),
  idle_link_days integer not null default 180 check (idle_link_days between 1 and 3650)
);
insert into portero.settings default values;

alter table portero.people add column memory_days integer check (memory_days between 1 and 3650);
-- Until then nobody can declare to be this person: it was not them who did last.
alter table portero.people add column frozen_until timestamptz;
-- Since when somebody stands beside the person who is remembered on the phone, and may be chosen in their place. Null for the
-- remembered one, who is known by the memory alone: once that has run out, was deleted or forgotten, nothing of it is left here. Null,
-- too, for who came to be by a proof of the phone: the one who declared to be somebody there is not asked each time.
alter table portero.phone_people add column beside_since timestamptz;

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

-- A phone on a desk, in a lobby, in a classroom.
create table portero.shared_phones (
  phone text primary key,
  marked_at timestamptz not null default clock_timestamp()
);

-- Which different documents a phone has tried: a keyed digest of each, never the document.
create table portero.document_tries (
  phone text not null,
  proof bytea not null,
  at timestamptz not null,
  is_right boolean not null,
  primary key (phone, proof)
);

create index document_tries_wrong on portero.document_tries (at) where not is_right;

-- Room for the update that each message makes, so that it stays in its page.
alter table public.telefono_usuario set (fillfactor = 80);

-- Phones and documents are compared by what they mean, whatever their spelling in these tables. Made of functions that come with
-- PostgreSQL: whoever writes a row there, an older app with a role of its own, needs a right to each function of an index. The
-- digits of a phone lose the zeros in front; a document loses all but letters and digits, the word in front, and zeros in front unless
-- it has eleven digits, as a CPF has.
create index if not exists telefono_usuario_digits on public.telefono_usuario
  (regexp_replace(telefono, '^[^0-9]*0+|[^0-9]', '', 'g'));
-- What the planner needs to know of a new index in tables that are full already.
analyze public.telefono_usuario;

-- The digits under which rows may have this phone: as it is today, and as WhatsApp had it before Brazil's ninth digit and with
-- the 1 of Mexico's mobiles. A Brazilian number that begins with less than 6 is a landline without the 9, and another line.
create function portero.phone_spellings(p_phone text) returns text[]
language sql immutable parallel safe
return array_remove(array[
  substr(p_phone, 2),
  case when p_phone ~ '^\+55\d\d9[6-9]\d{7}$' then '55' || substr(p_phone, 4, 2) || substr(p_phone, 7) end,
  case when p_phone ~ '^\+52\d{10}$' then '521' || substr(p_phone, 4) end
], null);

-- The people of a document: one, or none, or too many to tell. In its canonical form here, in any form in the table.
create function portero.people_of_document(p_document text) returns setof uuid
language plpgsql stable rows 1 as $$
begin
  return query
    select u.id from portero.everybody u
     where u.dni is not null
       and regexp_replace(upper(regexp_replace(left(u.dni, 100), '[^0-9A-Za-zÑñ]', '', 'g')), '^(?![0-9]{11}$)(?:(?:DNI|LE|LC|CI)(?=[0-9]+$))?0*(?=.)', '')
         = regexp_replace(upper(regexp_replace(p_document, '[^0-9A-Za-zÑñ]', '', 'g')), '^(?![0-9]{11}$)(?:(?:DNI|LE|LC|CI)(?=[0-9]+$))?0*(?=.)', '')
     limit 2;
end $$;

-- The row that is this phone's memory, whatever its spelling: of several, the one that was used last.
create function portero.memory_of(p_phone text) returns public.telefono_usuario
language plpgsql stable as $$
declare
  v public.telefono_usuario;
begin
  select * into v from public.telefono_usuario t
   where regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(p_phone))
   order by t.ultimo_acceso desc nulls last, t.telefono = p_phone desc limit 1;
  return v;
end $$;

create function portero.remember_days() returns integer
language sql stable
return coalesce((select remember_days from portero.settings), 30);

create function portero.idle_link_days() returns integer
language sql stable
return coalesce((select idle_link_days from portero.settings), 180);

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

-- For how many days somebody is remembered on a phone without being seen there.
create function portero.memory_days(p_phone text, p_person uuid) returns integer
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

-- A person as the bot speaks to them, with how sure the pair is. Both names are cut, since other programs may write what they like there.
create function portero.remembered(p_phone text, p_person uuid) returns jsonb
language plpgsql stable as $$
begin
  return (
    select jsonb_build_object('id', u.id, 'name', portero.display_name(u.nombre, u.apellido), 'nombre', left(u.nombre, 80),
             'belongs', case when portero.is_sure(pp) then 'attested' else 'declared' end, 'proved_at', pp.proved_at)
      from portero.everybody u left join portero.phone_people pp on pp.phone = p_phone and pp.person_id = u.id
     where u.id = p_person);
end $$;

-- Who is remembered on this phone. Locks no guard: it decides nothing, and its one update waits for whoever forgets. Over a channel that
-- proves the number (`p_is_proof`) nobody is remembered who was only declared over one that does not; and over one that does not, a
-- message counts as a use of nothing else.
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

-- Whether everybody whose phone this is may not come in; so waiting until one is forgotten does not unblock anybody. Who only says to
-- be a phone bars nobody on it.
create function portero.is_phone_barred(p_phone text) returns boolean
language plpgsql stable as $$
begin
  return (
    select coalesce(bool_and(coalesce(p.state, 'active') in ('blocked', 'rejected')), false)
      from portero.phone_people pp left join portero.people p on p.id = pp.person_id
     where pp.phone = p_phone and pp.unproved_since is null
       and (pp.belongs = 'attested' or p.state in ('blocked', 'rejected')));
end $$;

-- Whom else this phone may speak for. Whom the memory cannot hold is not offered in the chat, nor is whom the people table does not show.
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

-- Turns the memory of a phone to somebody. Whoever had it keeps a link, from when they were last seen, so that families go back
-- and forth. The memory, whose rows point into the people table, holds nobody who is not there: the bot asks for the document. The
-- phone's guard is locked by whoever calls.
create function portero.remember_now(p_phone text, p_person uuid, p_now timestamptz) returns void
language plpgsql as $$
declare
  v public.telefono_usuario;
begin
  if exists (select from portero.newcomers where id = p_person) then return; end if;
  v := portero.memory_of(p_phone);
  if v.telefono is not null then
    -- Whoever had it, the memory, the pairs, as whoever deletes a person has it.
    if v.usuario_id <> p_person then perform portero.hold_person(v.usuario_id); end if;
    perform from public.telefono_usuario t
      where regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(p_phone)) for no key update;
    v := portero.memory_of(p_phone);
  end if;
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

-- By a web sign-in: a live memory of somebody who only typed a document stays theirs, but what was never proved stands back before a
-- proof.
create function portero.remember_phone(p_phone text, p_person uuid, p_now timestamptz) returns void
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

-- Removes the memories whose time has run out among the next rows after `p_after`, and answers where it stopped: null at the end.
-- A row that was never used runs from when it was made; one without any time stays, since nobody knows how old it is, and the author's
-- own sweep leaves it too. A pair that outlives its memory keeps when that was last used. There is no index by time, since each message
-- would have to keep it.
create function portero.sweep_memories(p_after text, p_batch integer, out stopped_at text, out removed integer)
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

-- Removes links that somebody only declared and that nothing remembers any more, and tries of documents that no longer count.
create function portero.sweep_declared(p_phone text, p_person uuid, p_batch integer, out last_phone text, out last_person uuid)
language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  delete from portero.document_tries where at < v_now - interval '1 day';
  select phone, person_id into last_phone, last_person from (
    select phone, person_id from portero.phone_people where (phone, person_id) > (p_phone, p_person) order by phone, person_id limit p_batch
  ) as looked_at order by phone desc, person_id desc limit 1;
  delete from portero.phone_people pp
   where (pp.phone, pp.person_id) > (p_phone, p_person) and (pp.phone, pp.person_id) <= (last_phone, last_person)
     and pp.belongs = 'declared' and pp.last_used_at < v_now - interval '1 day'
     and pp.last_used_at < v_now - make_interval(days => portero.memory_days(pp.phone, pp.person_id))
     and not exists (select from portero.people p where p.id = pp.person_id and p.state in ('blocked', 'rejected'))
     and pp.person_id is distinct from (portero.memory_of(pp.phone)).usuario_id;
end $$;

-- Notes that the person of this phone was seen; false when nobody is remembered.
create function portero.touch_phone(p_phone text) returns boolean
language plpgsql as $$
declare
  v public.telefono_usuario;
begin
  if exists (select from portero.shared_phones where phone = p_phone) then return false; end if;
  v := portero.memory_of(p_phone);
  update public.telefono_usuario t set ultimo_acceso = clock_timestamp()
   where t.telefono = v.telefono and t.usuario_id = v.usuario_id
     and t.ultimo_acceso > clock_timestamp() - make_interval(days => portero.memory_days(p_phone, t.usuario_id))
     and exists (select from portero.everybody u left join portero.people p on p.id = u.id
                  where u.id = t.usuario_id and coalesce(p.state, 'active') = 'active');
  return found;
end $$;
