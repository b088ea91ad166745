-- A stricter first contact, and the way up for whoever is declared: a code to the number on record, or a word of the operator. What is
-- done and written is the same whether somebody has the document or not.

create table portero.link_codes (
  id text primary key,
  -- Who asks, and whether the channel proved it: the two are conversations apart.
  asker text not null,
  is_proof boolean not null,
  -- A keyed digest of the document that was typed; null where the person is known.
  about bytea,
  person_id uuid,
  -- The number on record; null where there is none.
  target text,
  is_sent boolean not null,
  salt bytea not null,
  key_id text not null,
  proof bytea not null,
  tries_left smallint not null check (tries_left >= 0),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

create index link_codes_asker on portero.link_codes (asker, created_at);
create index link_codes_target on portero.link_codes (target, created_at) where is_sent;
create index link_codes_person_id on portero.link_codes (person_id) where person_id is not null;
create index link_codes_created_at on portero.link_codes (created_at);
create index link_codes_sent on portero.link_codes (created_at) where is_sent;

create table portero.link_requests (
  id bigint generated always as identity primary key,
  phone text not null,
  is_proof boolean not null,
  -- Null where nobody has the document.
  person_id uuid,
  state text not null default 'waiting' check (state in ('waiting', 'approved', 'rejected')),
  at timestamptz not null,
  decided_at timestamptz
);

insert into portero.people_ties values ('link_codes', 'person_id'), ('link_requests', 'person_id');

create unique index link_requests_waiting on portero.link_requests (phone, is_proof) where state = 'waiting';
create index link_requests_person_id on portero.link_requests (person_id) where person_id is not null;
create index link_requests_at on portero.link_requests (at);

-- The number on record to ask who somebody is: not the one that asks, not one that many use, not one that was idle for too long;
-- one of the organisation's before one that a code attested.
create function portero.number_on_record(p_person uuid, p_except text, p_now timestamptz) returns text
language plpgsql stable as $$
begin
  return (
    select pp.phone from portero.phone_people pp
     where pp.person_id = p_person and pp.phone <> p_except and portero.is_sure(pp)
       and portero.used_at(pp) > p_now - make_interval(days => portero.idle_link_days())
       and not exists (select from portero.shared_phones s where s.phone = pp.phone)
     order by pp.vouched_by is null desc, portero.used_at(pp) desc, pp.phone limit 1);
end $$;

-- Takes a document under a stricter first contact (`p_person` null), or asks for more about somebody who is declared (`p_document`
-- null). `linked` when the number on record is the one that writes, proved; `no_number` only about somebody known, who has none that
-- may be asked just now; else `asked`. The code goes out when there is a delivery.
create function portero.request_link(p_mode text, p_phone text, p_document text, p_document_proof bytea, p_documents_max integer,
  p_person uuid, p_is_proof boolean, p_door text,
  p_id text, p_salt bytea, p_key_id text, p_proof bytea, p_ttl integer, p_tries integer,
  p_channel text, p_provider text, p_locale text, p_region text, p_phone_windows integer[], p_phone_maxes integer[],
  p_target_max integer, p_chats_max integer, p_strangers_wait integer, p_call_seconds integer,
  out outcome text, out person jsonb, out other_phones text[], out is_remembered boolean, out is_alarming boolean,
  out asked_person uuid, out delivery_id uuid, out target text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  v_found text := 'found';
  v_person uuid := p_person;
  v_is_shared boolean;
  v_mine timestamptz[];
  v_target text;
  v_is_sent boolean;
begin
  perform portero.lock_phone(p_phone);
  v_now := clock_timestamp();
  other_phones := '{}';
  is_remembered := false;
  is_alarming := false;
  v_is_shared := exists (select from portero.shared_phones where phone = p_phone);

  if p_person is null then
    select t.outcome, t.person_id into v_found, v_person
      from portero.try_document(p_phone, p_document, p_document_proof, p_documents_max, p_is_proof, v_now) as t;
    is_alarming := portero.is_list_tried(v_now);
    if v_found <> 'found' then v_person := null; end if;
  else
    -- The person before all that hangs on them, as whoever deletes them has it.
    perform from portero.records where id = p_person for key share;
    if not found or v_is_shared or not p_is_proof or portero.is_frozen(p_phone, p_person, v_now)
      or (portero.memory_of(p_phone)).usuario_id is distinct from p_person
      or exists (select from portero.people where id = p_person and state <> 'active')
    then
      v_person := null;
    end if;
  end if;

  if v_found = 'too_many_documents' then
    outcome := v_found;
  elsif v_person is not null and p_is_proof and not v_is_shared and exists (
    select from portero.phone_people pp
     where pp.phone = p_phone and pp.person_id = v_person and portero.is_sure(pp)
       and portero.used_at(pp) > v_now - make_interval(days => portero.idle_link_days()))
  then
    outcome := 'linked';
    is_remembered := true;
    update portero.phone_people set proved_at = v_now, unproved_since = null
     where phone = p_phone and person_id = v_person;
    perform portero.remember_now(p_phone, v_person, v_now);
    person := portero.remembered(p_phone, v_person);
    other_phones := portero.phones_beside(p_phone, v_person);
  else
    outcome := 'asked';
    asked_person := v_person;
    if p_mode = 'code' then
      v_target := portero.number_on_record(v_person, p_phone, v_now);
      -- The same again while its code is good asks for nothing more.
      if not exists (
        select from portero.link_codes
         where asker = p_phone and is_proof = p_is_proof and tries_left > 0 and used_at is null and expires_at > v_now
           and about is not distinct from p_document_proof and person_id is not distinct from v_person)
      then
        perform pg_advisory_xact_lock(hashtextextended('portero.link:' || coalesce(v_target, p_phone), 0));
        select array_agg(at order by at desc) into v_mine from portero.sends
         where phone = v_target and device_id is null and at > v_now - interval '1 day';
        v_is_sent := v_target is not null and p_channel is not null and p_strangers_wait = 0
          and not exists (select from portero.send_stops where phone = v_target and until > v_now)
          and portero.wait_for(v_mine, p_phone_windows, p_phone_maxes, v_now) = 0;
        if (select count(*) from portero.link_codes where target = v_target and is_sent and created_at > v_now - interval '1 day') >= p_target_max
          or (select count(*) from (select from portero.link_codes where is_sent and created_at > v_now - interval '1 hour'
                                      limit p_chats_max) as sent) >= p_chats_max
        then
          v_is_sent := false;
        end if;
        update portero.link_codes set tries_left = 0
         where asker = p_phone and is_proof = p_is_proof and tries_left > 0 and used_at is null and expires_at > v_now;
        insert into portero.link_codes (id, asker, is_proof, about, person_id, target, is_sent, salt, key_id, proof, tries_left, created_at, expires_at)
          values (p_id, p_phone, p_is_proof, p_document_proof, v_person, v_target, v_is_sent, p_salt, p_key_id, p_proof, p_tries, v_now,
            v_now + make_interval(secs => p_ttl));
        -- Written for everybody, so that the work is the same; what was not sent lies outside of every budget's time. The country is
        -- that of whoever asks. Neither the number nor its neighbours are charged, who would be kept from signing in; and the web must
        -- not show by what is left of its budgets that somebody was asked about.
        insert into portero.sends (challenge_id, phone, region, prefix, at)
          values (p_id, 'chat', p_region, '',
            case when v_is_sent then v_now else v_now - interval '25 hours' end);
        insert into portero.deliveries (challenge_id, phone, channel, provider, locale, state, reason, asked_at, calling_until, settled_at)
          values (p_id, case when v_is_sent then v_target else p_phone end, coalesce(p_channel, 'sms'), coalesce(p_provider, 'none'), p_locale,
            case when v_is_sent then 'calling' else 'failed' end, case when not v_is_sent then 'nobody_to_ask' end, v_now,
            case when v_is_sent then v_now + make_interval(secs => p_call_seconds) end, case when not v_is_sent then v_now end)
          returning id into delivery_id;
        if v_is_sent then target := v_target; else delivery_id := null; end if;
      end if;
      if p_person is not null and not exists (
        select from portero.link_codes
         where asker = p_phone and is_proof = p_is_proof and tries_left > 0 and used_at is null and expires_at > v_now and is_sent)
      then
        outcome := 'no_number';
      end if;
    elsif p_mode = 'approval' then
      -- A request is about one person for ever: whoever reads it decides about that one.
      update portero.link_requests set state = 'rejected', decided_at = v_now
       where phone = p_phone and is_proof = p_is_proof and state = 'waiting'
         and (person_id is distinct from v_person or at <= v_now - interval '7 days');
      insert into portero.link_requests as r (phone, is_proof, person_id, at) values (p_phone, p_is_proof, v_person, v_now)
        on conflict (phone, is_proof) where state = 'waiting' do nothing;
    end if;
  end if;

  insert into portero.access_log (event, outcome, door, person_id, phone)
    values (case when p_person is null then 'document_declared' else 'step_up_asked' end,
      case when outcome = 'asked' then p_mode || '_' || v_found else outcome end, p_door, coalesce(v_person, p_person), p_phone);
end $$;

-- Drops what a phone asked for and was not given: its codes, and its requests for the operator's word.
create function portero.drop_asked(p_phone text, p_is_proof boolean) returns void
language sql as $$
  update portero.link_codes set tries_left = 0
   where asker = p_phone and (p_is_proof or not is_proof) and tries_left > 0 and used_at is null;
  update portero.link_requests set state = 'rejected', decided_at = clock_timestamp()
   where phone = p_phone and (p_is_proof or not is_proof) and state = 'waiting';
$$;

-- Compares a code with the one that this phone waits for, and spends it: whoever brings it is attested where the channel proves their
-- number. The guard lets one at a time look; the second of two that are right finds it used. The number to which it went has a guard of
-- its own, under which "no fui yo" kills the code, so the statement that spends it looks again. The person is locked before the code, as
-- whoever deletes a person has it.
create function portero.answer_link_code(p_phone text, p_is_proof boolean, p_key_ids text[], p_proofs bytea[], p_door text,
  out outcome text, out person jsonb, out other_phones text[], out is_remembered boolean)
language plpgsql as $$
declare
  v_now timestamptz;
  c portero.link_codes;
  v_is_right boolean;
  v_is_somebody boolean;
begin
  perform portero.lock_phone(p_phone);
  v_now := clock_timestamp();
  other_phones := '{}';
  is_remembered := false;
  outcome := 'no_code';
  select * into c from portero.link_codes
   where asker = p_phone and is_proof = p_is_proof and tries_left > 0 and used_at is null and expires_at > v_now
   order by created_at desc limit 1;
  if c.id is null then return; end if;
  perform from portero.records where id = c.person_id for key share;
  v_is_somebody := found;
  v_is_right := c.is_sent and c.proof is not distinct from p_proofs[array_position(p_key_ids, c.key_id)];
  update portero.link_codes
     set used_at = case when v_is_right then v_now end, tries_left = case when v_is_right then tries_left else tries_left - 1 end
   where id = c.id and used_at is null and tries_left > 0;
  if not found then return; end if;

  outcome := 'wrong_code';
  if v_is_right then
    update portero.sends set verified_at = v_now where challenge_id = c.id;
    -- Whoever was blocked, or said that it was not them, while the code was on its way.
    if v_is_somebody and not exists (select from portero.people where id = c.person_id and state <> 'active')
      and not portero.is_frozen(p_phone, c.person_id, v_now) and not portero.is_phone_barred(p_phone)
      and exists (select from portero.phone_people pp where pp.phone = c.target and pp.person_id = c.person_id and portero.is_sure(pp))
    then
      outcome := 'linked';
    end if;
  end if;

  if outcome = 'linked' then
    is_remembered := not exists (select from portero.shared_phones where phone = p_phone);
    if is_remembered and not p_is_proof then
      is_remembered := portero.say_to_be(p_phone, c.person_id, v_now);
    elsif is_remembered then
      insert into portero.phone_people as pp (phone, person_id, belongs, proved_at, last_used_at, vouched_by)
        values (p_phone, c.person_id, 'attested', v_now, v_now, c.target)
        on conflict (phone, person_id) do update
          set belongs = 'attested', proved_at = v_now, last_used_at = v_now, unproved_since = null, doubted_at = null,
              vouched_by = case when portero.is_sure(pp) then pp.vouched_by else c.target end;
      perform portero.remember_now(p_phone, c.person_id, v_now);
    end if;
    person := portero.remembered(p_phone, c.person_id);
    other_phones := portero.phones_beside(p_phone, c.person_id);
  end if;
  insert into portero.access_log (event, outcome, door, person_id, phone, challenge_id)
    values ('link_code_answered', outcome, p_door, case when outcome = 'linked' then c.person_id end, p_phone, c.id);
end $$;

-- Takes the operator's word about a request that waits: `gone` when it does not any more, `nobody` when no person has the document,
-- `unknown` when the person may not come in.
create function portero.decide_link_request(p_id bigint, p_is_approved boolean, out outcome text, out phone text)
language plpgsql as $$
#variable_conflict use_column
declare
  v portero.link_requests;
  v_person uuid;
  v_was_theirs boolean;
begin
  select r.phone, r.person_id into phone, v_person from portero.link_requests r where r.id = p_id;
  if phone is null then
    outcome := 'gone';
    return;
  end if;
  perform portero.lock_phone(phone);
  perform portero.hold_person(v_person);
  select * into v from portero.link_requests r
   where r.id = p_id and r.state = 'waiting' and r.at > clock_timestamp() - interval '7 days' for update;
  if v.id is null then
    outcome := 'gone';
    return;
  end if;
  if not p_is_approved then
    outcome := 'rejected';
  elsif v.person_id is null then
    outcome := 'nobody';
    return;
  else
    v_was_theirs := exists (
      select from portero.phone_people pp where pp.phone = v.phone and pp.person_id = v.person_id and portero.is_sure(pp) and vouched_by is null);
    outcome := portero.link_phone(v.phone, v.person_id, 'attested', 'cli');
    if outcome = 'unknown' then return; end if;
    if outcome = 'linked' then
      outcome := 'approved';
      update portero.phone_people pp
         set proved_at = case when v.is_proof then coalesce(pp.proved_at, v.at) else pp.proved_at end,
             vouched_by = case when v_was_theirs then pp.vouched_by else 'operator' end
       where pp.phone = v.phone and pp.person_id = v.person_id;
      -- Whoever has the person's other phones is told, as of any document that was typed elsewhere.
      perform portero.open_notices((
        select coalesce(jsonb_agg(jsonb_build_object('phone', beside, 'person_id', v.person_id)), '[]')
          from unnest(portero.phones_beside(v.phone, v.person_id)) as beside));
    end if;
  end if;
  update portero.link_requests set state = case when p_is_approved then 'approved' else 'rejected' end, decided_at = clock_timestamp()
   where id = p_id;
  if not p_is_approved then
    insert into portero.access_log (event, outcome, door, person_id, phone) values ('link_request_decided', 'rejected', 'cli', v.person_id, v.phone);
  end if;
end $$;

-- Removes what has outlived its keeping, so many rows of each table at the most, and answers whether there may be more.
create function portero.sweep_first_contact(p_batch integer) returns boolean
language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
  v_done bigint;
  v_has_more boolean;
begin
  delete from portero.link_codes
   where ctid = any (array(select ctid from portero.link_codes where created_at < v_now - interval '48 hours' limit p_batch));
  get diagnostics v_done = row_count;
  v_has_more := v_done = p_batch;
  delete from portero.link_requests
   where ctid = any (array(select ctid from portero.link_requests
                            where at < v_now - case when state = 'waiting' then interval '7 days' else interval '30 days' end limit p_batch))
     and at < v_now - case when state = 'waiting' then interval '7 days' else interval '30 days' end;
  get diagnostics v_done = row_count;
  return v_has_more or v_done = p_batch;
end $$;
