import { randomSecret, secretHash } from '../../lib/random-secret.ts'
import type { Caller } from '../access/caller.ts'
import { type HandedOut, handedOut } from '../sessions/handed-out.ts'
import type { Session } from '../sessions/session.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'
import type { SessionsConfig } from '../sessions/sessions-config.ts'
import type { AccessTokens } from '../tokens/access-token.ts'
import type { Keyring } from '../tokens/keyring.ts'
import type { NewSession } from './challenge-store.ts'

/** What a browser says about the session that it is to get. */
export type WantedSession = {
  readonly caller: Caller
  readonly isShared: boolean
  /** The session that this browser is in now; it ends when the new one starts. */
  readonly replacesSessionId: string | undefined
}

/** A session that the store has committed, in the statement that took the proof. */
export type Committed = {
  readonly session: Session
  readonly others: SignedIn['others']
  readonly isNewcomer: boolean
  /** Whether the secret of the device was kept. */
  readonly isNewDevice: boolean
}

export type SignedIn = HandedOut & {
  /** Attested people on the same phone besides this one. */
  readonly others: readonly { readonly id: string; readonly name: string | undefined }[]
  /** First time here, and without a name: ask for one, once. */
  readonly isNewcomer: boolean
  /** To be kept in the device cookie; undefined when the browser has one already or is shared. */
  readonly deviceToken: string | undefined
}

export type StartSessionNeeds = {
  readonly keyring: Keyring
  readonly accessTokens: AccessTokens
  readonly sessionDirectory: SessionDirectory
  readonly config: { readonly sessions: SessionsConfig }
}

/** Signs in by a proof that `commit` takes, together with the session; it refuses where there is none. */
export async function startSession(
  needs: StartSessionNeeds,
  wanted: WantedSession,
  commit: (session: NewSession) => Promise<Committed>,
): Promise<SignedIn> {
  const { config, sessionDirectory } = needs
  const device = newDeviceToken(wanted)
  const mark = sessionDirectory.mark()
  const wantedSession = newSession(
    config.sessions,
    wanted,
    device === undefined ? undefined : secretHash(device),
  )
  const { session, others, isNewcomer, isNewDevice } = await commit(wantedSession)
  sessionDirectory.remember(session, mark)
  if (wanted.replacesSessionId !== undefined) sessionDirectory.revoke({ sessionId: wanted.replacesSessionId })
  return {
    ...handedOut(needs, session),
    ...{ others, isNewcomer, deviceToken: isNewDevice ? device : undefined },
  }
}

/** A secret for the device cookie. A program at the API is no browser to remember, and a shared computer is not to be. */
function newDeviceToken({ caller, isShared }: WantedSession): string | undefined {
  return isShared || caller.door !== 'pages' ? undefined : randomSecret()
}

/** How long the session of somebody who has just proved who they are may live. */
function newSession(
  config: SessionsConfig,
  { isShared, replacesSessionId }: WantedSession,
  newDeviceHash: Buffer | undefined,
): NewSession {
  const day = 86_400
  return {
    isShared,
    idleSeconds: isShared ? config.shared_idle_minutes * 60 : config.idle_days * day,
    lifeSeconds: isShared ? config.shared_life_hours * 3600 : config.life_days * day,
    adminLifeSeconds: config.admin_life_hours * 3600,
    sessionsMax: config.max_per_person,
    replacesSessionId,
    newDeviceHash,
    deviceDays: config.device_days,
  }
}
