import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { ApiKey } from '../domain/access/api-key-store.ts'
import type { Caller } from '../domain/access/caller.ts'
import type { CodeRequest, CodeRequested } from '../domain/otp/request-code.ts'
import type { CodeAnswer, SignedIn } from '../domain/otp/verify-code.ts'
import type { Refreshed } from '../domain/sessions/refresh-session.ts'
import type { Session, SessionSummary } from '../domain/sessions/session.ts'
import type { CookieNames } from '../http/cookies.ts'
import type { Credentials } from '../http/credentials.ts'

/** What the API needs of the rest, each already bound to what it works on. */
export type ApiNeeds = {
  readonly config: {
    readonly phone: { readonly default_region: string }
    readonly pages: { readonly default_locale: 'es' | 'pt-BR' | 'en' }
    readonly api: { readonly allowed_origins: readonly string[] }
  }
  readonly credentials: Credentials
  readonly cookieNames: CookieNames
  readonly isSecure: boolean
  readonly now: () => number
  /** In tests and development a refusal that a route does not list is a bug. */
  readonly isStrict: boolean
  requestCode(request: CodeRequest): Promise<CodeRequested>
  verifyCode(answer: CodeAnswer): Promise<SignedIn>
  refreshSession(token: string): Promise<Refreshed>
  listSessions(personId: string): Promise<readonly SessionSummary[]>
  endSession(by: { personId: string; sessionId: string }): Promise<void>
  endAllSessions(personId: string): Promise<number>
  /** The API key of a request; undefined without `Authorization`. Refuses with `invalid_api_key`, `scope_missing`. */
  apiKeyOf(headers: IncomingHttpHeaders, scope: 'otp'): Promise<ApiKey | undefined>
  callerOf(req: IncomingMessage, door: Caller['door'], apiKeyId?: string): Caller
  /** Origins that are this Portero itself, for this request. */
  ownOrigins(req: IncomingMessage): readonly string[]
  /** Refuses with `insecure_transport` where signing in would send secrets in the clear. */
  requireSafeTransport(req: IncomingMessage): void
  sessionCookies(session: Session, accessToken: string): string[]
  jwks(): { keys: Record<string, string>[] }
  /** Whether requests can be answered: the database is there and revocations are heard. */
  isReady(): Promise<boolean>
}
