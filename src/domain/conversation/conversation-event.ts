import type { PhoneNumber } from '../phones/phone-number.ts'
import type { RecognitionResult } from '../recognition/log-recognition.ts'

/** What came of a message beside the answer: for the log, for the operator, for other phones, for the agent behind. */
export type ConversationEvent =
  /** Somebody was looked for under the phone. For the log. */
  | { readonly event: 'recognition'; readonly result: RecognitionResult }
  /** A document was taken, and this phone speaks for that person now. The other phones of the person are to be told. */
  | {
      readonly event: 'linked'
      readonly personId: string
      readonly otherPhones: readonly PhoneNumber[]
    }
  /** A document was not taken. */
  | {
      readonly event: 'refused'
      readonly why: 'unknown' | 'blocked' | 'too_many_documents' | 'too_many_people' | 'wrong_code'
      /** Whether so many documents were wrong in this hour, on all phones together, that the operator is to hear of it. */
      readonly isAlarming: boolean
    }
  /** More than a document was asked for: the operator is to hear of an alarm, and of what waits for their word. */
  | {
      readonly event: 'asked_more'
      readonly mode: 'code' | 'proof' | 'approval'
      readonly isAlarming: boolean
    }
  | { readonly event: 'forgotten'; readonly who: 'person' | 'everybody'; readonly count: number }
  /** Somebody else speaks from here on, or nobody known: what the agent behind remembers of this chat is to be cleared. */
  | { readonly event: 'person_changed' }
  /** The operator is to be told: the person wants their data erased. */
  | { readonly event: 'erasure_requested'; readonly personId: string | undefined }
  /** The operator is to be told: the person wants to speak with people, who have the chat until then (epoch ms). */
  | { readonly event: 'handed_over'; readonly personId: string | undefined; readonly until: number }
  /** The operator is to be told and has to decide: the person says that something done in their name was not them. */
  | { readonly event: 'not_me'; readonly personId: string | undefined }
  /** The operator is to be told: the person said so from a phone that is surely theirs, and these phones have lost them. */
  | {
      readonly event: 'document_disowned'
      readonly personId: string
      readonly phones: readonly PhoneNumber[]
    }
  /** The operator is to be told: whoever has the phone says that a sign-in was not them, and it was ended. */
  | { readonly event: 'session_disowned'; readonly personId: string; readonly isFirst: boolean }
  | { readonly event: 'silenced' | 'unsilenced' }
