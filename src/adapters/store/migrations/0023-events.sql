-- What happened to links, people and sessions, for a program of the organisation that is told of it. Written by what makes it
-- happen, in the same transaction.

-- A row while somebody wants to be told: where nobody does, nothing is kept for them.
create table portero.events_wanted (
  is_wanted boolean primary key check (is_wanted)
);

create table portero.events (
  id bigint generated always as identity primary key,
  -- By which whoever is told knows one that comes again.
  event_id uuid not null default gen_random_uuid(),
  type text not null,
  -- What is told in the order in which it happened: a phone, or a person where it is about no phone.
  subject text not null,
  data jsonb not null,
  happened_at timestamptz not null default clock_timestamp(),
  -- When it may be taken next, the end of the lease while somebody has it. Rows are deleted once they are settled.
  due_at timestamptz not null default clock_timestamp(),
  lease_token uuid,
  attempts integer not null default 0
);

create index events_due_at on portero.events (due_at);
create index events_subject on portero.events (subject, id);
create index events_happened_at on portero.events (happened_at);

create function portero.want_events(p_is_wanted boolean) returns void
language plpgsql as $$
begin
  if p_is_wanted then
    insert into portero.events_wanted values (true) on conflict do nothing;
  else
    delete from portero.events_wanted;
  end if;
end $$;

-- The digits of a phone with a plus: rows of other programs may spell them otherwise. An event is due no sooner than an earlier one of
-- its phone, so that whoever looks for what is due does not look through all that waits behind one that fails.
create function portero.tell(p_type text, p_phone text, p_data jsonb) returns void
language plpgsql as $$
declare
  v_phone text := '+' || ltrim(regexp_replace(p_phone, '[^0-9]', '', 'g'), '0');
begin
  insert into portero.events (type, subject, data, due_at)
    values (p_type, v_phone, p_data || jsonb_build_object('phone', v_phone),
      greatest(clock_timestamp(), (select max(due_at) from portero.events where subject = v_phone)));
end $$;

create function portero.note_event() returns trigger
language plpgsql as $$
declare
  v_link portero.phone_people;
  v_about jsonb;
begin
  if not exists (select from portero.events_wanted) then return null; end if;
  select * into v_link from portero.phone_people where phone = new.phone and person_id = new.person_id;
  v_about := jsonb_build_object('person_id', new.person_id, 'door', new.door);

  if new.outcome = 'linked' or new.event = 'phone_linked' or (new.outcome = 'signed_in' and v_link.created_at >= now()) then
    -- On a phone that is nobody's own a document links nobody.
    if v_link.phone is not null then
      perform portero.tell('link.created', new.phone, v_about || jsonb_build_object('belongs', v_link.belongs,
        'level', case when v_link.belongs = 'attested' and v_link.proved_at is not null then 'verified' else 'declared' end));
    end if;
  elsif new.event = 'phone_forgotten' then
    perform portero.tell('link.forgotten', new.phone, v_about || jsonb_build_object('reason', new.outcome));
  elsif new.event = 'link_disowned' and new.outcome = 'unlinked' and v_link.phone is null then
    perform portero.tell('link.forgotten', new.phone, v_about || jsonb_build_object('reason', 'disowned'));
  end if;

  if new.session_id is not null and new.outcome in ('signed_in', 'switched') then
    perform portero.tell('session.started', new.phone, v_about || jsonb_build_object('session_id', new.session_id,
      'belongs', 'attested', 'level', 'verified',
      'is_switched', new.outcome = 'switched',
      'is_new_device', exists (select from portero.session_notices where session_id = new.session_id)));
  end if;
  return null;
end $$;

create trigger access_log_told after insert on portero.access_log
  for each row when (new.person_id is not null and new.phone is not null and (new.outcome in ('linked', 'signed_in', 'switched')
    or new.event in ('phone_linked', 'phone_forgotten', 'link_disowned')))
  execute function portero.note_event();

create function portero.note_person_blocked() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from portero.events_wanted) then return null; end if;
  insert into portero.events (type, subject, data)
    values ('person.blocked', new.id, jsonb_build_object('person_id', new.id, 'state', new.state,
      'phones', (select coalesce(jsonb_agg(phone order by phone), '[]') from portero.phone_people where person_id = new.id)));
  return null;
end $$;

create trigger people_blocked after insert on portero.people
  for each row when (new.state in ('blocked', 'rejected')) execute function portero.note_person_blocked();
create trigger people_became_blocked after update of state on portero.people
  for each row when (new.state in ('blocked', 'rejected') and old.state not in ('blocked', 'rejected'))
  execute function portero.note_person_blocked();

-- Takes an event that nobody else has, unless an earlier one of the same phone is not settled.
create function portero.take_event(p_token uuid, p_seconds integer)
returns table (id text, event_id uuid, type text, data jsonb, happened_at timestamptz, attempts integer)
language plpgsql as $$
#variable_conflict use_column
declare
  v portero.events;
begin
  select * into v from portero.events e
   where e.due_at <= clock_timestamp()
     and not exists (select from portero.events b where b.subject = e.subject and b.id < e.id)
   order by e.due_at limit 1 for update skip locked;
  if not found then return; end if;
  update portero.events e
     set lease_token = p_token, due_at = clock_timestamp() + make_interval(secs => p_seconds), attempts = e.attempts + 1
   where e.id = v.id;
  return query select v.id::text, v.event_id, v.type, v.data, v.happened_at, v.attempts + 1;
end $$;

-- Settles an event: it is over, and the next one of its phone due; or it is due again after some seconds, and those behind it no
-- sooner. Nothing happens where the lease is lost.
create function portero.settle_event(p_id bigint, p_token uuid, p_again_seconds integer) returns void
language plpgsql as $$
declare
  v_due_at timestamptz := clock_timestamp() + make_interval(secs => coalesce(p_again_seconds, 0));
  v_subject text;
begin
  if p_again_seconds is null then
    delete from portero.events where id = p_id and lease_token = p_token returning subject into v_subject;
    update portero.events set due_at = v_due_at where id = (select min(id) from portero.events where subject = v_subject);
  else
    update portero.events set lease_token = null, due_at = v_due_at where id = p_id and lease_token = p_token returning subject into v_subject;
    update portero.events set due_at = v_due_at where subject = v_subject and id > p_id and due_at < v_due_at;
  end if;
end $$;

-- Removes what nobody took in so many days, so many rows at the most, and answers whether there may be more.
create function portero.sweep_events(p_days integer, p_batch integer) returns boolean
language plpgsql as $$
declare
  v_done bigint;
begin
  delete from portero.events
   where id in (select id from portero.events where happened_at < clock_timestamp() - make_interval(days => p_days) limit p_batch);
  get diagnostics v_done = row_count;
  return v_done = p_batch;
end $$;
