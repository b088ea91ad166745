import type { ParsedDocument, UnreadDocument } from '../documents/parse-document.ts'
import type { Locale } from '../locale.ts'
import type { DisownedSession, SessionClaim } from '../notices/notice-store.ts'
import type { InboundAnswer, InboundMessage } from '../otp/claim-inbound-sign-in.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { DeclareLimits, RecognitionStore } from '../recognition/recognition-store.ts'
import type { FirstContact, FirstContactMode, StepUpMode } from './first-contact.ts'
import type { Message } from './message.ts'
import type { ReplySecret } from './reply-secret.ts'
import type { Reply } from './turn.ts'

export type ConversationSettings = {
  readonly firstContact: FirstContactMode
  readonly stepUp: StepUpMode
  readonly limits: DeclareLimits
  /** For how long people of the organisation have a chat that they do not give back. */
  readonly handoverHours: number
  /** For how long strangers have no codes sent to a phone whose owner says that it was not them. */
  readonly stopSendsHours: number
  /** Whether there is an agent behind, to whom a recognised person speaks. */
  readonly hasAgent: boolean
  /** The least level at which a question goes to the agent; below it, the person is told the way up. */
  readonly agentLevel: 'declared' | 'verified'
  /** Spoken to phones whose country tells nothing. */
  readonly locale: Locale
}

/** What a conversation asks of the outside. */
export type ConversationNeeds = {
  readonly recognition: Pick<
    RecognitionStore,
    'recognise' | 'declare' | 'chooseOther' | 'forget' | 'readPerson' | 'disown'
  >
  /** Not used while the first contact is `declared` and nobody is to be believed more than that. */
  readonly firstContact: FirstContact
  /** Ends a sign-in that this phone was told of; undefined when there is none such. To do it again changes nothing. */
  readonly disownSession: (claim: SessionClaim) => Promise<DisownedSession | undefined>
  /** Whose document this phone was told of last, by a notice or by a code that went to it. */
  readonly readPersonTold: (phone: PhoneNumber) => Promise<string | undefined>
  /** What a button has to carry to mean the session that this phone was told of last, while that goes on. */
  readonly readSessionTold: (phone: PhoneNumber) => Promise<string | undefined>
  /** Reads a document of the kinds that are asked for, in its canonical form; bounded in time. */
  readonly parseDocument: (text: string) => ParsedDocument | UnreadDocument
  /** The ways from here to the web. */
  readonly signIn: {
    /** Makes a one-time link; undefined when the phone opens the web as nobody of that kind. */
    giveLink(asked: {
      readonly phone: PhoneNumber
      readonly personId: string
      readonly chatKey: string
      readonly askedAt: Date
    }): Promise<ReplySecret | undefined>
    /** Takes a message that a browser waits for; undefined for every other text. */
    claim(message: InboundMessage): Promise<InboundAnswer | undefined>
    /** Whether a text is such a message, as far as that can be told. */
    isForBrowser(text: string): Promise<boolean>
  }
  /** Puts a message into words. */
  readonly say: (locale: Locale, message: Message) => Reply
  /** A short mark, different each time, of letters and digits. */
  readonly newNonce: () => string
  /** Epoch ms. */
  readonly now: () => number
  readonly settings: ConversationSettings
}
