import type { Locale } from '../locale.ts'
import type { Level } from '../people/person.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { ConversationEvent } from './conversation-event.ts'
import type { ReplySecret } from './reply-secret.ts'

/** Somebody's message, as far as the conversation is concerned. */
export type Turn = {
  /** The chat that it belongs to, such as `whatsapp:+5491123456789`; what is remembered of a conversation hangs on it. */
  readonly chatKey: string
  /** Whose number wrote; undefined while the channel hides it. */
  readonly phone: PhoneNumber | undefined
  /** Whether the channel proves that this number wrote. */
  readonly isProof: boolean
  /** What was written, or the id of the button that was pressed; empty for pictures, voice and whatever has no text. */
  readonly text: string
  readonly isButton: boolean
  /** The name that the person gave themselves there; only ever shown to the operator. */
  readonly profileName: string | undefined
  readonly at: Date
}

/** One message back. */
export type Reply = {
  readonly text: string
  /** Up to three; the title is at most 20 characters. */
  readonly buttons: readonly { readonly id: string; readonly title: string }[]
  /**
   * `contact`: the person is to share their own number, which this channel hides. A channel that can ask for it in a way that
   * proves the number does so, and gives the answer as a turn with that phone, `isProof`, and no text. Absent: nothing.
   */
  readonly asksFor?: 'contact'
  /** What takes the place of `secretMark` in the text at the moment when it leaves. */
  readonly secret?: ReplySecret
}

/** Where a conversation stands, between one message and the next. It can be kept as JSON. */
export type ConversationState = {
  readonly step:
    | 'start'
    | 'asked_contact'
    | 'asked_document'
    /** A stricter first contact: a code went to the number on record, if there is one. */
    | 'asked_code'
    /** A stricter first contact: the operator was asked, or the number on record would have to write. */
    | 'waiting'
    | 'asked_who'
    | 'talking'
    | 'with_people'
  /** Until when people of the organisation have the chat, in epoch ms. */
  readonly withPeopleUntil: number | undefined
  readonly locale: Locale
  /** What the language was taken from; a stated wish is not overruled by a word. */
  readonly localeFrom: 'phone' | 'words' | 'wish'
  /** Which of the buttons that were sent still count; an older one is answered as if its words had been written. */
  readonly nonce: string
  /** Notices are not wanted. */
  readonly isSilenced: boolean
  /** When the newest message that counted was written, in epoch ms; older ones are ignored (0: none was). */
  readonly lastAt: number
  /** When the person last let something be kept, a link or notices, in epoch ms: what they withdrew before that is past. */
  readonly grantedAt: number
  /** Whether the first message, which tells where to read about data protection, has been sent. */
  readonly isIntroduced: boolean
  /** Who was offered under `asked_who`, by id, in the order in which they were shown. */
  readonly choices: readonly string[]
  /** Whom the writer says not to be, although this phone remembers that person. */
  readonly notPersonId: string | undefined
  /** Who speaks on a phone that is nobody's own, which the bot's memory does not keep. */
  readonly visitorId: string | undefined
}

/** What one message came to. */
export type TurnOutcome = {
  readonly replies: readonly Reply[]
  readonly state: ConversationState
  /** Who wrote, after this message. */
  readonly person: { readonly id: string; readonly name: string | undefined } | undefined
  readonly level: Level | undefined
  /** Text that is for the agent behind, of a recognised person; undefined when everything has been answered. */
  readonly forAgent: string | undefined
  /** What others are to do or to know about it, in the order in which it happened. */
  readonly events: readonly ConversationEvent[]
}
