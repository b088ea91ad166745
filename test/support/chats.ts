import { randomUUID } from 'node:crypto'
import type { ReceivedMessage } from '../../src/domain/chat/chat-store.ts'
import { newConversation } from '../../src/domain/conversation/conversation-state.ts'
import type { ConversationState, Turn, TurnOutcome } from '../../src/domain/conversation/turn.ts'
import { canonicalPhone } from '../../src/domain/phones/phone-number.ts'
import { newPhone } from './samples.ts'

/** A message of a phone, by a channel that sends answers, unless it says otherwise. */
export function incoming(over: Partial<ReceivedMessage> = {}): ReceivedMessage {
  const phone = over.phone ?? newPhone()
  const channel = over.channel ?? 'whatsapp'
  return {
    chatKey: `${channel}:${phone}`,
    channel,
    messageId: randomUUID(),
    at: new Date(),
    address: phone.slice(1),
    phone,
    ...{ isProof: true, text: 'hola', isButton: false, profileName: undefined },
    ...over,
  }
}

/** A state as the conversation keeps one. */
export function talking(over: Partial<ConversationState> = {}): ConversationState {
  return { ...newConversation(canonicalPhone('+5491123456789'), 'es'), step: 'talking', ...over }
}

export const somebody = { id: '7b0e6f6e-6f8a-4d83-9a57-1d1a4a2b7f10', name: 'Juan Pérez' }

/** Says back what was written, to somebody whom it knows; `?…` is for the agent behind, and "olvidar" forgets. */
export async function echo(turn: Turn, state: ConversationState | undefined): Promise<TurnOutcome> {
  const isForAgent = turn.text.startsWith('?')
  const isForgotten = turn.text === 'olvidar'
  return {
    replies: isForAgent ? [] : [{ text: `eco: ${turn.text}`, buttons: [] }],
    state: talking({ lastAt: (state?.lastAt ?? 0) + 1 }),
    person: isForgotten ? undefined : somebody,
    level: isForgotten ? undefined : 'declared',
    forAgent: isForAgent ? turn.text.slice(1) : undefined,
    events: isForgotten ? [{ event: 'forgotten', who: 'person', count: 1 }] : [],
  }
}
