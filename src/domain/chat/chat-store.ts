import type { AgentExchange, AgentQuestion } from '../agent/agent.ts'
import type { ConversationState, Reply, Turn } from '../conversation/turn.ts'
import type { Locale } from '../locale.ts'
import type { Level } from '../people/person.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { ChannelSignals } from './channel-signals.ts'
import type { MessageStatus } from './message-status.ts'
import type { NewNotice } from './notices-of.ts'
import type { NewRequest } from './request-store.ts'

/** A message as it came in, before anybody has looked at who wrote it. */
export type IncomingMessage = Omit<Turn, 'at'> & {
  /** Which channel it came by: `whatsapp`, `twilio`, `http`, `simulator`, `terminal`. */
  readonly channel: string
  /** The provider's own id of the message; the same one twice is one message. */
  readonly messageId: string
  /** When it was written, as the provider says; undefined where it does not say: then it is the order of receiving that counts. */
  readonly at: Date | undefined
  /** Where the channel sends answers to, in its own terms. */
  readonly address: string
  /** What else the channel says about it; not given where it says nothing. */
  readonly signals?: ChannelSignals
}

/** The same, with when it was written, or else received. */
export type ReceivedMessage = IncomingMessage & { readonly at: Date }

/** A chat that one worker has to itself for a while. */
export type LeasedChat = {
  readonly chatKey: string
  readonly channel: string
  readonly address: string
  readonly state: ConversationState | undefined
  /** Replies of the last minute. */
  readonly recentAnswers: number
  /** Whether so many messages came that nothing is answered for the rest of a minute. */
  readonly isSilent: boolean
  /** Not yet decided, in the order in which they were received; the rest of many comes with the next lease. */
  readonly messages: readonly (ReceivedMessage & { readonly id: string; readonly tries: number })[]
}

/** What whoever asks over a synchronous channel is told. */
export type ChatAnswer = {
  readonly replies: readonly Reply[]
  readonly step: ConversationState['step'] | undefined
  readonly level: Level | undefined
  readonly person: { readonly id: string; readonly name: string | undefined } | undefined
}

/** What messages came to, to be written down in one step. */
export type Decision = {
  readonly messageIds: readonly string[]
  /** Where the conversation stands now; as before when not given. */
  readonly state?: ConversationState
  /** What goes out to the chat's address. */
  readonly replies: readonly Reply[]
  /** On a synchronous channel: kept with the messages for a day, for whoever asks; its replies do not go out. */
  readonly answer?: ChatAnswer
  /**
   * Whom the chat is with now, null for nobody: what was asked of the agent by anybody else is dropped, its history too.
   * Not given where nobody looked.
   */
  readonly personId?: string | null
  /** A question for the agent behind, asked after `waitSeconds` unless more of the same person, as surely known, joins it. */
  readonly question?: Omit<AgentQuestion, 'history' | 'chatKey'> & { readonly waitSeconds: number }
  /** For how long from now on nothing is answered in this chat. */
  readonly silentSeconds?: number
  /** What only the organisation can do. */
  readonly requests?: readonly NewRequest[]
  /** Which phones are to be told of somebody, each once in 24 hours. */
  readonly notices?: readonly NewNotice[]
  /** Whether the chat is given back with it, as by `release`. */
  readonly isLast?: boolean
}

/** A reply that waits to be sent. */
export type OutgoingReply = {
  readonly id: string
  readonly chatKey: string
  readonly channel: string
  readonly address: string
  readonly reply: Reply
  readonly attempts: number
}

/** A chat in which a phone can be told something that it did not ask for. */
export type OpenChat = {
  readonly chatKey: string
  readonly channel: string
  /** The language spoken there; undefined before anybody has been answered. */
  readonly locale: Locale | undefined
}

/** A question that one worker puts to the agent. */
export type LeasedQuestion = AgentQuestion & {
  readonly id: string
  readonly tries: number
  readonly history: readonly AgentExchange[]
}

