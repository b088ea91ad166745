import type { Level } from '../people/person.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'

/**
 * What somebody wants that only the organisation can do. `people`: to speak with its people, who have the chat meanwhile.
 * `erasure`: to have their data erased. `not_me`: they say that something done in their name was not them, and it is not sure who is
 * right. `documents`: nobody asked; so many wrong documents came that a list may be being walked through.
 */
export const requestKinds = ['people', 'erasure', 'not_me', 'documents'] as const

export type RequestKind = (typeof requestKinds)[number]

/** A request as a message gives rise to it. */
export type NewRequest = {
  readonly kind: RequestKind
  readonly phone: PhoneNumber | undefined
  /** For whom the bot took the writer, and how sure that was: undefined where it knew nobody. */
  readonly personId: string | undefined
  readonly level: Level | undefined
  /** When it settles itself. */
  readonly until: Date | undefined
  /** About all chats together: one of its kind at a time. */
  readonly isOfAll: boolean
}

/** A request that waits. */
export type OpenRequest = Omit<NewRequest, 'isOfAll'> & { readonly id: string; readonly askedAt: Date }

/** What people have asked of the organisation. Requests are opened by `ChatStore.decide`, together with the message. */
export interface RequestStore {
  /** Those that wait, the oldest first. */
  listOpen(): Promise<readonly OpenRequest[]>
  /** Settles one; `settled` only for the one caller that did. A chat that people of the organisation have goes back to the bot. */
  settle(id: string): Promise<'settled' | 'settled_before' | 'unknown'>
  /** Gives the chats of this phone back to the bot, and answers how many people of the organisation had. None is no fault. */
  giveBack(phone: PhoneNumber): Promise<number>
}
