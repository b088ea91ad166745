import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import type { Session } from '../../src/domain/sessions/session.ts'
import { challengeAnswer, challengeRequest, newPhone } from './samples.ts'
import type { Stores } from './stores.ts'

/** A session of whoever has this phone, by the way that a code takes through the store. */
export async function signedIn(
  { challengeStore }: Pick<Stores, 'challengeStore'>,
  phone: PhoneNumber = newPhone(),
): Promise<Session> {
  const asked = await challengeStore.requestChallenge(challengeRequest(phone))
  if (asked.outcome === 'refused') throw new Error('refused')
  const verified = await challengeStore.verifyChallenge(challengeAnswer(phone, asked.seed.challengeId))
  if (verified.outcome !== 'signed_in') throw new Error(verified.outcome)
  return verified.session
}
