import type { Caller } from '../access/caller.ts'
import { Refusal } from '../errors.ts'
import type { AccessTokens } from '../tokens/access-token.ts'
import type { Keyring } from '../tokens/keyring.ts'
import { type HandedOut, handedOut } from './handed-out.ts'
import type { SessionDirectory } from './session-directory.ts'
import type { OtherPerson, SessionStore } from './session-store.ts'

type Needs = {
  sessionStore: SessionStore
  sessionDirectory: SessionDirectory
  accessTokens: AccessTokens
  keyring: Keyring
  config: { sessions: { max_per_person: number }; people: { idle_link_days: number } }
}

export type Switched = HandedOut & {
  /** Who else may be chosen now; the one that it was before is among them. */
  readonly others: readonly OtherPerson[]
}

/**
 * Makes the session of one person a session of another one of the same phone. It proves nothing anew: the new session has
 * the age, the level and at most the end of the old one, which ends. Refuses with `person_not_here` (one answer for whoever
 * is not to be chosen), `proof_too_old`, and `session_not_found` when the session ended meanwhile.
 */
export async function switchPerson(
  needs: Needs,
  by: { readonly sessionId: string; readonly personId: string; readonly caller: Caller },
): Promise<Switched> {
  const mark = needs.sessionDirectory.mark()
  const switched = await needs.sessionStore.switchPerson({
    ...by,
    idleLinkDays: needs.config.people.idle_link_days,
    sessionsMax: needs.config.sessions.max_per_person,
  })
  switch (switched.outcome) {
    case 'gone':
      throw new Refusal('session_not_found')
    case 'not_here':
      throw new Refusal('person_not_here')
    case 'proof_too_old':
      throw new Refusal('proof_too_old')
    case 'switched':
  }
  const { session, others } = switched
  needs.sessionDirectory.remember(session, mark)
  needs.sessionDirectory.revoke({ sessionId: by.sessionId })
  return { ...handedOut(needs, session), others }
}
