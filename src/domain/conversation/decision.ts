import type { ConversationEvent } from './conversation-event.ts'
import type { Message } from './message.ts'
import type { Speaker } from './situation.ts'
import type { ConversationState } from './turn.ts'

/** What one part of the conversation decided about a message. */
export type Decision = {
  readonly messages: readonly Message[]
  /** What changes in the state; the rest stays. */
  readonly change: Partial<ConversationState>
  /** Who speaks after it, where that changed. */
  readonly speaker?: Speaker | undefined
  readonly forAgent?: string
  readonly events: readonly ConversationEvent[]
}

/** Answers with one message. */
export function answer(
  message: Message,
  change: Partial<ConversationState> = {},
  rest: Partial<Pick<Decision, 'speaker' | 'events'>> = {},
): Decision {
  return { messages: [message], change, events: [], ...rest }
}

/** Says nothing. */
export const silence: Decision = { messages: [], change: {}, events: [] }
