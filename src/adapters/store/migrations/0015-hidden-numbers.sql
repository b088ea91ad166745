-- Numbers that a channel hides, as far as their people have shared them: who is only an id there, and which phone that is.
create table portero.hidden_numbers (
  channel text not null,
  user_id text not null,
  phone text not null,
  shared_at timestamptz not null,
  primary key (channel, user_id)
);

create index hidden_numbers_phone on portero.hidden_numbers (phone);
create index outbox_sent_as on portero.outbox (sent_as) where sent_as is not null;

-- Takes a number that was given as the answer to a message of ours to this very address; false where there was none. A number
-- that comes with another id has changed hands, so that the id before it stands for nobody.
create function portero.share_number(
  p_channel text, p_user_id text, p_address text, p_request_id text, p_phone text, p_at timestamptz)
returns boolean
language plpgsql as $$
begin
  if not exists (select from portero.outbox
                  where sent_as = p_request_id and channel = p_channel and address = p_address) then
    return false;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(p_channel || ' ' || p_phone, 0));
  delete from portero.hidden_numbers where channel = p_channel and phone = p_phone and user_id <> p_user_id;
  insert into portero.hidden_numbers (channel, user_id, phone, shared_at)
  values (p_channel, p_user_id, p_phone, p_at)
  on conflict (channel, user_id) do update set phone = excluded.phone, shared_at = excluded.shared_at;
  return true;
end $$;
