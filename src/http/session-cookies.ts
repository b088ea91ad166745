import type { Session } from '../domain/sessions/session.ts'
import type { Keyring } from '../domain/tokens/keyring.ts'
import { sessionCredential } from '../domain/tokens/session-credential.ts'
import { cookieNames, serializeCookie } from './cookies.ts'

type Needs = { isSecure: boolean; now: () => number }

/** The `Set-Cookie` values that sign a browser in: the session, and the JWT under the seed's name. */
export function sessionCookies(
  needs: Needs & { keyring: Keyring },
  session: Session,
  accessToken: string,
): string[] {
  const { isSecure } = needs
  const maxAgeSeconds = session.isShared ? undefined : Math.max(0, (session.endsAt - needs.now()) / 1000)
  const value = sessionCredential(needs.keyring, session.id)
  return [
    serializeCookie(cookieNames(isSecure).session, value, { maxAgeSeconds, isSecure }),
    tokenCookie(needs, session, accessToken),
  ]
}

/** The `Set-Cookie` value with the JWT alone. It outlives the token, so that a stale one is seen and renewed. */
export function tokenCookie(needs: Needs, session: Session, accessToken: string): string {
  const { isSecure } = needs
  const maxAgeSeconds = session.isShared ? undefined : Math.max(0, (session.endsAt - needs.now()) / 1000)
  return serializeCookie(cookieNames(isSecure).token, accessToken, { maxAgeSeconds, isSecure })
}
