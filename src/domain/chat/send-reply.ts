import type { Reply } from '../conversation/turn.ts'
import type { Log } from '../log.ts'
import type { ChatSender, SendFailure, SendResult } from './chat-sender.ts'
import type { ChatStore, OutgoingReply } from './chat-store.ts'

/** What sending a reply asks of the outside. */
export type SendReplyNeeds = {
  readonly chatStore: Pick<ChatStore, 'settleReply'>
  readonly senders: readonly ChatSender[]
  /** The reply with its code or link in place; undefined when that is good for nothing any more. */
  readonly fillReply: (reply: Reply) => Reply | undefined
  readonly log: Log
}

/** For how long a reply is taken: longer than any attempt, so that only a process that died leaves one unfinished. */
export const sendLeaseSeconds = 30
const sendTimeoutMs = 15_000

/** `config` is among them: an expired token gets another one, and the chat is still open then. */
const passing: readonly SendFailure[] = ['rate_limited', 'unavailable', 'config']
const pauseMaxSeconds = 300

/** Makes one attempt at a reply that the caller has taken, and settles it: sent, to be tried again, or given up. */
export async function sendReply(
  needs: SendReplyNeeds,
  outgoing: OutgoingReply,
  signal: AbortSignal,
): Promise<void> {
  const { chatStore, senders, log } = needs
  const { id, channel, attempts } = outgoing
  const reply = needs.fillReply(outgoing.reply)
  if (reply === undefined) {
    log.warn({ channel, attempts }, 'a reply came too late for the code or link in it, and was not sent')
    return chatStore.settleReply(id, 'given_up')
  }
  const sender = senders.find((one) => one.channel === channel)
  const result =
    sender === undefined
      ? { failed: 'config' as const }
      : await attempt(sender, { ...outgoing, reply }, signal)
  if ('sentAs' in result) return chatStore.settleReply(id, result)
  const { failed, retryAfterSeconds = pauseSeconds(failed, attempts) } = result
  log.warn({ channel, reason: failed, attempts }, 'a reply did not go out')
  const isPassing = passing.includes(failed)
  return chatStore.settleReply(id, isPassing ? { againInSeconds: retryAfterSeconds } : 'given_up')
}

/** Where the channel does not say it. WhatsApp wants a chat that got too much left alone for 4 to the nth seconds. */
function pauseSeconds(failed: SendFailure, attempts: number): number {
  if (failed === 'config') return pauseMaxSeconds
  return Math.min(failed === 'rate_limited' ? 4 ** (attempts - 1) : 2 ** attempts, pauseMaxSeconds)
}

async function attempt(sender: ChatSender, reply: OutgoingReply, signal: AbortSignal): Promise<SendResult> {
  const stop = AbortSignal.any([signal, AbortSignal.timeout(sendTimeoutMs)])
  try {
    return await sender.send(reply, stop)
  } catch {
    return { failed: 'timeout_unknown' }
  }
}
