import { Refusal } from '../errors.ts'
import type { SessionDirectory } from './session-directory.ts'
import type { SessionStore } from './session-store.ts'

type Needs = { sessionStore: SessionStore; sessionDirectory: SessionDirectory }

/** Ends one session of a person, at once here and within a second elsewhere. Refuses with `session_not_found`. */
export async function endSession(
  needs: Needs,
  by: { personId: string; sessionId: string },
  why = 'signed_out',
): Promise<void> {
  const isEnded = await needs.sessionStore.endSession(by, why)
  if (!isEnded) throw new Refusal('session_not_found')
  needs.sessionDirectory.revoke({ sessionId: by.sessionId })
}

/** Ends every session of a person, and answers how many there were. */
export async function endAllSessions(
  needs: Needs,
  personId: string,
  why = 'signed_out_everywhere',
): Promise<number> {
  const ids = await needs.sessionStore.endSessions(personId, why)
  for (const sessionId of ids) needs.sessionDirectory.revoke({ sessionId })
  return ids.length
}
