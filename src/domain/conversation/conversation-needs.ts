import type { ParsedDocument, UnreadDocument } from '../documents/parse-document.ts'
import type { Locale } from '../locale.ts'
import type { DeclareLimits, RecognitionStore } from '../recognition/recognition-store.ts'
import type { FirstContact, FirstContactMode, StepUpMode } from './first-contact.ts'
import type { Message } from './message.ts'
import type { Reply } from './turn.ts'

export type ConversationSettings = {
  readonly firstContact: FirstContactMode
  readonly stepUp: StepUpMode
  readonly limits: DeclareLimits
  /** For how long people of the organisation have a chat that they do not give back. */
  readonly handoverHours: number
  /** Whether there is an agent behind, to whom a recognised person speaks. */
  readonly hasAgent: boolean
  /** Spoken to phones whose country tells nothing. */
  readonly locale: Locale
}

/** What a conversation asks of the outside. */
export type ConversationNeeds = {
  readonly recognition: Pick<
    RecognitionStore,
    'recognise' | 'declare' | 'chooseOther' | 'forget' | 'readPerson'
  >
  /** Not used while the first contact is `declared` and nobody is to be believed more than that. */
  readonly firstContact: FirstContact
  /** Reads a document of the kinds that are asked for, in its canonical form; bounded in time. */
  readonly parseDocument: (text: string) => ParsedDocument | UnreadDocument
  /** Puts a message into words. */
  readonly say: (locale: Locale, message: Message) => Reply
  /** A short mark, different each time, of letters and digits. */
  readonly newNonce: () => string
  /** Epoch ms. */
  readonly now: () => number
  readonly settings: ConversationSettings
}
