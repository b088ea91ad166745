import type { ConversationState, Reply, Turn, TurnOutcome } from '../conversation/turn.ts'
import { withdraws } from '../conversation/withdrawal.ts'
import { isRefusal } from '../errors.ts'
import type { Locale } from '../locale.ts'
import type { Log } from '../log.ts'
import type { ChatStore, Decision, LeasedChat, ReceivedMessage } from './chat-store.ts'
import { holdLease, leaseSeconds } from './hold-lease.ts'
import { noticesOf } from './notices-of.ts'
import { requestsOf } from './requests-of.ts'
import { synchronousChannels } from './synchronous-channels.ts'

/** What working on chats asks of the outside. */
export type WorkChatNeeds = {
  readonly chatStore: ChatStore
  readonly log: Log
  /** Epoch ms. */
  readonly now: () => number
  /** What one message comes to, and all that it changes about who is remembered. Called again after a crash. */
  readonly converse: (turn: Turn, state: ConversationState | undefined) => Promise<TurnOutcome>
  /**
   * The same message with its sender's number, where the channel hides that and it is known all the same. Before that number speaks for
   * anybody, it is forgotten if another account writes from it now.
   */
  readonly withNumber: (message: ReceivedMessage) => Promise<ReceivedMessage>
  /** What a chat is told that writes too much. */
  readonly tooManyNotice: (locale: Locale) => Reply
  readonly defaultLocale: Locale
  /** Hears, once it is written down, what a message came to; it does not throw. A crash just before loses the call. */
  readonly onDecided?: (message: ReceivedMessage, outcome: TurnOutcome) => void
}

/** Replies to one chat in a minute; then one notice, and a minute of silence. */
const answersAMinute = 30
const silentSeconds = 60

/** Nobody waits any longer for an answer to what is older, and channels do not take one. */
const answerableMs = 24 * 3_600_000

/** How long a text for the agent waits for more of the same person, where nobody waits for the answer itself. */
const joinSeconds = 2

/** Where a chat stands while one lease lasts. */
type Standing = { state: ConversationState | undefined; answers: number; isSilent: boolean }

type Work = {
  readonly decision: Omit<Decision, 'messageIds'>
  /** What the message, with its sender's number, came to; undefined where nobody looked at it. */
  readonly looked?: { readonly message: ReceivedMessage; readonly outcome: TurnOutcome }
}

/** What there is to be done after work on a chat. */
export type Output = { readonly hasReplies: boolean; readonly hasQuestion: boolean }

/**
 * Decides on the messages of a chat that the caller has leased, each in its turn, and gives the chat back. Answers whether
 * something is to be sent, or asked in a while. A message that cannot be worked on is tried again later, and set aside after three
 * tries; what is only away just now counts as no try.
 */
export async function workChat(needs: WorkChatNeeds, chat: LeasedChat, token: string): Promise<Output> {
  const { chatStore, log } = needs
  const { chatKey } = chat
  const lease = holdLease(log, () => chatStore.renew(chatKey, token, leaseSeconds))
  const standing: Standing = {
    state: chat.state,
    answers: chat.recentAnswers,
    isSilent: chat.isSilent,
  }
  let output: Output = { hasReplies: false, hasQuestion: false }
  try {
    for (const [place, message] of chat.messages.entries()) {
      let work: Work
      try {
        work = await workOn(needs, message, standing)
      } catch (thrown) {
        await giveUpFor(needs, message, token, thrown)
        return output
      }
      if (lease.lost.aborted) return output
      const { decision, looked } = work
      const isLast = place === chat.messages.length - 1
      if (!(await chatStore.decide(chatKey, token, { ...decision, messageIds: [message.id], isLast })))
        return output
      move(standing, decision)
      if (looked !== undefined) needs.onDecided?.(looked.message, looked.outcome)
      output = {
        hasReplies: output.hasReplies || decision.replies.length > 0,
        hasQuestion: output.hasQuestion || decision.question !== undefined,
      }
    }
    if (chat.messages.length === 0) await chatStore.release(chatKey, token)
    return output
  } finally {
    lease.stop()
  }
}

async function workOn(needs: WorkChatNeeds, message: ReceivedMessage, standing: Standing): Promise<Work> {
  const isWaitedFor = synchronousChannels.has(message.channel)
  const isQuiet = standing.isSilent || standing.answers >= answersAMinute
  if (isQuiet && !withdraws(message)) return { decision: tooMany(needs, standing, isWaitedFor) }
  const complete = await needs.withNumber(message)
  const outcome = await needs.converse(turnOf(complete), standing.state)
  const isLate = needs.now() - message.at.getTime() > answerableMs
  return {
    decision: {
      ...decisionOf(isLate || isQuiet ? unanswered(outcome) : outcome, isWaitedFor),
      requests: requestsOf(outcome, complete.phone),
      notices: noticesOf(outcome),
    },
    looked: { message: complete, outcome },
  }
}

/** One notice, and then nothing. */
function tooMany(
  { tooManyNotice, defaultLocale }: WorkChatNeeds,
  { isSilent, state }: Standing,
  isWaitedFor: boolean,
): Omit<Decision, 'messageIds'> {
  if (isSilent) return said([], isWaitedFor, state)
  const notice = tooManyNotice(state?.locale ?? defaultLocale)
  return { ...said([notice], isWaitedFor, state), silentSeconds }
}

/** What somebody withdraws is done however late, and however much they write; nothing is said to it. */
function unanswered(outcome: TurnOutcome): TurnOutcome {
  return { ...outcome, replies: [], forAgent: undefined }
}

function turnOf({ chatKey, phone, isProof, text, isButton, profileName, at }: ReceivedMessage): Turn {
  return { chatKey, phone, isProof, text, isButton, profileName, at }
}

function decisionOf(outcome: TurnOutcome, isWaitedFor: boolean): Omit<Decision, 'messageIds'> {
  const { replies, state, person, level, forAgent, events } = outcome
  // What was put aside as too old was answered by nobody looking who writes.
  const isLookedAt = person !== undefined || events.length > 0
  return {
    ...said(replies, isWaitedFor, state, outcome),
    state,
    ...(isLookedAt && { personId: person?.id ?? null }),
    ...(forAgent !== undefined &&
      person !== undefined && {
        question: {
          text: forAgent,
          person,
          level: level ?? 'declared',
          locale: state.locale,
          waitSeconds: isWaitedFor ? 0 : joinSeconds,
        },
      }),
  }
}

function said(
  replies: readonly Reply[],
  isWaitedFor: boolean,
  state: ConversationState | undefined,
  outcome?: TurnOutcome,
): Omit<Decision, 'messageIds'> {
  if (!isWaitedFor) return { replies }
  const { level, person } = outcome ?? {}
  return { replies: [], answer: { replies, step: state?.step, level, person } }
}

function move(standing: Standing, { state, replies, answer, silentSeconds }: Omit<Decision, 'messageIds'>) {
  if (state !== undefined) standing.state = state
  standing.answers += replies.length + (answer?.replies.length ?? 0)
  if (silentSeconds !== undefined) standing.isSilent = true
}

async function giveUpFor(
  { chatStore, log }: WorkChatNeeds,
  { id, chatKey }: ReceivedMessage & { readonly id: string },
  token: string,
  thrown: unknown,
): Promise<void> {
  if (isRefusal(thrown) && thrown.kind === 'unavailable') {
    log.warn({ code: thrown.code }, 'a message has to wait')
    await chatStore.release(chatKey, token, 1)
    return
  }
  const then = await chatStore.fail(chatKey, token, id)
  log.error({ err: thrown, inbox_id: id, then }, 'a message could not be worked on')
}