/**
 * Chats: what came in, what was decided, what has to go out. What `receive` has acknowledged is decided once, in order for
 * each chat, whatever dies in between; a reply may be sent again at most once for each time that a process was killed.
 * Texts are erased when they are decided or sent; ids stay for 8 days, so that a repeated message is known.
 */
export interface ChatStore {
  /**
   * Keeps messages; answers which of them are new. The rest had been received before, and nothing more happens to them. A
   * chat with a thousand undecided messages takes more of them, decided, unread.
   */
  receive(messages: readonly IncomingMessage[]): Promise<readonly string[]>
  /**
   * Takes a chat with undecided messages that nobody else has, for `seconds`: the one that waited longest, or the named one.
   * Undefined when there is none.
   */
  lease(token: string, seconds: number, chatKey?: string): Promise<LeasedChat | undefined>
  /** Keeps the lease for `seconds` more; false when somebody else has the chat meanwhile. */
  renew(chatKey: string, token: string, seconds: number): Promise<boolean>
  /**
   * In one transaction: marks these messages decided, moves the state, puts the replies into the outbox, and opens the requests and
   * notices. False, with nothing done, when the lease is no longer the caller's or one of them was decided before.
   */
  decide(chatKey: string, token: string, decision: Decision): Promise<boolean>
  /** Notes that a message could not be worked on; after three tries it is set aside, which it answers. Gives the chat back. */
  fail(chatKey: string, token: string, messageId: string): Promise<'again' | 'set_aside' | 'lost'>
  /** Gives the chat back; what waits in it is for whoever takes it after so many seconds. */
  release(chatKey: string, token: string, afterSeconds?: number): Promise<void>
  /**
   * What a message of a synchronous channel came to; `open` while it is not settled, `set_aside` when it could not be. After
   * a day it is only known that it was answered.
   */
  readAnswer(channel: string, messageId: string): Promise<ChatAnswer | 'open' | 'set_aside'>
  /** Takes a question that is due, for `seconds`: one of each chat at a time, of any chat or the named one. */
  takeQuestion(token: string, seconds: number, chatKey?: string): Promise<LeasedQuestion | undefined>
  /** Keeps the question for `seconds` more; false when it was dropped or is somebody else's. */
  renewQuestion(id: string, token: string, seconds: number): Promise<boolean>
  /**
   * In one transaction: keeps question and answer as history, and brings the reply to whoever asked. Without an answer there
   * is a reply at most, and no history. False, with nothing done, when the question was dropped or is somebody else's.
   */
  settleQuestion(
    id: string,
    token: string,
    outcome: { readonly answer: string | undefined; readonly reply: Reply | undefined },
  ): Promise<boolean>
  /**
   * Takes replies to send, for `seconds`; each only by one caller, and of each chat only the oldest. One found taken but
   * unfinished after that belonged to a process that died; it is taken again, three times at most. None older than the
   * 24 hours in which one may answer.
   */
  takeReplies(count: number, seconds: number): Promise<readonly OutgoingReply[]>
  /** Sent, with the provider's id; or to be tried again after some seconds; or given up. */
  settleReply(
    id: string,
    outcome: { readonly sentAs: string } | { readonly againInSeconds: number } | 'given_up',
  ): Promise<void>
  /**
   * The chat in which this phone wrote last, of these channels, if it may still be written to: it wrote in the last 24 hours, and
   * has not said that it wants no notices.
   */
  findOpenChat(phone: PhoneNumber, channels: readonly string[]): Promise<OpenChat | undefined>
  /**
   * Puts a reply into the outbox that nobody asked for, once in 24 hours for each chat and topic. False when it was said already,
   * or when there is no such chat that may still be written to.
   */
  say(chatKey: string, topic: string, reply: Reply): Promise<boolean>
  /** Keeps the furthest state that a sent reply is reported to have come to. What is not known is passed over. */
  noteStatuses(statuses: readonly MessageStatus[]): Promise<void>
}
