import type { ConversationEvent } from '../conversation/conversation-event.ts'
import type { TurnOutcome } from '../conversation/turn.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { NewRequest } from './request-store.ts'

/** What a message came to that only the organisation can do. */
export function requestsOf(
  { events, level }: Pick<TurnOutcome, 'events' | 'level'>,
  phone: PhoneNumber | undefined,
): readonly NewRequest[] {
  return events.flatMap((event) => {
    const about = aboutOf(event)
    return about ? [{ phone, level, personId: undefined, until: undefined, isOfAll: false, ...about }] : []
  })
}

function aboutOf(event: ConversationEvent): (Pick<NewRequest, 'kind'> & Partial<NewRequest>) | undefined {
  switch (event.event) {
    case 'handed_over':
      return { kind: 'people', personId: event.personId, until: new Date(event.until) }
    case 'erasure_requested':
      return { kind: 'erasure', personId: event.personId }
    case 'not_me':
      return { kind: 'not_me', personId: event.personId }
    case 'refused':
    case 'asked_more':
      return event.isAlarming
        ? { kind: 'documents', isOfAll: true, phone: undefined, level: undefined }
        : undefined
    default:
      return undefined
  }
}
