-- What happened at the doors. Append-only for the running service: it holds no right to change or delete a row.

create table portero.access_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  event text not null,
  outcome text not null,
  door text not null,
  person_id uuid,
  phone text,
  session_id uuid,
  challenge_id text,
  address text,
  port integer,
  user_agent text,
  -- What a refusal shows to the person, so that the operator can find this row by it.
  reference text
);

create index access_log_at on portero.access_log using brin (at);
create index access_log_reference on portero.access_log (reference) where reference is not null;
create index access_log_person_id on portero.access_log (person_id, at) where person_id is not null;
