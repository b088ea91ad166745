import type { IncomingHttpHeaders } from 'node:http'
import type { Session } from '../domain/sessions/session.ts'
import type { SessionDirectory } from '../domain/sessions/session-directory.ts'
import type { AccessClaims, AccessTokens } from '../domain/tokens/access-token.ts'
import type { Keyring } from '../domain/tokens/keyring.ts'
import { readSessionCredential } from '../domain/tokens/session-credential.ts'
import { type CookieNames, parseCookies } from './cookies.ts'

/** Whom a request speaks for. */
export type Identity = {
  readonly session: Session
  /** Whether its `Authorization` holds a token of ours, which is nobody else's business. */
  readonly hasOwnBearer: boolean
  /** Whether the cookie with the JWT is missing or will soon expire, so that the next answer should bring a new one. */
  readonly isTokenCookieDue: boolean
}

/** What knows the credentials of requests. */
export type Credentials = {
  /**
   * Whom a request speaks for; undefined for nobody. The session cookie comes first; then the cookie with the JWT, unless
   * both name different sessions; `Authorization` counts only when no cookie is live and the token is ours.
   *
   * Answers at once when the session is in memory, which is the hot path. Throws or rejects with `revocations_unknown` or
   * `database_unavailable`: then the door stays shut.
   */
  identify(headers: IncomingHttpHeaders): Identity | undefined | Promise<Identity | undefined>
}

type Needs = {
  keyring: Keyring
  accessTokens: AccessTokens
  sessionDirectory: SessionDirectory
  /** Told when a token of a generation is used for the first time in this process. */
  onGenerationSeen: (session: Session, generation: number) => void
  cookieNames: CookieNames
  now: () => number
}

const rememberedMax = 10_000
const renewBeforeSeconds = 300

/** Opens the reader of credentials. It remembers which cookie values it has checked, so that a known one costs no HMAC. */
export function openCredentials(needs: Needs): Credentials {
  const { accessTokens, sessionDirectory, cookieNames, now } = needs
  const checked = new Map<string, CheckedCookie>()
  const seen = new Map<string, number>()

  const check = (value: string): CheckedCookie | undefined => {
    const known = checked.get(value)
    if (known !== undefined) return known
    const sessionId = readSessionCredential(needs.keyring, value)
    if (sessionId === undefined) return undefined
    if (checked.size >= rememberedMax) checked.delete(checked.keys().next().value!)
    const cookie = { sessionId, token: undefined, expiresAtSeconds: 0 }
    checked.set(value, cookie)
    return cookie
  }

  const isTokenDue = (cookie: CheckedCookie, token: string | undefined): boolean => {
    if (token === undefined) return true
    // A browser sends the same two cookies again and again, and to compare a token is much cheaper than to look it up.
    if (token !== cookie.token) {
      const claims = accessTokens.read(token)
      if (claims?.sessionId !== cookie.sessionId) return true
      cookie.token = token
      cookie.expiresAtSeconds = claims.expiresAtSeconds
    }
    return cookie.expiresAtSeconds - now() / 1000 < renewBeforeSeconds
  }

  const noteSeen = (session: Session, { generation }: AccessClaims): void => {
    if ((seen.get(session.id) ?? 0) >= generation) return
    if (seen.size >= rememberedMax) seen.delete(seen.keys().next().value!)
    seen.set(session.id, generation)
    needs.onGenerationSeen(session, generation)
  }

  /** Finds the session behind the first of the candidates that is alive. */
  const firstLive = (
    candidates: readonly Candidate[],
    at: number,
    hasOwnBearer: boolean,
  ): Identity | undefined | Promise<Identity | undefined> => {
    const candidate = candidates[at]
    if (candidate === undefined) return undefined
    const { sessionId, claims, isTokenCookieDue } = candidate
    const settle = (session: Session | undefined): Identity | undefined | Promise<Identity | undefined> => {
      if (session === undefined) return firstLive(candidates, at + 1, hasOwnBearer)
      if (claims !== undefined) noteSeen(session, claims)
      return { session, isTokenCookieDue, hasOwnBearer }
    }
    const found = sessionDirectory.find(sessionId)
    return found instanceof Promise ? found.then(settle) : settle(found)
  }

  return {
    identify(headers) {
      const cookies = parseCookies(headers.cookie)
      const cookie = cookies.get(cookieNames.session)
      const known = cookie === undefined ? undefined : check(cookie)
      const token = cookies.get(cookieNames.token)
      const candidates: Candidate[] = []
      if (known !== undefined) {
        const { sessionId } = known
        candidates.push({ sessionId, claims: undefined, isTokenCookieDue: isTokenDue(known, token) })
      } else if (token !== undefined) {
        // Beside a session cookie it is not asked: of the same session it says nothing new, of another it is ignored.
        const claims = accessTokens.read(token)
        if (claims !== undefined)
          candidates.push({ sessionId: claims.sessionId, claims, isTokenCookieDue: false })
      }
      const bearer = bearerOf(headers.authorization)
      const bearerClaims = bearer === undefined ? undefined : accessTokens.read(bearer)
      if (bearerClaims !== undefined) {
        candidates.push({
          sessionId: bearerClaims.sessionId,
          claims: bearerClaims,
          isTokenCookieDue: false,
        })
      }
      return firstLive(candidates, 0, bearerClaims !== undefined)
    },
  }
}

/** A session cookie that Portero wrote, and the JWT of the same session that last came with it. */
type CheckedCookie = { readonly sessionId: string; token: string | undefined; expiresAtSeconds: number }

type Candidate = { sessionId: string; claims: AccessClaims | undefined; isTokenCookieDue: boolean }

/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1); undefined for any other scheme or shape. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +([\w.~+/=-]{1,4096})$/i.exec(authorization ?? '')?.[1]
}
