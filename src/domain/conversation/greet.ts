import { askWho } from './choose-person.ts'
import type { ConversationNeeds } from './conversation-needs.ts'
import { answer, type Decision } from './decision.ts'
import { isWhoUnclear, type Situation, stepOfTalk } from './situation.ts'

/** Answers a greeting: by name where it is known who writes, else by asking for what is missing. */
export function greet(needs: Pick<ConversationNeeds, 'recognition' | 'newNonce'>, of: Situation): Decision {
  const { phone, speaker, state } = of
  if (phone === undefined)
    return answer({ key: 'ask_contact', asksFor: 'contact' }, { step: 'asked_contact' })
  if (of.recognition.isShared) {
    const events = speaker ? [{ event: 'person_changed' } as const] : []
    return answer({ key: 'ask_document' }, { step: 'asked_document', visitorId: undefined }, { events })
  }
  if (isWhoUnclear(of)) return askWho(needs, of)
  if (speaker !== undefined)
    return answer({ key: 'welcome_back', name: speaker.firstName }, { step: stepOfTalk(of) }, { speaker })
  if (state.step === 'waiting') return answer({ key: 'still_waiting' })
  if (state.step === 'asked_code' && !of.isNew) return answer({ key: 'code_asked' })
  return answer({ key: 'ask_document' }, { step: 'asked_document' })
}
