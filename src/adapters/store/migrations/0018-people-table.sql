-- The people table may be one that others made, with names of its own, and only the rows of it that count. Whoever comes in by a phone
-- and is not in it lives here, unless the organisation wants them there.

-- Whether Portero made the people table, and what everything in here was tied to last (bind-people.ts).
alter table portero.installation
  add column has_own_people boolean not null default true,
  add column people_bound text;

create table portero.newcomers (
  id uuid primary key default gen_random_uuid(),
  nombre text,
  apellido text,
  created_at timestamptz not null default clock_timestamp()
);

-- Which tables here hang on a person, and by which column; they go with the person, the last by name first. In a people table of
-- Portero's own these are foreign keys (bind-people.ts). A migration that makes another such table adds it here.
create table portero.people_ties (
  table_name text not null,
  column_name text not null,
  primary key (table_name, column_name)
);
insert into portero.people_ties values ('people', 'id'), ('phone_people', 'person_id'), ('sessions', 'person_id');

-- Says that somebody of the people table is gone or called otherwise. The arguments are the column of the id, and which of the two.
-- SECURITY DEFINER: whoever deletes a person (an older app with a role of its own) need not know of these tables.
create function portero.note_record_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_id uuid;
  v_new_id uuid;
  v_tie record;
begin
  execute format('select ($1).%I', tg_argv[0]) using old into v_id;
  if tg_op = 'UPDATE' then
    execute format('select ($1).%I', tg_argv[0]) using new into v_new_id;
  end if;
  insert into portero.revocations (person_id, is_renamed) values (v_id, tg_argv[1] = 'renamed');
  if v_id is distinct from v_new_id then
    for v_tie in select * from portero.people_ties order by table_name desc loop
      execute format('delete from portero.%I where %I = $1', v_tie.table_name, v_tie.column_name) using v_id;
    end loop;
  end if;
  return null;
end $$;

create trigger newcomers_renamed after update on portero.newcomers
  for each row when (old.nombre is distinct from new.nombre or old.apellido is distinct from new.apellido)
  execute function portero.note_record_change('id', 'renamed');
create trigger newcomers_deleted after delete on portero.newcomers
  for each row execute function portero.note_record_change('id', 'gone');

-- Keeps somebody from being deleted until the end of the transaction, wherever they are written down; no row when nobody is there. The
-- view portero.everybody has both places in it, and what is put together from two tables locks nothing.
create function portero.hold_person(p_id uuid) returns setof uuid
language plpgsql rows 1 as $$
begin
  return query select id from portero.records where id = p_id for key share;
  if not found then
    return query select id from portero.newcomers where id = p_id for key share;
  end if;
end $$;

-- Databases of before have functions and a view that name the one table that there was. Locks come first: they are for what is on
-- record, and for newcomers where the web door asks.
do $$
declare
  v record;
begin
  for v in select proname, pg_get_functiondef(oid) as definition from pg_proc
            where pronamespace = 'portero'::regnamespace and prosrc like '%public.usuarios%' loop
    v.definition := case v.proname
      when 'switch_person' then regexp_replace(v.definition, 'from public\.usuarios where id = (\S+) for key share', 'from portero.hold_person(\1)', 'g')
      else regexp_replace(v.definition, 'from public\.usuarios (where id = \S+ for (?:key share|update))', 'from portero.records \1', 'g') end;
    execute replace(replace(v.definition, 'public.usuarios', 'portero.everybody'), 'returning usuarios.id', 'returning everybody.id');
  end loop;
  if pg_get_viewdef('portero.live_sessions'::regclass) like '%public.usuarios%' then
    execute 'create or replace view portero.live_sessions with (security_invoker = true) as '
      || replace(pg_get_viewdef('portero.live_sessions'::regclass), 'public.usuarios', 'portero.everybody');
  end if;
end $$;
-- As in 0012, for databases of before: what is longer than any document is cut, as in the index.
create or replace function portero.people_of_document(p_document text) returns setof uuid
language plpgsql stable rows 1 as $$
begin
  return query
    select u.id from portero.everybody u
     where u.dni is not null
       and regexp_replace(upper(regexp_replace(left(u.dni, 100), '[^0-9A-Za-zÑñ]', '', 'g')), '^(?![0-9]{11}$)(?:(?:DNI|LE|LC|CI)(?=[0-9]+$))?0*(?=.)', '')
         = regexp_replace(upper(regexp_replace(p_document, '[^0-9A-Za-zÑñ]', '', 'g')), '^(?![0-9]{11}$)(?:(?:DNI|LE|LC|CI)(?=[0-9]+$))?0*(?=.)', '')
     limit 2;
