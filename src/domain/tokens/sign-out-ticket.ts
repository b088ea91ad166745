import type { Keyring } from './keyring.ts'
import { seal, unseal } from './sealed-id.ts'

/** A page asks for it and goes there with it at once. */
const lifeMs = 60_000

/**
 * What lets a mere navigation sign out: made when the page of the app behind asks to sign out, good for a minute and for
 * that one session. Spent when the session has ended, since then there is nothing left that it could end.
 */
export function signOutTicket(keyring: Keyring, sessionId: string, nowMs: number): string {
  return seal(keyring, 'ticket', `${sessionId}.${nowMs + lifeMs}`)
}

/** The session that a ticket may end; undefined when Portero did not make it or its time is over. */
export function readSignOutTicket(keyring: Keyring, ticket: string, nowMs: number): string | undefined {
  const [sessionId, endsAt] = unseal(keyring, 'ticket', ticket)?.split('.') ?? []
  return Number(endsAt) > nowMs ? sessionId : undefined
}
