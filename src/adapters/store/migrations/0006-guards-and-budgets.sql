-- What puts all that happens to one phone or address in a line, and what requests and verifications count by.

-- Puts all that happens to one phone in a line, to the end of the transaction.
create function portero.lock_phone(p_phone text) returns void
language sql as $$
  insert into portero.phone_guards as g (phone) values (p_phone)
    on conflict (phone) do update set locked_at = clock_timestamp();
$$;

-- Lets one transaction at a time count by this address. Taken after the guard of the phone, by everybody, so that nobody
-- waits in a circle.
create function portero.lock_address(p_key text) returns void
language sql
return case when p_key is not null then pg_advisory_xact_lock(hashtextextended('portero.address:' || p_key, 0)) end;

-- Seconds until one more event fits under "at most `maxes[i]` within `windows[i]` seconds", given how the newest-first
-- event times of a budget are found. 0 when it fits now.
create function portero.wait_for(p_newest_first timestamptz[], p_windows integer[], p_maxes integer[], p_now timestamptz)
returns numeric language sql immutable
return (
  select coalesce(max(extract(epoch from p_newest_first[m] + make_interval(secs => w) - p_now)), 0)
    from unnest(p_windows, p_maxes) as b (w, m)
   where p_newest_first[m] > p_now - make_interval(secs => w)
);

-- The device of this secret for this phone, while it has guesses left today.
create function portero.known_device(p_phone text, p_secret_hash bytea, p_guesses_max integer, p_now timestamptz)
returns uuid language sql stable
return (
  select d.id from portero.devices d
   where d.secret_hash = p_secret_hash and d.phone = p_phone and d.expires_at > p_now
     and (select count(*) from portero.guesses g
           where g.phone = p_phone and g.device_id = d.id and g.at > p_now - interval '1 day') < p_guesses_max
);
