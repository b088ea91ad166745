-- How a phone comes to speak for somebody, and stops: a typed document, a choice, a word of an operator, "olvidar", "no fui yo".

-- Whether this phone may not declare to be this person for now.
create function portero.is_frozen(p_phone text, p_person uuid, p_now timestamptz) returns boolean
language plpgsql stable as $$
begin
  return exists (select from portero.people where id = p_person and frozen_until > p_now)
    and not exists (select from portero.phone_people where phone = p_phone and person_id = p_person and belongs = 'attested');
end $$;

-- Takes a document that somebody typed. At most so many different ones for each phone in 24 hours, right or wrong, so that a leaked
-- list cannot be walked through; the guard lets one at a time be counted.
create function portero.declare_document(p_phone text, p_document text, p_proof bytea, p_documents_max integer, p_people_max integer,
  p_door text, p_is_proof boolean,
  out outcome text, out person jsonb, out other_phones text[], out is_remembered boolean, out is_alarming boolean)
language plpgsql as $$
declare
  v_now timestamptz;
  v_people uuid[];
  v_person uuid;
  v_state text;
  v_is_frozen boolean := false;
begin
  perform portero.lock_phone(p_phone);
  v_now := clock_timestamp();
  is_alarming := false;
  is_remembered := false;
  other_phones := '{}';

  if not exists (select from portero.document_tries where phone = p_phone and proof = p_proof and at > v_now - interval '1 day')
    and (select count(*) from portero.document_tries where phone = p_phone and at > v_now - interval '1 day') >= p_documents_max
  then
    outcome := 'too_many_documents';
  else
    v_people := array(select portero.people_of_document(p_document));
    if cardinality(v_people) = 1 then
      perform from portero.records where id = v_people[1] for key share;
      if found then v_person := v_people[1]; end if;
    end if;
    insert into portero.document_tries as d (phone, proof, at, is_right) values (p_phone, p_proof, v_now, v_person is not null)
      on conflict (phone, proof) do update set is_right = excluded.is_right,
        at = case when d.at > v_now - interval '1 day' then d.at else excluded.at end;
    select p.state into v_state from portero.people p where p.id = v_person;
    v_is_frozen := portero.is_frozen(p_phone, v_person, v_now);
    outcome := case
      when v_person is null or v_is_frozen then 'unknown'
      when coalesce(v_state, 'active') <> 'active' or portero.is_phone_barred(p_phone) then 'blocked'
      when not exists (select from portero.phone_people where phone = p_phone and person_id = v_person)
        and (select count(*) from portero.phone_people where phone = p_phone and person_id <> v_person) >= p_people_max then 'too_many_people'
      else 'linked' end;
  end if;

  if outcome = 'linked' then
    is_remembered := not exists (select from portero.shared_phones where phone = p_phone);
    if is_remembered then
      insert into portero.phone_people as pp (phone, person_id, belongs, proved_at, last_used_at)
        values (p_phone, v_person, 'declared', case when p_is_proof then v_now end, v_now)
        on conflict (phone, person_id) do update
          set proved_at = coalesce(excluded.proved_at, pp.proved_at), last_used_at = v_now;
      perform portero.remember_now(p_phone, v_person, v_now);
    end if;
    person := portero.remembered(p_phone, v_person);
    other_phones := array(
      select t.telefono::text from public.telefono_usuario t
       where t.usuario_id = v_person
         and regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') <> all (portero.phone_spellings(p_phone))
      union
      select pp.phone from portero.phone_people pp
       where pp.person_id = v_person and pp.phone <> p_phone and (pp.belongs = 'attested' or pp.beside_since is not null)
      limit 20);
  elsif outcome in ('unknown', 'too_many_documents') then
    is_alarming := (select count(*) >= 20 from (
      select from portero.document_tries where not is_right and at > v_now - interval '1 hour' limit 20) as wrong);
  end if;
  insert into portero.access_log (event, outcome, door, person_id, phone)
    values ('document_declared', case when cardinality(v_people) > 1 then 'ambiguous' when v_is_frozen then 'frozen' else declare_document.outcome end, p_door, v_person, p_phone);
end $$;

-- Turns the memory of a phone to somebody else whose phone it is too.
create function portero.choose_other(p_phone text, p_person uuid, p_door text) returns boolean
language plpgsql as $$
declare
  v_now timestamptz;
begin
  perform portero.lock_phone(p_phone);
  v_now := clock_timestamp();
  perform from portero.records where id = p_person for key share;
  if not found or exists (select from portero.shared_phones where phone = p_phone)
    or not exists (
      select from portero.phone_people pp left join portero.people p on p.id = pp.person_id
       where pp.phone = p_phone and pp.person_id = p_person and coalesce(p.state, 'active') = 'active'
         and ((pp.beside_since is not null and pp.last_used_at > v_now - make_interval(days => coalesce(pp.days, p.memory_days, 30)))
           or p_person = (select m.usuario_id from portero.memory_of(p_phone) as m
                           where m.ultimo_acceso > v_now - make_interval(days => coalesce(pp.days, p.memory_days, 30)))))
  then
    return false;
  end if;
  perform portero.remember_now(p_phone, p_person, v_now);
  update portero.phone_people set last_used_at = v_now where phone = p_phone and person_id = p_person;
  insert into portero.access_log (event, outcome, door, person_id, phone) values ('person_chosen', 'remembered', p_door, p_person, p_phone);
  return true;
end $$;

-- Forgets one person on a phone, or everybody (null), and answers how many. What an operator has attested stays on record, and what
-- holds somebody who is blocked.
create function portero.forget_phone(p_phone text, p_person uuid, p_door text) returns integer
language plpgsql as $$
declare
  v_forgotten uuid[];
  v_gone uuid[];
