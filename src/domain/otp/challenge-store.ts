import type { Caller } from '../access/caller.ts'
import type { Locale } from '../locale.ts'
import type { Channel } from '../messaging/channel.ts'
import type { Admission } from '../people/person.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { Session } from '../sessions/session.ts'
import type { CodeSeed, Digits } from './code-key.ts'
import type { FreshCode } from './fresh-code.ts'

/** Under which budgets a request counts; `undefined` in a slot lifts nothing, every number is exact. */
export type SendBudgets = {
  readonly phoneSends: readonly { withinSeconds: number; max: number }[]
  readonly phoneSendsPerAddressPerDay: number
  readonly deviceSends: readonly { withinSeconds: number; max: number }[]
  readonly deviceGuessesPerDay: number
  readonly addressSends: readonly { withinSeconds: number; max: number }[]
  readonly networkSendsPerHour: number
  readonly liveChallengesMax: number
}

export type ChallengeRequest = {
  readonly phone: PhoneNumber
  readonly region: string
  readonly prefix: string
  readonly channel: Channel
  readonly provider: string
  readonly locale: Locale
  readonly caller: Caller
  /** Hash of what must be shown to try this challenge; undefined for one that is not held. */
  readonly holdHash: Buffer | undefined
  /** The challenge that the caller says it holds, to be resent instead of making a new one. */
  readonly resends: { readonly challengeId: string; readonly holdHash: Buffer } | undefined
  readonly deviceHash: Buffer | undefined
  /** What a new challenge would be made of, with the proofs of both lengths; the store keeps one of them. */
  readonly fresh: FreshCode
  readonly ttlSeconds: number
  readonly lifeMaxSeconds: number
  readonly triesMax: number
  readonly resendAfterSeconds: readonly number[]
  readonly longCodeAfterGuesses: number
  /** 8 while the whole service is under attack. */
  readonly digitsMin: Digits
  readonly budgets: SendBudgets
  /** Above 0 while the service, the country or the prefix has had its share: then only known browsers are sent codes. */
  readonly strangersWaitSeconds: number
  readonly admission: Admission
  /** For how long this process may take to hand the message over. */
  readonly callSeconds: number
}

export type ChallengeRequested =
  | {
      readonly outcome: 'sent' | 'too_early'
      readonly seed: CodeSeed
      readonly channel: Channel
      readonly digits: Digits
      readonly expiresInSeconds: number
      readonly resendInSeconds: number
      /** The delivery to make, already claimed by this process; undefined when nothing goes out. */
      readonly deliveryId: string | undefined
    }
  | { readonly outcome: 'refused'; readonly retryAfterSeconds: number }

export type ChallengeAnswer = {
  readonly phone: PhoneNumber
  readonly challengeId: string | undefined
  readonly holdHash: Buffer | undefined
  /** For each live key, the proof that the typed code has on this phone. */
  readonly proofs: readonly { readonly keyId: string; readonly proof: Buffer }[]
  readonly caller: Caller
  readonly deviceHash: Buffer | undefined
  readonly deviceGuessesPerDay: number
  readonly addressGuesses: { readonly withinSeconds: number; readonly max: number }
  readonly admission: Admission
  readonly idleLinkDays: number
  readonly session: NewSession
}

/** How long a session that a right code opens may live, and what it replaces. */
export type NewSession = {
  readonly isShared: boolean
  readonly idleSeconds: number
  readonly lifeSeconds: number
  /** People with this role live `adminLifeSeconds` at the most. */
  readonly adminLifeSeconds: number
  readonly sessionsMax: number
  readonly replacesSessionId: string | undefined
  /** Hash of a new device secret, to be kept if this browser has none that we gave it; undefined on a shared computer. */
  readonly newDeviceHash: Buffer | undefined
  readonly deviceDays: number
}

export type ChallengeVerified =
  | {
      readonly outcome: 'signed_in'
      readonly session: Session
      readonly isNewcomer: boolean
      /** Whether `newDeviceHash` was kept, so that its secret belongs in the device cookie. */
      readonly isNewDevice: boolean
      readonly others: readonly { readonly id: string; readonly name: string | undefined }[]
    }
  | { readonly outcome: 'wrong' | 'waiting' | 'blocked' | 'not_admitted' }
  | { readonly outcome: 'too_many_tries'; readonly retryAfterSeconds: number }

/** A challenge as the browser that holds it may see it. */
export type ChallengeView = {
  readonly id: string
  readonly phone: PhoneNumber
  readonly channel: Channel
  readonly digits: Digits
  readonly state: 'live' | 'expired' | 'exhausted' | 'used'
  readonly triesLeft: number
  readonly expiresInSeconds: number
  readonly resendInSeconds: number
  /** It began with a message of the person, which was answered with the code: nothing has been sent unasked. */
  readonly isInbound: boolean
}

/**
 * Where challenges live. Each of the first two is one atomic step in one round trip: it locks the guard of the phone,
 * then reads the clock of the database, then decides. Many callers at once are served one after the other for each phone.
 */
export interface ChallengeStore {
  /**
   * Makes or resends a challenge and takes its place in every budget, all or nothing: a refusal charges nobody.
   * The answer does not depend on whether the phone is known; when it is not admitted, nothing is left to deliver.
   */
  requestChallenge(request: ChallengeRequest): Promise<ChallengeRequested>
  /**
   * Compares at most `triesMax` codes for one challenge and lets exactly one right one through, whatever runs at once;
   * that one has its session committed when this resolves. `wrong` is the same for a wrong, dead, used or unknown challenge.
   */
  verifyChallenge(answer: ChallengeAnswer): Promise<ChallengeVerified>
  /** What the holder sees; undefined for anyone else, and once the row has been swept. */
  readChallenge(id: string, holdHash: Buffer): Promise<ChallengeView | undefined>
  /** Sends and wrong guesses of the last hour: of the service, one country, and one prefix. May be a second old. */
  readTotals(region: string, prefix: string): Promise<ServiceTotals>
}

/** What has happened within the last hour and the last day. */
export type ServiceTotals = {
  readonly sendsHour: number
  readonly sendsDay: number
  readonly regionSendsHour: number
  readonly regionSendsDay: number
  readonly prefixSendsHour: number
  readonly wrongGuessesHour: number
}
