import type { Log } from '../log.ts'
import { levelOf } from '../people/level.ts'
import type { Level } from '../people/person.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import { logRecognition, type RecognitionResult, resultOf } from './log-recognition.ts'
import type { RecognitionStore, RememberedPerson } from './recognition-store.ts'

type Needs = {
  readonly recognitionStore: Pick<RecognitionStore, 'recognise'>
  readonly log: Log
  /** Epoch ms. */
  readonly now: () => number
}

/** Somebody with how sure it is, provided that the message came from the phone, for which a program vouches itself. */
export type PersonWithLevel = RememberedPerson & { readonly level: Level }

export type RecognisedForProgram = {
  readonly result: RecognitionResult
  readonly person: PersonWithLevel | undefined
  readonly others: readonly PersonWithLevel[]
}

/** Who writes from this phone, for a bot that is not ours. The use counts for the memory, and is noted once an hour. */
export async function recogniseForProgram(needs: Needs, phone: PhoneNumber): Promise<RecognisedForProgram> {
  const recognition = await needs.recognitionStore.recognise(phone, {
    ...{ note: 'hourly', origin: 'api', isProof: false },
  })
  const result = resultOf(recognition)
  logRecognition(needs.log, phone, result)
  const now = needs.now()
  const withLevel = (person: RememberedPerson): PersonWithLevel => ({
    ...person,
    level: levelOf(person.belongs, person.provedAt?.getTime(), now),
  })
  return {
    result,
    person: recognition.person && withLevel(recognition.person),
    others: recognition.others.map(withLevel),
  }
}