end $$;

-- As in 0007; but whom the people table does not hold any more, or not as active, nobody finds by a phone.
create or replace function portero.admit_phone(p_phone text, p_admission text, p_idle_days integer, p_device_person uuid,
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

-- As in 0012; but the memory, whose rows point into the people table, holds nobody who is not there: the bot asks for the document.
create or replace function portero.remember_now(p_phone text, p_person uuid, p_now timestamptz) returns void
language plpgsql as $$
declare
  v public.telefono_usuario := portero.memory_of(p_phone);
begin
  if exists (select from portero.newcomers where id = p_person) then return; end if;
  if v.usuario_id <> p_person and v.ultimo_acceso > p_now - make_interval(days => portero.memory_days(p_phone, v.usuario_id)) then
    insert into portero.phone_people as pp (phone, person_id, belongs, last_used_at, beside_since)
      select p_phone, u.id, 'declared', v.ultimo_acceso, p_now from portero.everybody u where u.id = v.usuario_id
      on conflict (phone, person_id) do update
        -- An attested link grows old by what opens the web door alone: chatting must not revive it for whoever gets the number.
        set last_used_at = case pp.belongs when 'declared' then greatest(pp.last_used_at, excluded.last_used_at) else pp.last_used_at end,
            beside_since = p_now;
  end if;
  update portero.phone_people set beside_since = null where phone = p_phone and person_id = p_person and beside_since is not null;
  update public.telefono_usuario t set usuario_id = p_person, ultimo_acceso = p_now
   where regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(p_phone));
  if not found then
    insert into public.telefono_usuario as t (telefono, usuario_id, ultimo_acceso, created_at) values (p_phone, p_person, p_now, p_now)
      on conflict (telefono) do update set usuario_id = excluded.usuario_id, ultimo_acceso = excluded.ultimo_acceso;
  end if;
end $$;

-- As in 0012; whom the memory cannot hold is not offered in the chat, nor is whom the people table does not show.
create or replace function portero.others_of(p_phone text, p_except uuid, p_now timestamptz) returns jsonb
language plpgsql stable as $$
begin
  return (
    select coalesce(jsonb_agg(portero.remembered(p_phone, pp.person_id) order by pp.last_used_at desc, pp.person_id), '[]')
      from portero.phone_people pp
      join portero.everybody u on u.id = pp.person_id
      left join portero.people p on p.id = pp.person_id
     where pp.phone = p_phone and pp.person_id is distinct from p_except and pp.beside_since is not null
       and coalesce(p.state, 'active') = 'active'
       and pp.last_used_at > p_now - make_interval(days => coalesce(pp.days, p.memory_days, 30))
       and not exists (select from portero.newcomers n where n.id = pp.person_id));
end $$;

-- As in 0012; but a row without any time stays: nobody knows how old it is, and the author's own sweep leaves it too.
create or replace function portero.sweep_memories(p_after text, p_batch integer, out stopped_at text, out removed integer)
language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  select case when count(*) = p_batch then max(telefono) end into stopped_at
    from (select telefono from public.telefono_usuario where telefono > p_after order by telefono limit p_batch) as looked_at;
  with gone as (
    delete from public.telefono_usuario t
     where t.telefono > p_after and (stopped_at is null or t.telefono <= stopped_at)
       -- Nobody has less than a day; this spares most rows the rest.
       and coalesce(t.ultimo_acceso, t.created_at) < v_now - interval '1 day'
       and coalesce(t.ultimo_acceso, t.created_at) < v_now - make_interval(days => coalesce(
             (select pp.days from portero.phone_people pp
               where pp.person_id = t.usuario_id
                 and regexp_replace(t.telefono, '^[^0-9]*0+|[^0-9]', '', 'g') = any (portero.phone_spellings(pp.phone))),
             (select p.memory_days from portero.people p where p.id = t.usuario_id), 30))
    returning t.telefono, t.usuario_id
  ), logged as (
    insert into portero.access_log (event, outcome, door, person_id, phone)
      select 'phone_forgotten', 'expired', 'store', usuario_id, telefono from gone
  ) select count(*) into removed from gone;
end $$;
