import type { ReplySecret } from '../conversation/reply-secret.ts'
import type { Locale } from '../locale.ts'
import { describePhone } from '../phones/phone-facts.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import { isReachable } from '../phones/reachable-phone.ts'
import type { Keyring } from '../tokens/keyring.ts'
import type { ChallengeStore } from './challenge-store.ts'
import { freshCode } from './fresh-code.ts'
import type { ClaimRefused, InboundSignInStore } from './inbound-sign-in-store.ts'
import type { LimitsConfig } from './limits-config.ts'
import type { OtpConfig } from './otp-config.ts'
import { readServiceBudget } from './service-budget.ts'
import { findTokens, tokenHash } from './sign-in-token.ts'

type Needs = {
  inboundSignInStore: Pick<InboundSignInStore, 'find' | 'claim'>
  challengeStore: Pick<ChallengeStore, 'readTotals'>
  keyring: Keyring
  now: () => number
  config: {
    otp: OtpConfig
    limits: LimitsConfig
    phone: { allowed_regions: readonly string[] }
    people: { admission: 'open' | 'known' | 'approval' }
  }
}

/** A message of a phone that the channel has proved. */
export type InboundMessage = {
  readonly text: string
  readonly phone: PhoneNumber
  readonly writtenAt: Date
  readonly locale: Locale
}

export type InboundAnswer =
  | {
      readonly outcome: 'code'
      readonly secret: ReplySecret
      readonly address: string
      readonly userAgent: string | undefined
    }
  | { readonly outcome: ClaimRefused | 'country_not_allowed' }

/** Whether a text has what a browser waits for, or waited for a day or two ago. */
export async function isSignInMessage(
  { inboundSignInStore }: Pick<Needs, 'inboundSignInStore'>,
  text: string,
): Promise<boolean> {
  return (await lookFor(inboundSignInStore, text)) !== undefined
}

/**
 * Takes a message that a browser waits for: it becomes that browser's challenge, and the code is for whoever wrote. So the message
 * alone signs nobody in, and a code that is passed on is one that somebody was told not to pass on. Undefined for every other
 * text, one that only looks like ours among them. What nobody waits for any more is `over`, for as long as that is known.
 */
export async function claimInboundSignIn(
  needs: Needs,
  { text, phone, writtenAt, locale }: InboundMessage,
): Promise<InboundAnswer | undefined> {
  const found = await lookFor(needs.inboundSignInStore, text)
  if (found === undefined) return undefined
  const { token, challengeId } = found
  const { otp, people, phone: reach } = needs.config
  if (!isReachable(phone, { allowedRegions: reach.allowed_regions, channel: 'whatsapp' }))
    return { outcome: 'country_not_allowed' }
  const { region = 'ZZ', prefix } = describePhone(phone)
  const { digitsMin } = await readServiceBudget(needs, { region, prefix })
  const claimed = await needs.inboundSignInStore.claim({
    ...{ tokenHash: tokenHash(token), phone, writtenAt, locale, digitsMin },
    fresh: freshCode(needs.keyring.current, phone, challengeId),
    ttlSeconds: otp.ttl_seconds,
    lifeMaxSeconds: otp.life_max_seconds,
    triesMax: otp.tries,
    liveChallengesMax: otp.live_challenges,
    longCodeAfterGuesses: otp.long_code_after_guesses,
    admission: people.admission,
  })
  if (!('seed' in claimed)) return { outcome: claimed.outcome }
  const { seed, digits, address, userAgent } = claimed
  return {
    ...{ outcome: 'code', address, userAgent },
    secret: {
      ...{ kind: 'code', phone, digits, keyId: seed.keyId, challengeId: seed.challengeId },
      salt: seed.salt.toString('base64url'),
      expiresAt: needs.now() + otp.ttl_seconds * 1000,
    },
  }
}

async function lookFor(store: Pick<InboundSignInStore, 'find'>, text: string) {
  for (const { token } of findTokens(text)) {
    const challengeId = await store.find(tokenHash(token))
    if (challengeId !== undefined) return { token, challengeId }
  }
  return undefined
}