begin
  perform portero.lock_phone(p_phone);
  with gone as (
    delete from public.telefono_usuario t
     where regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(p_phone))
       and (p_person is null or t.usuario_id = p_person)
    returning t.usuario_id
  ) select coalesce(array_agg(usuario_id), '{}') into v_forgotten from gone where usuario_id is not null;
  with gone as (
    delete from portero.phone_people pp
     where pp.phone = p_phone and (p_person is null or pp.person_id = p_person) and pp.belongs = 'declared'
       and not exists (select from portero.people p where p.id = pp.person_id and p.state in ('blocked', 'rejected'))
    returning pp.person_id
  ) select coalesce(array_agg(person_id), '{}') into v_gone from gone;
  v_forgotten := v_forgotten || v_gone;
  with kept as (
    update portero.phone_people pp set beside_since = null
     where pp.phone = p_phone and (p_person is null or pp.person_id = p_person) and pp.beside_since is not null
    returning pp.person_id
  ) select coalesce(array_agg(person_id), '{}') into v_gone from kept;
  v_forgotten := array(select distinct unnest(v_forgotten || v_gone));
  perform portero.end_sessions(array(
    select s.id from portero.sessions s
     where s.phone = p_phone and s.ended_at is null and (p_person is null or s.person_id = p_person)), 'forgotten');
  insert into portero.access_log (event, outcome, door, person_id, phone)
    select 'phone_forgotten', 'forgotten', p_door, id, p_phone from unnest(v_forgotten) as id;
  return cardinality(v_forgotten);
end $$;

-- Somebody says, from a phone that is surely theirs, that it was not them who declared to be this person elsewhere: takes the
-- person off all phones that only declared it, and lets none declare it anew for a week. The guards come first, in one order.
create function portero.disown(p_phone text, p_person uuid, p_door text, out outcome text, out phones text[])
language plpgsql as $$
declare
  v_now timestamptz;
begin
  phones := '{}';
  if not exists (select from portero.phone_people where phone = p_phone and person_id = p_person and belongs = 'attested') then
    outcome := 'not_attested';
  else
    perform portero.lock_phone(pp.phone) from (
      select phone from portero.phone_people where person_id = p_person and belongs = 'declared' order by phone) as pp;
    perform from portero.records where id = p_person for update;
    v_now := clock_timestamp();
    insert into portero.people as p (id, frozen_until) values (p_person, v_now + interval '7 days')
      on conflict (id) do update set frozen_until = excluded.frozen_until;
    with gone as (
      delete from public.telefono_usuario t
       where t.usuario_id = p_person and not exists (
         select from portero.phone_people pp
          where pp.person_id = p_person and pp.belongs = 'attested'
            and regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(pp.phone)))
      returning t.telefono::text as phone
    ), undone as (
      delete from portero.phone_people pp where pp.person_id = p_person and pp.belongs = 'declared' returning pp.phone
    ) select coalesce(array_agg(phone), '{}') into phones from (select phone from gone union select phone from undone) as lost;
    outcome := 'unlinked';
  end if;
  insert into portero.access_log (event, outcome, door, person_id, phone)
    select 'link_disowned', disown.outcome, p_door, p_person, phone from unnest(phones || p_phone) as phone;
end $$;

-- Links a phone as an operator's program says; a declared link takes nothing from an attested one.
create function portero.link_phone(p_phone text, p_person uuid, p_belongs text, p_door text) returns text
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
      on conflict (phone, person_id) do update set last_used_at = v_now,
        belongs = case when excluded.belongs = 'attested' then 'attested' else pp.belongs end;
  end if;
  if not v_is_shared then perform portero.remember_now(p_phone, p_person, v_now); end if;
  insert into portero.access_log (event, outcome, door, person_id, phone)
    values ('phone_linked', case when v_is_shared then 'shared' else p_belongs end, p_door, p_person, p_phone);
  return case when v_is_shared then 'shared' else 'linked' end;
end $$;

-- Marks a phone as nobody's own, or takes the mark away.
create function portero.set_shared(p_phone text, p_is_shared boolean) returns void
language plpgsql as $$
begin
  perform portero.lock_phone(p_phone);
  if p_is_shared then
    insert into portero.shared_phones (phone) values (p_phone) on conflict do nothing;
    delete from public.telefono_usuario t
     where regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(p_phone));
  else
    delete from portero.shared_phones where phone = p_phone;
  end if;
  insert into portero.access_log (event, outcome, door, phone)
    values ('phone_shared', case when p_is_shared then 'marked' else 'unmarked' end, 'cli', p_phone);
end $$;

-- As in 0007, and the person may be chosen in the chat from the start.
create or replace function portero.add_person(p_phone text, p_nombre text, p_apellido text, p_role text, p_groups text[],
  out id uuid, out is_new boolean)
language plpgsql as $$
#variable_conflict use_column
begin
  perform portero.lock_phone(p_phone);
  select pp.person_id into id from portero.phone_people pp
   where pp.phone = p_phone and pp.belongs = 'attested' order by pp.last_used_at desc limit 1;
  is_new := id is null;
  if is_new then
    insert into portero.everybody (nombre, apellido) values (p_nombre, p_apellido) returning everybody.id into id;
    insert into portero.people (id, role, groups) values (id, p_role, p_groups);
    insert into portero.phone_people (phone, person_id, belongs, beside_since) values (p_phone, id, 'attested', clock_timestamp());
  end if;
end $$;
