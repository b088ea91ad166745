-- Removes what has outlived its keeping. SECURITY DEFINER because the running service may not delete from the access log;
-- one replica at a time does the work, the others return at once.
create function portero.sweep(p_challenge_hours integer, p_delivery_days integer, p_session_days integer, p_log_days integer)
returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  if not pg_try_advisory_xact_lock(hashtextextended('portero.sweep', 0)) then return false; end if;
  delete from portero.challenges where created_at < v_now - make_interval(hours => p_challenge_hours);
  delete from portero.sends where at < v_now - make_interval(hours => p_challenge_hours);
  delete from portero.guesses where at < v_now - make_interval(hours => p_challenge_hours);
  delete from portero.phone_guards where locked_at < v_now - make_interval(hours => p_challenge_hours);
  delete from portero.deliveries where asked_at < v_now - make_interval(days => p_delivery_days);
  -- Ended first, so that whoever still holds one in memory is told.
  update portero.sessions set ended_at = v_now, ended_why = 'expired'
   where ended_at is null and (idle_ends_at < v_now or ends_at < v_now);
  delete from portero.sessions where ended_at < v_now - make_interval(days => p_session_days);
  delete from portero.devices where expires_at < v_now;
  delete from portero.revocations where at < v_now - interval '1 hour';
  delete from portero.access_log where at < v_now - make_interval(days => p_log_days);
  return true;
end $$;
