import { randomBytes } from 'node:crypto'
import type { Caller } from '../../src/domain/access/caller.ts'
import type {
  ChallengeAnswer,
  ChallengeRequest,
  NewSession,
  SendBudgets,
} from '../../src/domain/otp/challenge-store.ts'
import { canonicalPhone, type PhoneNumber } from '../../src/domain/phones/phone-number.ts'

let made = 0

/** A Brazilian mobile that no other test of this file has. */
export function newPhone(): PhoneNumber {
  made += 1
  return canonicalPhone(`+55119${String(61_000_000 + made * 10_007).slice(-8)}`)
}

/** An address that no other test of this file has. */
export function newAddress(): string {
  made += 1
  return `10.${(made >> 16) & 255}.${(made >> 8) & 255}.${made & 255}`
}

/** Somebody at an address of their own, who is not known here. */
export function newCaller(over: Partial<Caller> = {}): Caller {
  const address = over.address ?? newAddress()
  return {
    ...{ address, addressKey: address, networkKey: undefined, budgetFactor: 1, port: 40_000 },
    ...{ userAgent: 'test', door: 'api', reference: 'T-1', apiKeyId: undefined, deviceToken: undefined },
    ...over,
  }
}

/** Budgets that nothing in a test reaches by chance. */
export const wideBudgets: SendBudgets = {
  phoneSends: [{ withinSeconds: 86_400, max: 10_000 }],
  phoneSendsPerAddressPerDay: 10_000,
  deviceSends: [{ withinSeconds: 86_400, max: 10_000 }],
  deviceGuessesPerDay: 15,
  addressSends: [{ withinSeconds: 86_400, max: 10_000 }],
  networkSendsPerHour: 10_000,
  liveChallengesMax: 3,
}

/** What stands in a row for the right code of `digits`, and for any other. */
export const proofs = {
  6: Buffer.from('right six'),
  8: Buffer.from('right eight'),
  wrong: Buffer.from('wrong'),
}

/** A request as the domain makes it: not held, within wide budgets. */
export function challengeRequest(phone: PhoneNumber, over: Partial<ChallengeRequest> = {}): ChallengeRequest {
  return {
    ...{ phone, region: 'BR', prefix: phone.slice(0, -4), channel: 'sms', provider: 'test', locale: 'es' },
    ...{ caller: newCaller(), holdHash: undefined, resends: undefined, deviceHash: undefined },
    fresh: {
      challengeId: randomBytes(16).toString('base64url'),
      ...{ salt: randomBytes(16), keyId: 'key', proof6: proofs[6], proof8: proofs[8] },
    },
    ...{ ttlSeconds: 300, lifeMaxSeconds: 600, triesMax: 5, resendAfterSeconds: [30, 60, 120, 300] },
    ...{ longCodeAfterGuesses: 15, digitsMin: 6, budgets: wideBudgets, strangersWaitSeconds: 0 },
    ...{ admission: 'open', callSeconds: 15 },
    ...over,
  }
}

export const newSession: NewSession = {
  ...{ isShared: false, idleSeconds: 30 * 86_400, lifeSeconds: 180 * 86_400, adminLifeSeconds: 12 * 3600 },
  ...{ sessionsMax: 20, replacesSessionId: undefined, newDeviceHash: undefined, deviceDays: 180 },
}

/** An answer to the challenge of this id, or to the caller's own where there is none: right unless it says otherwise. */
export function challengeAnswer(
  phone: PhoneNumber,
  challengeId: string | undefined,
  over: Partial<ChallengeAnswer> & { proof?: Buffer } = {},
): ChallengeAnswer {
  const { proof = proofs[6], ...rest } = over
  return {
    ...{ phone, challengeId, holdHash: undefined, proofs: [{ keyId: 'key', proof }], caller: newCaller() },
    ...{
      deviceHash: undefined,
      deviceGuessesPerDay: 15,
      addressGuesses: { withinSeconds: 600, max: 10_000 },
    },
    ...{ admission: 'open', idleLinkDays: 180, session: newSession },
    ...rest,
  }
}

/** How often each text comes up. */
export function tally(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1
  return counts
}

/** Does the same thing `count` times at once. */
export function atOnce<Result>(count: number, work: (i: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => work(i)))
}
