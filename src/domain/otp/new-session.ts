import { randomSecret } from '../../lib/random-secret.ts'
import type { Caller } from '../access/caller.ts'
import type { SessionsConfig } from '../sessions/sessions-config.ts'
import type { NewSession } from './challenge-store.ts'

/** What a browser says about the session that it is to get. */
export type WantedSession = {
  readonly caller: Caller
  readonly isShared: boolean
  /** The session that this browser is in now; it ends when the new one starts. */
  readonly replacesSessionId: string | undefined
}

/** A secret for the device cookie. A program at the API is no browser to remember, and a shared computer is not to be. */
export function newDeviceToken({ caller, isShared }: WantedSession): string | undefined {
  return isShared || caller.door !== 'pages' ? undefined : randomSecret()
}

/** How long the session of somebody who has just proved who they are may live. */
export function newSession(
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
