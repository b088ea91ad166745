-- Who comes in by having proved this phone: the person of it who came last, or a new one where that is allowed. Whom the people table
-- does not hold any more, or not as active, nobody finds by a phone.
-- A link that nobody used for `p_idle_days` opens nobody by a code alone, since lines are handed on to others; a browser
-- that signed in as that person still does. Somebody blocked stays found, so that waiting does not unblock.
-- The person stays locked to the end of the transaction: whoever deletes or blocks them is waited for, or waits and then
-- finds the new session.
create function portero.admit_phone(p_phone text, p_admission text, p_idle_days integer, p_device_person uuid,
  p_now timestamptz, out person_id uuid, out state text, out is_newcomer boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  v_is_idle boolean;
begin
  is_newcomer := false;
  loop
    select pp.person_id into person_id
      from portero.phone_people pp
      join portero.everybody u on u.id = pp.person_id
      left join portero.people p on p.id = pp.person_id
     where pp.phone = p_phone and pp.belongs = 'attested'
       and (pp.last_used_at > p_now - make_interval(days => p_idle_days) or pp.person_id = p_device_person
         or p.state in ('blocked', 'rejected'))
     order by coalesce(p.state, 'active') = 'active' desc, pp.last_used_at desc
     limit 1;
    exit when person_id is null;
    perform from portero.hold_person(admit_phone.person_id);
    if found then
      insert into portero.people (id) values (admit_phone.person_id) on conflict do nothing;
      select p.state into state from portero.people p where p.id = admit_phone.person_id for no key update;
      return;
    end if;
  end loop;

  v_is_idle := exists (
    select from portero.phone_people pp join portero.everybody u on u.id = pp.person_id
     where pp.phone = p_phone and pp.belongs = 'attested');
  if p_admission = 'known' and not v_is_idle then
    state := 'not_admitted';
    return;
  end if;
  state := case when p_admission = 'open' then 'active' else 'waiting' end;
  is_newcomer := true;
  insert into portero.everybody (nombre) values (null) returning id into person_id;
  insert into portero.people (id, state) values (admit_phone.person_id, admit_phone.state);
  insert into portero.phone_people (phone, person_id, belongs) values (p_phone, admit_phone.person_id, 'attested');
  if v_is_idle then
    perform portero.end_sessions(array(select s.id from portero.sessions s where s.phone = p_phone and s.ended_at is null), 'number_idle');
  end if;
end $$;

-- Puts a person on record with an attested phone, as an operator does; the phone's guard makes one of many callers the one. They may be
-- chosen in the chat from the start.
create function portero.add_person(p_phone text, p_nombre text, p_apellido text, p_role text, p_groups text[],
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
