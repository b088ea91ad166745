import { canonicalPhone } from '../../domain/phones/phone-number.ts'
import type { Session } from '../../domain/sessions/session.ts'
import { personEmail } from './person-email.ts'
import type { LiveSessionRow } from './tables.ts'

/** A row of the view as the domain has it. `emailDomain` completes a pseudonymous address. */
export function liveSession(row: LiveSessionRow, emailDomain: string): Session {
  return {
    id: row.id,
    person: {
      id: row.person_id,
      name: row.name ?? undefined,
      role: row.role ?? undefined,
      groups: row.groups,
      email: personEmail(row.email_local, emailDomain),
      state: row.state,
    },
    phone: canonicalPhone(row.phone),
    startedAt: row.started_at.getTime(),
    provedAt: row.proved_at.getTime(),
    amr: row.amr,
    idleEndsAt: row.idle_ends_at.getTime(),
    idleSeconds: row.idle_seconds,
    endsAt: row.ends_at.getTime(),
    isShared: row.is_shared,
    generation: row.generation,
    isGenerationSeen: row.is_generation_seen,
  }
}
