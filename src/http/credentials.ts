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
/** Longer `Cookie` headers are read anew each time, so that what is remembered stays small. */
const rememberedLengthMax = 2048
const renewBeforeSeconds = 300

/** What a `Cookie` header with a session cookie of ours says. */
type ReadCookies = { readonly sessionId: string; readonly tokenDueAtSeconds: number }

/** A session that a request could speak for, by one of its credentials. */
type Candidate = {
  readonly sessionId: string
  /** Of the token that names it; undefined for the session cookie. */
  readonly claims: AccessClaims | undefined
  readonly isTokenCookieDue: boolean
}

/** Opens the reader of credentials. It remembers the headers that it has checked, which a browser sends again and again. */
export function openCredentials(needs: Needs): Credentials {
  const { accessTokens, sessionDirectory, cookieNames, now } = needs
  const remembered = new Map<string, ReadCookies>()
  const seen = new Map<string, number>()

  const remember = (header: string, read: ReadCookies): void => {
    if (header.length > rememberedLengthMax) return
    if (remembered.size >= rememberedMax) remembered.delete(remembered.keys().next().value!)
    remembered.set(header, read)
  }
  const isTokenDue = (read: ReadCookies): boolean => now() / 1000 >= read.tokenDueAtSeconds

  /** Everything that the request brings, the strongest first. */
  const candidatesOf = (headers: IncomingHttpHeaders, bearer: AccessClaims | undefined): Candidate[] => {
    const candidates: Candidate[] = []
    const cookies = parseCookies(headers.cookie)
    const cookie = cookies.get(cookieNames.session)
    const sessionId = cookie === undefined ? undefined : readSessionCredential(needs.keyring, cookie)
    const token = cookies.get(cookieNames.token)
    const claims = token === undefined ? undefined : accessTokens.read(token)
    if (sessionId !== undefined) {
      // Beside a session cookie the token is not asked: of the same session it says nothing new, of another it is ignored.
      const isFresh = claims?.sessionId === sessionId
      const read = {
        sessionId,
        tokenDueAtSeconds: isFresh ? claims.expiresAtSeconds - renewBeforeSeconds : 0,
      }
      remember(headers.cookie!, read)
      candidates.push({ sessionId, claims: undefined, isTokenCookieDue: isTokenDue(read) })
    } else if (claims !== undefined) {
      candidates.push({ sessionId: claims.sessionId, claims, isTokenCookieDue: false })
    }
    if (bearer !== undefined)
      candidates.push({ sessionId: bearer.sessionId, claims: bearer, isTokenCookieDue: false })
    return candidates
  }

  const noteSeen = (session: Session, { generation }: AccessClaims): void => {
    if ((seen.get(session.id) ?? 0) >= generation) return
    if (seen.size >= rememberedMax) seen.delete(seen.keys().next().value!)
    seen.set(session.id, generation)
    needs.onGenerationSeen(session, generation)
  }

  /** The first of the candidates that is alive. */
  const firstLive = (
    candidates: readonly Candidate[],
    at: number,
    hasOwnBearer: boolean,
  ): Identity | undefined | Promise<Identity | undefined> => {
    const candidate = candidates[at]
    if (candidate === undefined) return undefined
    const { sessionId, claims, isTokenCookieDue } = candidate
    const settle = (session: Session | undefined): Identity | undefined | Promise<Identity | undefined> => {
      // A token that names another person than its session does is none of ours, whoever signed it.
      const isTheirs = claims === undefined || claims.personId === session?.person.id
      if (session === undefined || !isTheirs) return firstLive(candidates, at + 1, hasOwnBearer)
      if (claims !== undefined) noteSeen(session, claims)
      return { session, isTokenCookieDue, hasOwnBearer }
    }
    const found = sessionDirectory.find(sessionId)
    return found instanceof Promise ? found.then(settle) : settle(found)
  }

  /** The everyday case at no cost: a header that was read before, nothing beside it, and its session in memory. */
  const identifyAgain = ({ cookie, authorization }: IncomingHttpHeaders): Identity | undefined => {
    const read = cookie === undefined || authorization !== undefined ? undefined : remembered.get(cookie)
    if (read === undefined) return undefined
    const session = sessionDirectory.find(read.sessionId)
    if (session === undefined || session instanceof Promise) return undefined
    return { session, isTokenCookieDue: isTokenDue(read), hasOwnBearer: false }
  }

  return {
    identify(headers) {
      const again = identifyAgain(headers)
      if (again !== undefined) return again
      const token = bearerOf(headers.authorization)
      const bearer = token === undefined ? undefined : accessTokens.read(token)
      return firstLive(candidatesOf(headers, bearer), 0, bearer !== undefined)
    },
  }
}

/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1); undefined for any other scheme or shape. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +([\w.~+/=-]{1,4096})$/i.exec(authorization ?? '')?.[1]
}
