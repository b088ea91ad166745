import type { Caller } from '../access/caller.ts'
import type { Locale } from '../locale.ts'
import type { Admission } from '../people/person.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { CodeSeed, Digits } from './code-key.ts'
import type { FreshCode } from './fresh-code.ts'

export type InboundStart = {
  /** Of the challenge that it is to become. */
  readonly challengeId: string
  readonly holdHash: Buffer
  readonly tokenHash: Buffer
  /** The phone that has to write; undefined for whichever does. */
  readonly phone: PhoneNumber | undefined
  readonly ttlSeconds: number
  readonly startsPerAddressPerHour: number
  readonly startsPerNetworkPerHour: number
  readonly caller: Caller
}

export type InboundClaim = {
  readonly tokenHash: Buffer
  /** Proved by the channel. */
  readonly phone: PhoneNumber
  readonly writtenAt: Date
  /** What its challenge is made of, with the proofs of both lengths; the store keeps one of them. */
  readonly fresh: FreshCode
  readonly locale: Locale
  readonly ttlSeconds: number
  readonly lifeMaxSeconds: number
  readonly triesMax: number
  readonly liveChallengesMax: number
  readonly longCodeAfterGuesses: number
  readonly digitsMin: Digits
  readonly admission: Admission
}

/** Why a message gets no code. `over`: unknown, expired, or somebody else's by now. */
export type ClaimRefused = 'over' | 'other_phone' | 'blocked' | 'not_admitted' | 'too_many_codes'

export type InboundClaimed =
  | {
      readonly outcome: 'claimed' | 'again'
      readonly seed: CodeSeed
      readonly digits: Digits
      /** Where the browser is that began, for whoever gets the code. */
      readonly address: string
      readonly userAgent: string | undefined
    }
  | { readonly outcome: ClaimRefused }

/** One as the browser sees it that began it, while no message has come. */
export type InboundView = {
  readonly state: 'waiting' | 'over'
  readonly phone: PhoneNumber | undefined
  readonly expiresInSeconds: number
}

/**
 * Sign-ins that wait for a message. Each that is claimed becomes a challenge, held by the browser that began it, of the phone that
 * wrote: from then on it is one like any other (see `ChallengeStore`).
 */
export interface InboundSignInStore {
  /** Begins one. Answers for how many seconds the address has to wait; 0 when it was begun, and only then it is charged. */
  start(start: InboundStart): Promise<number>
  /** Which challenge a message would become; undefined for tokens that are unknown. */
  find(tokenHash: Buffer): Promise<string | undefined>
  /**
   * Takes a message. Of any number at once, from any number of phones, exactly one is `claimed`. The same phone again is told the
   * same code, `again`, while its challenge lives. What is refused spends nothing.
   */
  claim(claim: InboundClaim): Promise<InboundClaimed>
  /** For the browser that holds it; undefined for anybody else, and once it was claimed. */
  read(challengeId: string, holdHash: Buffer): Promise<InboundView | undefined>
}
