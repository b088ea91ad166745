-- What Portero adds to a person of the people table. That table is the organisation's: it is made or adopted, and these are tied to
-- it, by bind-people.ts; everything in the schema reaches it by the view portero.everybody.

create table portero.people (
  id uuid primary key,
  role text,
  groups text[] not null default '{}',
  state text not null default 'active' check (state in ('active', 'waiting', 'blocked', 'rejected')),
  -- Local part of the pseudonymous address; random, so that it is never the number and never anybody else's.
  email_local text not null unique default 'u-' || replace(gen_random_uuid()::text, '-', ''),
  created_at timestamptz not null default clock_timestamp(),
  -- By which somebody is joined to an account that they had in the application behind before Portero came.
  app_email text unique check (app_email = lower(app_email) and app_email like '_%@_%')
);

create table portero.phone_people (
  phone text not null,
  person_id uuid not null,
  belongs text not null check (belongs in ('declared', 'attested')),
  proved_at timestamptz,
  last_used_at timestamptz not null default clock_timestamp(),
  days integer check (days between 1 and 3650),
  created_at timestamptz not null default clock_timestamp(),
  primary key (phone, person_id)
);

create index phone_people_person_id on portero.phone_people (person_id);

-- The name that people are shown and addressed by: what stands in usuarios, joined, on one line. Cut, because it travels in tokens and
-- headers; other programs may write anything there, and it goes into logs, headers and what an agent is told.
create function portero.display_name(nombre text, apellido text) returns text
language sql immutable parallel safe
return nullif(btrim(left(regexp_replace(regexp_replace(
  concat_ws(' ', nullif(btrim(left(nombre, 400)), ''), nullif(btrim(left(apellido, 400)), '')),
  '[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+', '', 'g'),
  '[\u0001-\u0020\u007f-\u00a0\u2028\u2029]+', ' ', 'g'), 80)), '');

-- Whoever comes in by a phone and is not in the people table lives here, where that is not Portero's own, unless the organisation wants
-- them there.
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
insert into portero.people_ties values ('people', 'id'), ('phone_people', 'person_id');

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

-- The same for several, in one order, so that nobody waits in a circle. Nulls are nobody.
create function portero.hold_people(p_ids uuid[]) returns void
language plpgsql as $$
begin
  perform portero.hold_person(p.id) from (select distinct unnest(p_ids) as id order by 1) as p where p.id is not null;
end $$;
