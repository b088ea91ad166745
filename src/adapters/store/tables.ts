import type { ColumnType, Generated } from 'kysely'
import type { PersonState } from '../../domain/people/person.ts'

type Default<T> = ColumnType<T, T | undefined, T>

/** The tables that are queried with the query builder; those that only SQL functions touch are not repeated here. */
export type Tables = {
  'portero.everybody': {
    id: Generated<string>
    nombre: string | null
    apellido: string | null
    dni: string | null
  }
  'portero.people': {
    id: string
    role: string | null
    groups: Default<string[]>
    state: Default<PersonState>
    email_local: Generated<string>
    app_email: Default<string | null>
    created_at: Generated<Date>
  }
  'portero.phone_people': {
    phone: string
    person_id: string
    belongs: 'declared' | 'attested'
    proved_at: Date | null
    last_used_at: Default<Date>
    days: number | null
  }
  'portero.sessions': {
    id: string
    person_id: string
    phone: string
    is_shared: boolean
    started_at: Date
    last_seen_at: Date
    idle_seconds: number
    idle_ends_at: Date
    ends_at: Date
    generation: number
    is_generation_seen: boolean
    address: string | null
    user_agent: string | null
    device_id: string | null
    ended_at: Date | null
    ended_why: string | null
  }
  'portero.live_sessions': LiveSessionRow
  'portero.app_accounts': {
    person_id: string
    account_id: string | null
    email: string
    name: string
    role: string | null
    groups: Default<string[]>
    has_told_groups: Default<boolean>
    suspended_role: string | null
    is_suspended: Default<boolean>
  }
  'portero.devices': { id: string; phone: string; secret_hash: Buffer }
  'portero.deliveries': {
    id: string
    challenge_id: string
    phone: string
    channel: string
    provider: string
    locale: string
    state: 'pending' | 'calling' | 'accepted' | 'failed' | 'unknown'
    reason: string | null
    provider_message_id: string | null
    attempts: number
    calling_until: Date | null
    settled_at: Date | null
  }
  'portero.api_keys': {
    id: Generated<string>
    name: string
    secret_hash: Buffer
    scopes: string[]
    created_at: Generated<Date>
    last_used_at: Date | null
    revoked_at: Date | null
  }
  'portero.key_fingerprints': { key_id: string; first_seen_at: Generated<Date> }
  'portero.installation': { id: string }
}

/** A row of the view of sessions that are alive, with what the doors need to know of the person. */
export type LiveSessionRow = {
  id: string
  person_id: string
  phone: string
  amr: string[]
  is_shared: boolean
  started_at: Date
  proved_at: Date
  last_seen_at: Date
  idle_seconds: number
  idle_ends_at: Date
  ends_at: Date
  generation: number
  is_generation_seen: boolean
  address: string | null
  user_agent: string | null
  name: string | null
  role: string | null
  groups: string[]
  /** A local part, or a whole address where the person is joined to one. */
  email_local: string
  state: PersonState
}
