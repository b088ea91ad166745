import { randomSecret, secretHash } from '../../lib/random-secret.ts'
import { type Caller, deviceHashOf } from '../access/caller.ts'
import { Refusal } from '../errors.ts'
import type { Locale } from '../locale.ts'
import type { Channel } from '../messaging/channel.ts'
import type { Deliver } from '../messaging/deliver.ts'
import { callSeconds } from '../messaging/delivery-store.ts'
import { describePhone } from '../phones/phone-facts.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import { requireReachable } from '../phones/reachable-phone.ts'
import type { Keyring } from '../tokens/keyring.ts'
import type { ChallengeStore } from './challenge-store.ts'
import { type Digits, deriveCode } from './code-key.ts'
import { freshCode } from './fresh-code.ts'
import type { LimitsConfig } from './limits-config.ts'
import type { OtpConfig } from './otp-config.ts'
import { sendBudgets } from './send-budgets.ts'
import { readServiceBudget } from './service-budget.ts'

/** Who may try the challenge: whoever asks from the same address or key, one browser by its cookie, or whoever has its id. */
export type Hold = 'asker' | 'browser' | 'id'

export type CodeRequest = {
  readonly phone: PhoneNumber
  /** The first one that can be sent when not given. */
  readonly channel: Channel | undefined
  readonly locale: Locale
  readonly caller: Caller
  readonly hold: Hold
  /** The challenge that this caller holds already: it is resent if it is alive and of the same phone. */
  readonly holds: { readonly challengeId: string; readonly secret: string } | undefined
}

export type CodeRequested = {
  readonly challengeId: string
  readonly phone: PhoneNumber
  readonly channel: Channel
  readonly digits: Digits
  readonly expiresInSeconds: number
  readonly resendInSeconds: number
  /** False when it was asked too early: nothing was sent and nothing charged. */
  readonly isSent: boolean
  /** What the caller must keep to try this challenge: given for a new one held by a browser. */
  readonly holdSecret: string | undefined
  /** The code itself, in demo mode only. */
  readonly code: string | undefined
}

type Needs = {
  challengeStore: ChallengeStore
  keyring: Keyring
  deliver: Deliver
  demo: { readonly on: boolean }
  config: {
    otp: OtpConfig
    limits: LimitsConfig
    phone: { allowed_regions: readonly string[] }
    people: { admission: 'open' | 'known' | 'approval' }
  }
}

/**
 * Asks for a code to a phone: makes a challenge or resends the one that the caller has, within every budget, and sets the
 * delivery going without waiting for it. Answers the same whether or not the number is known.
 *
 * Refuses with `country_not_allowed`, `phone_not_reachable`, `channel_not_available` before anything is stored or sent,
 * and with `too_many_codes`, charging nobody.
 */
export async function requestCode(needs: Needs, request: CodeRequest): Promise<CodeRequested> {
  const { phone, caller, locale } = request
  const { otp, limits } = needs.config
  const channel = chooseChannel(needs.deliver.channels, request.channel)
  requireReachable(phone, { allowedRegions: needs.config.phone.allowed_regions, channel })
  const { region = 'ZZ', prefix } = describePhone(phone)
  const { digitsMin, strangersWaitSeconds } = await readServiceBudget(needs, { region, prefix })

  const challengeId = randomSecret()
  const holdSecret =
    request.hold === 'browser' ? randomSecret() : request.hold === 'id' ? challengeId : undefined
  const answer = await needs.challengeStore.requestChallenge({
    phone,
    region,
    prefix,
    channel,
    provider: needs.deliver.providerOf(channel),
    locale,
    caller,
    holdHash: holdSecret === undefined ? undefined : secretHash(holdSecret),
    resends: request.holds && {
      challengeId: request.holds.challengeId,
      holdHash: secretHash(request.holds.secret),
    },
    deviceHash: deviceHashOf(caller),
    fresh: freshCode(needs.keyring.current, phone, challengeId),
    ttlSeconds: otp.ttl_seconds,
    lifeMaxSeconds: otp.life_max_seconds,
    triesMax: otp.tries,
    resendAfterSeconds: otp.resend_after_seconds,
    longCodeAfterGuesses: otp.long_code_after_guesses,
    digitsMin,
    budgets: sendBudgets(limits, otp, caller.budgetFactor),
    strangersWaitSeconds,
    admission: needs.config.people.admission,
    callSeconds,
  })
  if (answer.outcome === 'refused')
    throw new Refusal('too_many_codes', { retryAfterSeconds: answer.retryAfterSeconds })

  const key = needs.keyring.find(answer.seed.keyId)
  if (key === undefined)
    throw new Error(`the key ${answer.seed.keyId} of a live challenge is not in the keyring`)
  // Derived whether or not it is sent, so that the work is the same for every number.
  const code = deriveCode(key.code, { purpose: 'sign_in', phone, ...answer.seed, digits: answer.digits })
  if (answer.deliveryId !== undefined) {
    needs.deliver.start({
      ref: answer.deliveryId,
      to: phone,
      channel,
      code,
      locale,
      ttlSeconds: answer.expiresInSeconds,
    })
  }
  return {
    challengeId: answer.seed.challengeId,
    phone,
    channel: answer.channel,
    digits: answer.digits,
    expiresInSeconds: answer.expiresInSeconds,
    resendInSeconds: answer.resendInSeconds,
    isSent: answer.outcome === 'sent',
    holdSecret:
      answer.seed.challengeId === challengeId && request.hold === 'browser' ? holdSecret : undefined,
    code: needs.demo.on ? code : undefined,
  }
}

function chooseChannel(available: readonly Channel[], wanted: Channel | undefined): Channel {
  const channel = wanted ?? available[0]
  if (channel === undefined) throw new Refusal('delivery_unavailable')
  if (!available.includes(channel)) throw new Refusal('channel_not_available')
  return channel
}
