import { levelOf } from '../people/level.ts'
import type { Level } from '../people/person.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import { resultOf } from '../recognition/log-recognition.ts'
import type { NamedPerson, Recognition, RememberedPerson } from '../recognition/recognition-store.ts'
import type { ConversationEvent } from './conversation-event.ts'
import type { ConversationNeeds } from './conversation-needs.ts'
import type { ConversationState, Turn } from './turn.ts'

/** After this time of silence a conversation begins anew: a family is asked again who is writing. */
const idleMs = 4 * 60 * 60 * 1000

/** After this time of silence, whoever stands at a phone that is nobody's own is a stranger again. */
const visitMs = 10 * 60 * 1000

/** Who speaks: somebody remembered, or a visitor of a shared phone, of whom only the name is known. */
export type Speaker = NamedPerson & Partial<Pick<RememberedPerson, 'belongs' | 'provedAt'>>

/** A message, and all that is known when it is looked at. */
export type Situation = {
  readonly turn: Turn
  /** When it was written and when it is looked at, in epoch ms. */
  readonly at: number
  readonly now: number
  readonly phone: PhoneNumber | undefined
  readonly state: ConversationState
  readonly recognition: Recognition
  /** Everybody who may speak from this phone, the one remembered now first. */
  readonly known: readonly RememberedPerson[]
  readonly speaker: Speaker | undefined
  /** Whether this message begins a conversation. */
  readonly isNew: boolean
}

const nobody: Recognition = {
  person: undefined,
  lost: undefined,
  isBlocked: false,
  others: [],
  isShared: false,
}

/** Looks at who writes. One use of the bot's memory, and on a shared phone one look at the people table. */
export async function readSituation(
  needs: Pick<ConversationNeeds, 'recognition'>,
  turn: Turn,
  state: ConversationState,
  { at, now }: { at: number; now: number },
): Promise<Situation> {
  const { phone, isProof } = turn
  const recognition = phone === undefined ? nobody : await needs.recognition.recognise(phone, { isProof })
  const { person, others, isShared, isBlocked } = recognition
  const isNew = state.step === 'start' || at - state.lastAt > idleMs
  // Who only says to be a phone may be somebody in their own chat, and leaves the phone's memory alone.
  const isVisit = state.visitorId !== undefined && !isBlocked && (isShared || !isProof)
  const isVisiting = isVisit && at - state.lastAt <= (isShared ? visitMs : idleMs)
  const speaker = isVisiting
    ? await needs.recognition.readPerson(state.visitorId!)
    : isShared || isBlocked || person?.id === state.notPersonId
      ? undefined
      : person
  const known = isShared ? [] : [...(person ? [person] : []), ...others]
  // Once over, a visit does not go on with the next stranger's message.
  const current = isVisiting ? state : { ...state, visitorId: undefined }
  const of = { turn, at, now, phone, state: current, recognition, known, speaker, isNew }
  return isWhoUnclear(of) ? { ...of, speaker: undefined } : of
}

/** Where a conversation stands in which somebody known goes on talking: a code that they wait for is still waited for. */
export function stepOfTalk({ state, isNew }: Situation): ConversationState['step'] {
  return state.step === 'asked_code' && !isNew ? 'asked_code' : 'talking'
}

/** Whether it has to be asked who of several people is writing, before anything else. */
export function isWhoUnclear({ known, recognition, state, isNew }: Situation): boolean {
  if (known.length === 0 || state.visitorId !== undefined) return false
  if (!isNew) return state.step === 'asked_who'
  return known.length > 1 || recognition.person === undefined || recognition.person.id === state.notPersonId
}

/**
 * How sure it is who speaks. A message from a channel that proves the number is a proof of it; of a channel that does not,
 * anybody could have sent it, whatever was proved elsewhere.
 */
export function levelInChat(
  speaker: Speaker | undefined,
  { isProof }: Turn,
  at: number,
  now: number,
): Level | undefined {
  if (speaker === undefined) return undefined
  return levelOf(speaker.belongs ?? 'declared', isProof ? at : undefined, now)
}

/** For the log: what came of looking for somebody; undefined where there was no number to look under. */
export function recognitionEvent({ recognition, phone }: Situation): ConversationEvent | undefined {
  return phone && { event: 'recognition', result: resultOf(recognition) }
}
