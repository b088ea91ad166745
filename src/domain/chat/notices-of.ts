import type { TurnOutcome } from '../conversation/turn.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'

/** A phone that is to be told that the document of somebody whom it speaks for was typed on another one. */
export type NewNotice = { readonly phone: PhoneNumber; readonly personId: string }

/** Whom others are to be told of after a message. */
export function noticesOf({ events }: Pick<TurnOutcome, 'events'>): readonly NewNotice[] {
  return events.flatMap((event) =>
    event.event === 'linked' ? event.otherPhones.map((phone) => ({ phone, personId: event.personId })) : [],
  )
}
