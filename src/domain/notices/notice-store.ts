import type { Reply } from '../conversation/turn.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'

type Told = {
  readonly id: string
  readonly phone: PhoneNumber
  /** How often it was taken, this time included. */
  readonly attempts: number
  /** Whether the phone said in a chat that it wants no notices. */
  readonly isSilenced: boolean
}

/** A sign-in on a device that this phone had not been seen with. */
export type SessionNotice = Told & {
  readonly kind: 'session'
  /** Whose account it is; undefined for the nameless. */
  readonly firstName: string | undefined
  readonly startedAt: Date
  readonly address: string | undefined
  readonly userAgent: string | undefined
  /** What a button has to carry to mean this session. */
  readonly nonce: string
}

/** The document of somebody whom this phone speaks for was typed on another one. */
export type DocumentNotice = Told & {
  readonly kind: 'document'
  readonly personId: string
  readonly typedAt: Date
  /** How many of this kind went out in the last hour, to whatever phones, by ways that cost something. */
  readonly paidLately: number
}

export type Notice = SessionNotice | DocumentNotice

/** Ways to tell a phone of something, other than in a chat that is open; `nobody`: it is not to be told. */
export type ToldBy = 'whatsapp' | 'sms' | 'nobody'

/** Which session a phone does not know: that of a button, or the one that it was told of last. */
export type SessionClaim = {
  readonly phone: PhoneNumber
  readonly nonce: string | undefined
}

export type DisownedSession = {
  readonly personId: string
  /** False when it had been said before. */
  readonly isFirst: boolean
  /** What has ended now. */
  readonly sessionIds: readonly string[]
}

/**
 * What phones are told without having asked: of new sessions, and of documents that were typed elsewhere. The former are there if
 * their session is; the latter are opened by `ChatStore.decide`. Each is handed to one worker at a time; what is said in
 * a chat is said once, however many workers there are and whatever dies. By other ways it may go out once more for each time that
 * a process was killed while it was sending.
 */
export interface NoticeStore {
  /** Takes a notice that is due, for `seconds`; undefined when there is none. `channels`: where a chat may have said to want none. */
  take(token: string, seconds: number, channels: readonly string[]): Promise<Notice | undefined>
  /** Puts it into the outbox of a chat and settles it, in one step; false when that chat is open no longer, or the lease is lost. */
  sayInChat(id: string, token: string, chatKey: string, reply: Reply): Promise<boolean>
  /** Told, or to be taken again after some seconds. Nothing happens where the lease is lost. */
  settle(
    id: string,
    token: string,
    outcome: { readonly told: ToldBy } | { readonly againInSeconds: number },
  ): Promise<void>
  /** Lets it wait until its phone writes on one of these channels; it is due at once then. */
  hold(id: string, token: string, channels: readonly string[]): Promise<void>
  /**
   * Ends the session and what came of it, makes its device unknown, and lets strangers have no code sent to the phone for
   * `stopSeconds`. Undefined when the phone was told of none such, or later of a document, be it by a code that went to it. Saying it
   * again changes nothing.
   */
  disown(claim: SessionClaim, stopSeconds: number): Promise<DisownedSession | undefined>
  /** Whose document this phone was told of last, by a notice within a week or by a code that went to it; undefined for none. */
  readPersonTold(phone: PhoneNumber): Promise<string | undefined>
  /** The nonce of the session that this phone was told of last, within a week, while that goes on. */
  readSessionTold(phone: PhoneNumber): Promise<string | undefined>
}
