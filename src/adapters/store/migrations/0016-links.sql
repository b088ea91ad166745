-- How a phone comes to speak for somebody, and stops: a typed document, a choice, a word of an operator, "olvidar", "no fui yo".

-- Whether this phone may not declare to be this person for now; a doubtful pair does not count for more than a declared one.
create function portero.is_frozen(p_phone text, p_person uuid, p_now timestamptz) returns boolean
language plpgsql stable as $$
begin
  return exists (select from portero.people where id = p_person and frozen_until > p_now)
    and not exists (select from portero.phone_people pp where phone = p_phone and person_id = p_person and portero.is_sure(pp));
end $$;

-- Counts a typed document and finds whose it is: `found`, or why nobody's. At most so many different ones for each phone in 24 hours,
-- right or wrong, so that a leaked list cannot be walked through. The phone's guard is locked by whoever calls. What
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

-- Takes a document that somebody typed, and links whoever has it.
create function portero.declare_document(p_phone text, p_document text, p_proof bytea, p_documents_max integer, p_people_max integer,
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

-- Turns the memory of a phone to somebody else whose phone it is too. Who only says to be this phone turns no memory that was proved; a
-- doubtful pair is not made surer.
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

-- Forgets one person on a phone, or everybody (null), and answers how many. What an operator has attested stays on record, and what
-- holds somebody who is blocked. Who only says to be this phone (`p_is_proof` false) takes away no more than what was declared in the
-- same way, and ends no session; who proves it takes all of that away too, whomever they mean.
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
    update portero.sign_in_links set dead_at = clock_timestamp()
     where phone = p_phone and dead_at is null and (p_person is null or person_id = p_person);
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

-- Somebody says, from a phone that is surely theirs, that it was not them who declared to be this person elsewhere: takes the
-- person off all phones that only declared it, and lets none declare it anew for a week. A phone also takes back what a code attested
-- that was sent to it: whoever was talked out of that code. And one that the organisation has on record takes back what the operator
-- was talked into. The guards come first, in one order.
create function portero.disown(p_phone text, p_person uuid, p_door text, out outcome text, out phones text[])
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
    -- Deleted meanwhile.
    if not found then outcome := 'not_attested'; return; end if;
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
    -- What was asked for in their name before, by whoever is not surely them, comes to nothing.
    update portero.link_requests r set state = 'rejected', decided_at = v_now
     where r.person_id = p_person and r.state = 'waiting' and portero.is_frozen(r.phone, p_person, v_now);
    update portero.link_codes c set tries_left = 0
     where c.person_id = p_person and c.tries_left > 0 and c.used_at is null and portero.is_frozen(c.asker, p_person, v_now);
    outcome := 'unlinked';
  end if;
  insert into portero.access_log (event, outcome, door, person_id, phone)
    select 'link_disowned', disown.outcome, p_door, p_person, phone from unnest(phones || p_phone) as phone;
end $$;

-- Links a phone as an operator's program says, which vouches for it; a declared link takes nothing from an attested one.
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
