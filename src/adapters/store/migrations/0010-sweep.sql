-- Removes what has outlived its keeping, so many rows of each table at the most, and answers whether there may be more; null
-- when another replica is at it. SECURITY DEFINER because the running service may not delete from the access log; so for how long that
-- is kept is not for the caller to say.
create function portero.sweep(p_challenge_hours integer, p_delivery_days integer, p_session_days integer, p_batch integer)
returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_now timestamptz := clock_timestamp();
  v_challenges_until timestamptz := v_now - make_interval(hours => p_challenge_hours);
  v_aged record;
  v_done bigint;
  v_has_more boolean := false;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('portero.sweep', 0)) then return null; end if;
  -- Ended before they are deleted, so that whoever still holds one in memory is told. One that somebody is at just now waits for the
  -- next time.
  perform portero.end_sessions(array(
    select id from portero.sessions where ended_at is null and (idle_ends_at < v_now or ends_at < v_now) limit p_batch
       for no key update skip locked), 'expired');
  get diagnostics v_done = row_count;
  v_has_more := v_done = p_batch;
  for v_aged in
    select * from (values
      ('challenges', 'created_at', v_challenges_until),
      ('sends', 'at', v_challenges_until),
      ('guesses', 'at', v_challenges_until),
      ('phone_guards', 'locked_at', v_challenges_until),
      ('deliveries', 'asked_at', v_now - make_interval(days => p_delivery_days)),
      ('sessions', 'ended_at', v_now - make_interval(days => p_session_days)),
      ('devices', 'expires_at', v_now),
      ('revocations', 'at', v_now - interval '1 day'),
      ('access_log', 'at', v_now - interval '190 days')
    ) as aged (table_name, column_name, until)
  loop
    execute format('delete from portero.%I where ctid = any (array(select ctid from portero.%1$I where %2$I < $1 limit $2)) and %2$I < $1',
      v_aged.table_name, v_aged.column_name) using v_aged.until, p_batch;
    get diagnostics v_done = row_count;
    v_has_more := v_has_more or v_done = p_batch;
  end loop;
  return v_has_more;
end $$;
