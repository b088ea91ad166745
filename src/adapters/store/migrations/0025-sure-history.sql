-- What was said while somebody had only typed a document is kept apart from what was said when it was sure who they are: neither
-- is told to the agent with a question of the other kind, in the same chat and in the name of the same person.

create function portero.is_sure_about(about jsonb) returns boolean
language sql immutable parallel safe
return coalesce(about ->> 'level', 'declared') <> 'declared';

-- As before, but that texts of the two kinds do not become one question.
create or replace function portero.decide_messages(p_chat_key text, p_token uuid, p_ids bigint[], p_state jsonb, p_replies jsonb, p_answer jsonb,
  p_is_person_known boolean, p_person_id uuid, p_question jsonb, p_silent_seconds integer)
returns boolean
language plpgsql as $$
declare
  v_chat portero.chats;
  v_now timestamptz;
  v_due timestamptz;
begin
  select * into v_chat from portero.chats where chat_key = p_chat_key and lease_token = p_token for update;
  if not found then return false; end if;
  if (select count(*) from portero.inbox where id = any (p_ids) and chat_key = p_chat_key and decided_at is null) <> cardinality(p_ids)
    then return false; end if;
  v_now := clock_timestamp();
  update portero.inbox
     set decided_at = v_now, body = null, answer = p_answer, awaits_agent = p_answer is not null and p_question is not null
   where id = any (p_ids);

  if p_is_person_known then
    with dropped as (
      delete from portero.agent_turns where chat_key = p_chat_key and person_id is distinct from p_person_id returning inbox_id
    )
    update portero.inbox i set awaits_agent = false from dropped d where i.id = d.inbox_id;
  end if;

  if p_question is not null then
    v_due := v_now + make_interval(secs => (p_question ->> 'wait_seconds')::int);
    -- What comes while an earlier text still waits for more becomes one question with it; nobody who goes on writing waits for ever.
    if p_answer is null then
      update portero.agent_turns
         set question = left(question || E'\n' || (p_question ->> 'text'), 16000), about = p_question -> 'about',
             due_at = least(v_due, asked_at + interval '10 seconds')
       where id = (select id from portero.agent_turns
                    where chat_key = p_chat_key and person_id = p_person_id and due_at > v_now and lease_token is null and tries = 0
                      and portero.is_sure_about(about) = portero.is_sure_about(p_question -> 'about')
                    order by id desc limit 1 for update);
    end if;
    if p_answer is not null or not found then
      insert into portero.agent_turns (chat_key, person_id, about, question, inbox_id, due_at)
      values (p_chat_key, p_person_id, p_question -> 'about', p_question ->> 'text',
              case when p_answer is not null then p_ids[cardinality(p_ids)] end, v_due);
    end if;
  end if;

  insert into portero.outbox (chat_key, channel, address, reply, expires_at, due_at)
  select p_chat_key, v_chat.channel, v_chat.address, r.reply, v_chat.last_message_at + interval '24 hours', v_now
    from jsonb_array_elements(p_replies) with ordinality as r (reply, place) order by r.place;

  update portero.chats
     set state = coalesce(p_state, state),
         answered_at = portero.with_answers(answered_at,
           jsonb_array_length(p_replies) + jsonb_array_length(coalesce(p_answer -> 'replies', '[]'))),
         silent_until = case when p_silent_seconds is null then silent_until else v_now + make_interval(secs => p_silent_seconds) end
   where chat_key = p_chat_key;
  return true;
end $$;

-- As before, but for the history.
create or replace function portero.take_question(p_token uuid, p_seconds integer, p_chat_key text)
returns table (id bigint, chat_key text, person_id uuid, about jsonb, question text, tries integer, history jsonb)
language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
  v_turn portero.agent_turns;
begin
  select t.* into v_turn from portero.agent_turns t
   where t.due_at <= v_now and (p_chat_key is null or t.chat_key = p_chat_key)
     and not exists (select from portero.agent_turns e where e.chat_key = t.chat_key and e.id < t.id and e.due_at is not null)
   order by t.due_at limit 1 for update skip locked;
  if not found then return; end if;
  update portero.agent_turns t
     set lease_token = p_token, due_at = clock_timestamp() + make_interval(secs => p_seconds), tries = t.tries + 1
   where t.id = v_turn.id;
  return query
    select v_turn.id, v_turn.chat_key, v_turn.person_id, v_turn.about, v_turn.question, v_turn.tries + 1,
           coalesce((select jsonb_agg(jsonb_build_object('question', h.question, 'answer', h.answer) order by h.id)
                       from (select * from portero.agent_turns p
                              where p.chat_key = v_turn.chat_key and p.person_id = v_turn.person_id and p.answer is not null
                                and portero.is_sure_about(p.about) = portero.is_sure_about(v_turn.about)
                                and p.asked_at > v_now - interval '1 day'
                              order by p.id desc limit 10) h), '[]');
end $$;
