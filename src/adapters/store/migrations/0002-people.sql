-- The two tables of the bot's author, under the names and columns that existing bots and queries know, and beside them
-- what Portero adds to a person.

create table public.usuarios (
  id uuid primary key default gen_random_uuid(),
  nombre text,
  apellido text,
  dni text unique,
  created_at timestamptz default now()
);

create table public.telefono_usuario (
  telefono varchar(20) primary key,
  usuario_id uuid references public.usuarios (id) on delete cascade,
  ultimo_acceso timestamptz default now(),
  created_at timestamptz default now()
);

-- No index on ultimo_acceso: every bot message updates it, and without one the update stays in its page.
create index telefono_usuario_usuario_id on public.telefono_usuario (usuario_id);

-- Once, here: an operator who opens these tables to an older app afterwards has reasons, and keeps them open. Platforms
-- that grant everything by default also grant what row security does not cover.
alter table public.usuarios enable row level security;
alter table public.telefono_usuario enable row level security;
do $$
declare
  v_role text;
begin
  for v_role in select quote_ident(rolname) from pg_roles where rolname in ('anon', 'authenticated') loop
    execute format('revoke truncate, references, trigger on public.usuarios, public.telefono_usuario from %s', v_role);
  end loop;
end $$;

create table portero.people (
  id uuid primary key references public.usuarios (id) on delete cascade,
  role text,
  groups text[] not null default '{}',
  state text not null default 'active' check (state in ('active', 'waiting', 'blocked', 'rejected')),
  -- Local part of the pseudonymous address; random, so that it is never the number and never anybody else's.
  email_local text not null unique default 'u-' || replace(gen_random_uuid()::text, '-', ''),
  created_at timestamptz not null default clock_timestamp()
);

create table portero.phone_people (
  phone text not null,
  person_id uuid not null references public.usuarios (id) on delete cascade,
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
