-- What Portero adds to a person of the people table. That table is the organisation's: it is made or adopted, and these are tied to
-- it, by bind-people.ts; everything in the schema reaches it by the view portero.everybody.

create table portero.people (
  id uuid primary key,
  role text,
  groups text[] not null default '{}',
  state text not null default 'active' check (state in ('active', 'waiting', 'blocked', 'rejected')),
  -- Local part of the pseudonymous address; random, so that it is never the number and never anybody else's.
  email_local text not null unique default 'u-' || replace(gen_random_uuid()::text, '-', ''),
  created_at timestamptz not null default clock_timestamp()
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

-- The name that people are shown and addressed by: what stands in usuarios, joined. Cut, because it travels in tokens and
-- headers, and other programs may write what they like there.
create function portero.display_name(nombre text, apellido text) returns text
language sql immutable parallel safe
return nullif(btrim(left(concat_ws(' ', nullif(btrim(nombre), ''), nullif(btrim(apellido), '')), 80)), '');
