import type { ConversationNeeds } from './conversation-needs.ts'
import { answer, type Decision } from './decision.ts'
import { levelInChat, type Situation } from './situation.ts'

type Needs = Pick<ConversationNeeds, 'firstContact' | 'settings'>

/**
 * Offers whoever is declared a way to be known by more: a code to the number on record, or a word of the operator. Undefined where there
 * is none to offer: to strangers, to whoever is known by more already, on a phone that is nobody's own, and over a channel that does not prove who writes. A proof of the same phone raises nobody.
 */
export async function stepUp(
  { firstContact, settings }: Needs,
  of: Situation,
): Promise<Decision | undefined> {
  const { speaker, phone, turn, recognition } = of
  const mode = settings.stepUp
  const isRemembered = speaker !== undefined && recognition.person?.id === speaker.id
  if (phone === undefined || !isRemembered || !turn.isProof) return undefined
  if (levelInChat(speaker, turn, of.at, of.now) !== 'declared') return undefined
  // The page is no way for them either: it opens to the phone, and never as somebody who was only declared there.
  if (mode === 'none') return answer({ key: 'step_up_nobody' }, {}, { speaker })
  const asked = await firstContact.stepUp(phone, speaker.id, mode)
  if (asked === 'no_number') return answer({ key: 'step_up_nobody' }, {}, { speaker })
  if (mode === 'code') return answer({ key: 'step_up_code' }, { step: 'asked_code' }, { speaker })
  const events = [{ event: 'asked_more', mode, isAlarming: false } as const]
  return answer({ key: 'step_up_approval' }, {}, { speaker, events })
}
