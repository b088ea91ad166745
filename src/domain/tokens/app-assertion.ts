import type { Level } from '../people/person.ts'
import type { Session } from '../sessions/session.ts'
import { signJwt } from './jwt.ts'
import type { Keyring } from './keyring.ts'

/** Not an access token: Portero itself accepts it nowhere. */
const typ = 'portero-identity+jwt'
const lifeSeconds = 60

/** An assertion is handed out again for this long, so that the hot path signs once in a while and not each time. */
const reuseSeconds = 20

export type AppAssertions = {
  /** A signed statement for the app behind of who this is, good for between 40 and 60 seconds. */
  assertionFor(session: Session, level: Level): string
}

type Options = { keyring: Keyring; issuer: string; audience: string; now: () => number }

/**
 * Signs who a person is for the app behind: ES256, checked with the published keys, without the session's id, so that an
 * app that shares the secret of the access tokens, or leaks an assertion, gives nobody a way into Portero.
 */
export function openAppAssertions({ keyring, issuer, audience, now }: Options): AppAssertions {
  const made = new WeakMap<Session, { token: string; level: Level; reusableUntil: number }>()
  return {
    assertionFor(session, level) {
      const ms = now()
      const known = made.get(session)
      if (known !== undefined && known.level === level && ms < known.reusableUntil) return known.token
      const iat = Math.floor(ms / 1000)
      const token = signJwt({ alg: 'ES256', keyring }, typ, {
        iss: issuer,
        aud: audience,
        sub: session.person.id,
        iat,
        exp: iat + lifeSeconds,
        auth_time: Math.floor(session.provedAt / 1000),
        acr: level,
        amr: session.amr,
        phone_number: session.phone,
        phone_number_verified: true,
        email: session.person.email,
        name: session.person.name ?? '',
        role: session.person.role ?? '',
        groups: session.person.groups,
      })
      made.set(session, { token, level, reusableUntil: ms + reuseSeconds * 1000 })
      return token
    },
  }
}
