import { secretHash } from '../../lib/random-secret.ts'
import { deviceHashOf } from '../access/caller.ts'
import { Refusal } from '../errors.ts'
import type { Admission } from '../people/person.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { SessionsConfig } from '../sessions/sessions-config.ts'
import type { ChallengeStore } from './challenge-store.ts'
import { codeProof, parseCode } from './code-key.ts'
import type { LimitsConfig } from './limits-config.ts'
import { type SignedIn, type StartSessionNeeds, startSession, type WantedSession } from './start-session.ts'

export type CodeAnswer = WantedSession & {
  readonly phone: PhoneNumber
  /** As typed; spaces and dashes are forgiven. */
  readonly code: string
  readonly challengeId: string | undefined
  /** From the flow cookie, or the challenge id itself where an allowed origin asked for it. */
  readonly holdSecret: string | undefined
}

type Needs = StartSessionNeeds & {
  challengeStore: ChallengeStore
  config: {
    limits: LimitsConfig
    sessions: SessionsConfig
    people: { admission: Admission; idle_link_days: number }
  }
}

/**
 * Signs in whoever types the right code, once: the code is spent and the session committed in the same step.
 * Refuses with `invalid_code` (one answer for wrong, dead, used and unknown), `too_many_tries`, and, after a right code,
 * with `approval_pending`, `person_blocked` or `not_admitted`.
 */
export async function verifyCode(needs: Needs, answer: CodeAnswer): Promise<SignedIn> {
  const { caller, phone } = answer
  const { limits, people } = needs.config
  const code = parseCode(answer.code)
  if (code === undefined) throw new Refusal('invalid_code')

  return await startSession(needs, answer, async (session) => {
    const verified = await needs.challengeStore.verifyChallenge({
      phone,
      challengeId: answer.challengeId,
      holdHash: answer.holdSecret === undefined ? undefined : secretHash(answer.holdSecret),
      proofs: needs.keyring.all.map((keys) => ({
        keyId: keys.id,
        proof: codeProof(keys.code, { purpose: 'sign_in', phone, code }),
      })),
      caller,
      deviceHash: deviceHashOf(caller),
      deviceGuessesPerDay: limits.device_guesses_per_day,
      addressGuesses: {
        withinSeconds: 600,
        max: Math.ceil(limits.address_guesses_per_10_minutes * caller.budgetFactor),
      },
      admission: people.admission,
      idleLinkDays: people.idle_link_days,
      session,
    })

    switch (verified.outcome) {
      case 'wrong':
        throw new Refusal('invalid_code')
      case 'too_many_tries':
        throw new Refusal('too_many_tries', { retryAfterSeconds: verified.retryAfterSeconds })
      case 'waiting':
        throw new Refusal('approval_pending')
      case 'blocked':
        throw new Refusal('person_blocked')
      case 'not_admitted':
        throw new Refusal('not_admitted')
      case 'signed_in':
        return verified
    }
  })
}
