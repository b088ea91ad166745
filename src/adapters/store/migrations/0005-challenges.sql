-- Codes: what was asked for, what was sent, what was guessed. No code is stored: a row keeps what it is derived from and
-- a keyed proof to compare a guess with, and the key is not in the database.

create table portero.phone_guards (
  phone text primary key,
  locked_at timestamptz not null default clock_timestamp()
) with (fillfactor = 70);

create table portero.challenges (
  id text primary key,
  phone text not null,
  salt bytea not null,
  key_id text not null,
  proof bytea not null,
  digits smallint not null check (digits in (6, 8)),
  hold_hash bytea,
  asked_address text not null,
  asked_key uuid,
  device_id uuid,
  channel text not null,
  locale text not null,
  tries_left smallint not null check (tries_left >= 0),
  sends smallint not null default 1,
  created_at timestamptz not null,
  resend_at timestamptz not null,
  expires_at timestamptz not null,
  dies_at timestamptz not null,
  used_at timestamptz
) with (fillfactor = 80);

create index challenges_phone on portero.challenges (phone, created_at);
create index challenges_created_at on portero.challenges using brin (created_at);

-- One row for each message that was asked for; budgets count them. A known device's sends have no address: they are
-- charged to nobody else.
create table portero.sends (
  challenge_id text not null,
  phone text not null,
  address_key text,
  network_key text,
  device_id uuid,
  region text not null,
  prefix text not null,
  at timestamptz not null,
  verified_at timestamptz
);

create index sends_challenge_id on portero.sends (challenge_id);
create index sends_phone on portero.sends (phone, at);
create index sends_address on portero.sends (address_key, at) where address_key is not null;
create index sends_network on portero.sends (network_key, at) where network_key is not null;
create index sends_at on portero.sends (at);

create table portero.guesses (
  -- Null when there was nothing to compare with: that is charged to the address alone.
  phone text,
  address_key text,
  device_id uuid,
  at timestamptz not null
);

create index guesses_phone on portero.guesses (phone, at) where phone is not null;
create index guesses_address on portero.guesses (address_key, at) where address_key is not null;
create index guesses_at on portero.guesses (at);

create table portero.deliveries (
  id uuid primary key default gen_random_uuid(),
  challenge_id text not null,
  phone text not null,
  channel text not null,
  provider text not null,
  locale text not null,
  state text not null check (state in ('pending', 'calling', 'accepted', 'failed', 'unknown')),
  reason text,
  provider_message_id text,
  attempts smallint not null default 1,
  asked_at timestamptz not null,
  -- A process that lives settles its call before this; a row found in `calling` after it belongs to one that died.
  calling_until timestamptz,
  settled_at timestamptz
) with (fillfactor = 80);

create index deliveries_challenge_id on portero.deliveries (challenge_id);
create index deliveries_open on portero.deliveries (calling_until) where state in ('pending', 'calling');
create index deliveries_asked_at on portero.deliveries using brin (asked_at);

-- Phones to which strangers get no codes sent for now, because their owner said that it was not them.
create table portero.send_stops (
  phone text primary key,
  until timestamptz not null
);
