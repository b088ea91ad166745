-- What people ask of the organisation by the bot, and nobody but the organisation can settle.
create table portero.requests (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('people', 'erasure', 'not_me', 'documents')),
  -- Whose conversation it is; empty for what is about all of them.
  chat_key text not null,
  phone text,
  -- Not a foreign key: that somebody wanted their data erased is known after it was done.
  person_id uuid,
  level text,
  asked_at timestamptz not null default clock_timestamp(),
  -- When it settles itself: a chat that nobody gave back is the bot's again.
  until timestamptz,
  settled_at timestamptz
);

-- Asking again while the first request waits is no second one; of a phone of several people each has their own.
create unique index requests_open on portero.requests (kind, chat_key, coalesce(person_id::text, '')) where settled_at is null;

-- Notes requests, in the transaction of whoever calls.
create function portero.open_requests(p_chat_key text, p_requests jsonb) returns boolean
language plpgsql as $$
begin
  with asked as (
    insert into portero.requests as r (kind, chat_key, phone, person_id, level, until)
      select q.kind, case when q.is_of_all then '' else p_chat_key end, q.phone, q.person_id, q.level, q.until
        from jsonb_to_recordset(p_requests)
          as q (kind text, is_of_all boolean, phone text, person_id uuid, level text, until timestamptz)
      on conflict (kind, chat_key, coalesce(person_id::text, '')) where settled_at is null do update
        set phone = excluded.phone, level = excluded.level, until = excluded.until,
            -- What ran out by itself is asked anew.
            asked_at = case when r.until < excluded.asked_at then excluded.asked_at else r.asked_at end
    returning kind, phone, person_id, asked_at >= transaction_timestamp() as is_new
  )
  insert into portero.access_log (event, outcome, door, person_id, phone)
    select 'request_opened', kind, 'bot', person_id, phone from asked where is_new;
  return true;
end $$;

-- Tells a program of the organisation, where it wants to be told; what nobody can be linked by is nobody's business.
create function portero.note_request() returns trigger
language plpgsql as $$
declare
  v jsonb := to_jsonb(new);
  v_subject text := coalesce(new.phone, 'requests');
begin
  if not exists (select from portero.events_wanted) then return null; end if;
  -- Who types two documents in turn rings no bell all day.
  if tg_table_name = 'link_requests' then
    if exists (select from portero.link_requests r
                where r.phone = new.phone and r.person_id = new.person_id and r.id <> new.id and r.at > new.at - interval '1 day') then
      return null;
    end if;
  end if;
  insert into portero.events (type, subject, data, due_at)
    values ('request.opened', v_subject,
      jsonb_build_object('request_id', new.id::text, 'kind', coalesce(v ->> 'kind', 'link'), 'phone', new.phone, 'person_id', new.person_id,
        'level', v ->> 'level', 'until', v ->> 'until'),
      greatest(clock_timestamp(), (select max(due_at) from portero.events where subject = v_subject)));
  return null;
end $$;

create trigger requests_told after insert on portero.requests
  for each row execute function portero.note_request();
create trigger requests_told_again after update on portero.requests
  for each row when (new.asked_at <> old.asked_at) execute function portero.note_request();
create trigger link_requests_told after insert on portero.link_requests
  for each row when (new.person_id is not null) execute function portero.note_request();

-- Gives the chats of a phone back to the bot, and answers how many people of the organisation had. Whoever works on one of
-- them just now knew it otherwise, and loses it.
create function portero.give_back_chats(p_chat_keys text[]) returns integer
language plpgsql as $$
declare
  v_now timestamptz;
  v_given text[];
begin
  perform from portero.chats where chat_key = any (p_chat_keys) order by chat_key for update;
  v_now := clock_timestamp();
  with given as (
    update portero.chats c
       set state = (c.state - 'withPeopleUntil') || '{"step": "talking"}', lease_token = null,
           due_at = case when exists (select from portero.inbox i where i.chat_key = c.chat_key and i.decided_at is null) then v_now end
     where c.chat_key = any (p_chat_keys) and c.state ->> 'step' = 'with_people'
    returning c.chat_key
  ) select coalesce(array_agg(chat_key), '{}') into v_given from given;
  update portero.requests set settled_at = v_now where kind = 'people' and chat_key = any (v_given) and settled_at is null;
  return cardinality(v_given);
end $$;

-- Settles a request, once; a chat that people of the organisation had goes back to the bot with it.
create function portero.settle_request(p_id bigint) returns text
language plpgsql as $$
declare
  v portero.requests;
begin
  select * into v from portero.requests where id = p_id;
  if not found then return 'unknown'; end if;
  -- The chat first, as everywhere; the request it settles by itself.
  if v.kind = 'people' and v.settled_at is null then
    if portero.give_back_chats(array[v.chat_key]) = 1 then return 'settled'; end if;
  end if;
  update portero.requests set settled_at = clock_timestamp() where id = p_id and settled_at is null;
  return case when found then 'settled' else 'settled_before' end;
end $$;

-- Removes requests that were settled, or settled themselves, so long ago; those that wait stay.
create function portero.sweep_requests(p_days integer, p_batch integer) returns boolean
language plpgsql as $$
declare
  v_until timestamptz := clock_timestamp() - make_interval(days => p_days);
  v_done bigint;
begin
  delete from portero.requests
   where id in (select id from portero.requests where coalesce(settled_at, until) < v_until limit p_batch)
     and coalesce(settled_at, until) < v_until;
  get diagnostics v_done = row_count;
  return v_done = p_batch;
end $$;
