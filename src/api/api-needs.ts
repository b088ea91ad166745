import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { ApiKey, Scope } from '../domain/access/api-key-store.ts'
import type { Caller } from '../domain/access/caller.ts'
import type { ChatAnswer, IncomingMessage as ChatMessage } from '../domain/chat/chat-store.ts'
import type { CodeRequest, CodeRequested } from '../domain/otp/request-code.ts'
import type { SignedIn } from '../domain/otp/start-session.ts'
import type { CodeAnswer } from '../domain/otp/verify-code.ts'
import type { Belongs } from '../domain/people/person.ts'
import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import type { RecognisedForProgram } from '../domain/recognition/recognise-for-program.ts'
import type { LinkOutcome, NamedPerson } from '../domain/recognition/recognition-store.ts'
import type { HandedOut } from '../domain/sessions/handed-out.ts'
import type { Session, SessionSummary } from '../domain/sessions/session.ts'
import type { Switched } from '../domain/sessions/switch-person.ts'
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
  /** Whether this is a demo, where a program needs no key to write to the bot. */
  readonly isDemo: boolean
  /** In tests and development a refusal that a route does not list is a bug. */
  readonly isStrict: boolean
  requestCode(request: CodeRequest): Promise<CodeRequested>
  verifyCode(answer: CodeAnswer): Promise<SignedIn>
  refreshSession(token: string): Promise<HandedOut>
  listSessions(personId: string): Promise<readonly SessionSummary[]>
  endSession(by: { personId: string; sessionId: string }): Promise<void>
  endAllSessions(personId: string): Promise<number>
  /** Refuses with `person_not_here`, `proof_too_old`, `session_not_found`. */
  switchPerson(by: { sessionId: string; personId: string; caller: Caller }): Promise<Switched>
  /** The API key of a request; undefined without `Authorization`. Refuses with `invalid_api_key`, `scope_missing`. */
  apiKeyOf(headers: IncomingHttpHeaders, scope: Scope): Promise<ApiKey | undefined>
  /** Who writes from a phone; logged, and noted as a use. */
  recognise(phone: PhoneNumber): Promise<RecognisedForProgram>
  linkPhone(phone: PhoneNumber, personId: string, belongs: Belongs): Promise<LinkOutcome>
  /** One person, or everybody; answers how many were forgotten. */
  forgetPhone(phone: PhoneNumber, personId: string | undefined): Promise<number>
  touchPhone(phone: PhoneNumber): Promise<boolean>
  readPerson(personId: string): Promise<NamedPerson | undefined>
  /** Gives the chats of a phone back to the bot; answers how many people of the organisation had. */
  giveBackChats(phone: PhoneNumber): Promise<number>
  /** Takes a message in and resolves with what it came to. */
  answerMessage(message: ChatMessage): Promise<ChatAnswer>
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
