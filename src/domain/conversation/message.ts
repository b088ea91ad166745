import type { UnreadReason } from '../documents/reading.ts'
import type { ReplySecret } from './reply-secret.ts'

/** Everything that the bot can say. What it says it in, and how, is the door's: see `src/bot/texts/`. */
export const messageKeys = [
  ...(['ask_document', 'ask_other_document', 'ask_contact', 'ask_who'] as const),
  ...(['recognised', 'welcome_back', 'forgotten', 'forgotten_everybody'] as const),
  ...([
    'document_unreadable',
    'document_unknown',
    'too_many_documents',
    'too_many_people',
    'blocked',
  ] as const),
  ...(['code_asked', 'code_wrong', 'approval_asked', 'proof_asked', 'still_waiting'] as const),
  ...(['step_up_code', 'step_up_approval', 'step_up_nobody', 'raised'] as const),
  ...([
    'not_text',
    'not_text_unknown',
    'no_agent',
    'agent_unsure',
    'help',
    'handed_over',
    'sign_in',
    'not_me',
  ] as const),
  ...(['sign_in_link', 'sign_in_code', 'sign_in_ask_contact'] as const),
  ...([
    'sign_in_over',
    'sign_in_other_phone',
    'sign_in_not_admitted',
    'sign_in_too_many_codes',
    'sign_in_country_not_allowed',
  ] as const),
  ...([
    'silenced',
    'unsilenced',
    'erasure_requested',
    'language_chosen',
    'session_disowned',
    'document_disowned',
  ] as const),
] as const

export type MessageKey = (typeof messageKeys)[number]

/** What a button says: a person's name (undefined: they have none on record), that the writer is nobody of those shown, or that it was not them. */
export type ButtonLabel =
  | { readonly person: string | undefined; readonly number: number }
  | { readonly is: 'someone_else' }
  | { readonly is: 'not_me' }
  | { readonly is: 'i_am'; readonly person: string | undefined }

/** One message that the bot decided to send, before it is put into words. */
export type Message = {
  readonly key: MessageKey
  /** First name of whom it speaks to; undefined for the nameless and for strangers. */
  readonly name?: string | undefined
  /** Which kind of document it is about, where there is one. */
  readonly document?: string | undefined
  /** Why a document could not be read. */
  readonly reason?: UnreadReason
  readonly hours?: number
  /** How many phones it is about. */
  readonly count?: number
  /** More people than fit on buttons, to be chosen by number: the first is 1. */
  readonly people?: readonly (string | undefined)[]
  readonly buttons?: readonly { readonly id: string; readonly label: ButtonLabel }[]
  /** What is put in only when the message leaves: a link, or a code. */
  readonly secret?: ReplySecret
  /** Where somebody wants to sign in: what the browser says about itself, and its address. */
  readonly browser?: { readonly userAgent: string | undefined; readonly address: string }
  /** The person is to share their number. */
  readonly asksFor?: 'contact'
  /** The first message of a chat: it tells where to read how data are protected. */
  readonly isFirst?: boolean
}
