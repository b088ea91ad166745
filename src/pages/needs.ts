import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Caller } from '../domain/access/caller.ts'
import type { Locale } from '../domain/locale.ts'
import type { Log } from '../domain/log.ts'
import type { Channel } from '../domain/messaging/channel.ts'
import type { ChallengeView } from '../domain/otp/challenge-store.ts'
import type { InboundView } from '../domain/otp/inbound-sign-in-store.ts'
import type { CodeRequest, CodeRequested } from '../domain/otp/request-code.ts'
import type { SignedIn, WantedSession } from '../domain/otp/start-session.ts'
import type { CodeAnswer } from '../domain/otp/verify-code.ts'
import type { Admission } from '../domain/people/person.ts'
import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import type { Session, SessionSummary } from '../domain/sessions/session.ts'
import type { OtherPerson } from '../domain/sessions/session-store.ts'
import type { LinkView } from '../domain/sessions/sign-in-link-store.ts'
import type { Switched } from '../domain/sessions/switch-person.ts'
import type { AppSession } from '../domain/upstream/app-accounts.ts'
import type { Identity } from '../http/credentials.ts'
import type { HeldChallenge } from '../http/flow-cookie.ts'
import type { BrandConfig } from './look.ts'

/** What the pages are told by the configuration. */
export type PagesSettings = {
  readonly brand: Omit<BrandConfig, 'logo'>
  /** The file of the logo, served at `/_portero/logo`. */
  readonly logo: { readonly contentType: string; readonly bytes: Buffer } | undefined
  readonly defaultLocale: Locale
  /** ISO 3166 region that numbers are read in and that stands first. */
  readonly defaultRegion: string
  /** ISO 3166 regions to choose from. */
  readonly allowedRegions: readonly string[]
  /** In the order in which they are offered. */
  readonly channels: readonly Channel[]
  readonly admission: Admission
  readonly triesMax: number
  readonly deviceDays: number
  readonly demo: { readonly on: boolean; readonly asked: boolean }
}

/** The app behind, as far as it has sessions of its own, which are handed to the browser. */
export type AppBehind = {
  /** Name of the cookie that holds its session; undefined for an app without, or one that is not known yet. */
  sessionCookie(): string | undefined
  /** Signs the person of a session in with the app, for one browser. Refuses as the app's accounts do. */
  enter(session: Session): Promise<AppSession>
}

/** Signing in by a message to the organisation. */
export type Whatsapp = {
  /** The number that people write to; undefined in the demo, where a simulated phone does. */
  readonly number: PhoneNumber | undefined
  /** Refuses as `startInboundSignIn` does. */
  start(request: { readonly phone: PhoneNumber | undefined; readonly caller: Caller }): Promise<HeldChallenge>
  read(held: HeldChallenge): Promise<InboundView | undefined>
}

/** Everything that the pages ask of the rest of Portero. */
export type PagesNeeds = {
  readonly log: Log
  readonly settings: PagesSettings
  requestCode(request: CodeRequest): Promise<CodeRequested>
  readChallenge(held: HeldChallenge): Promise<ChallengeView | undefined>
  verifyCode(answer: CodeAnswer): Promise<SignedIn>
  /** Undefined where nobody can write to the organisation. */
  readonly whatsapp: Whatsapp | undefined
  /** Whose account a link of the bot opens; undefined for one that opens nothing. Spends nothing. */
  readLink(token: string, caller: Caller): Promise<LinkView | undefined>
  /** Refuses with `invalid_token`. */
  redeemLink(token: string, wanted: WantedSession): Promise<SignedIn>
  identify(headers: IncomingHttpHeaders): Identity | undefined | Promise<Identity | undefined>
  /** `Set-Cookie` values that sign a browser in. */
  sessionCookies(session: Session, accessToken: string): readonly string[]
  issueAccessToken(session: Session): { readonly token: string }
  /** The live session of an access token issued at most five minutes ago; undefined for any other text. */
  readSigninToken(token: string): Promise<Session | undefined>
  listSessions(personId: string): Promise<readonly SessionSummary[]>
  endSession(by: { readonly personId: string; readonly sessionId: string }): Promise<void>
  endAllSessions(personId: string): Promise<void>
  /** Who else may be chosen on the phone of a session. */
  listOthers(sessionId: string): Promise<readonly OtherPerson[]>
  /** Refuses with `person_not_here`, `proof_too_old`, `session_not_found`. */
  switchPerson(by: {
    readonly sessionId: string
    readonly personId: string
    readonly caller: Caller
  }): Promise<Switched>
  /** Refuses with `invalid_name`. */
  nameSelf(personId: string, name: string): Promise<void>
  forgetDevice(deviceToken: string): Promise<void>
  readonly app: AppBehind
  /** The session that a sign-out ticket may end; undefined for any other text. */
  readSignOutTicket(ticket: string): string | undefined
  callerOf(req: IncomingMessage): Caller
  /** The origin that browsers know us by, such as `https://in.example.org`. */
  originOf(req: IncomingMessage): string
  isSecure(req: IncomingMessage): boolean
  /** Under which the log, the access log and the page know this request. */
  referenceOf(req: IncomingMessage): string
  readonly now: () => number
}
