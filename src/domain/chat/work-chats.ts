import { openPump } from '../open-pump.ts'
import { type AskAgentNeeds, askAgent } from './ask-agent.ts'
import { leaseSeconds } from './hold-lease.ts'
import { type SendReplyNeeds, sendLeaseSeconds, sendReply } from './send-reply.ts'
import { type WorkChatNeeds, workChat } from './work-chat.ts'

/** What the worker asks of the outside. */
export type ChatWorkerNeeds = WorkChatNeeds &
  AskAgentNeeds &
  SendReplyNeeds & {
    /** A new UUID at each call. */
    readonly newToken: () => string
    /** How many chats are worked on at once; each has a connection to the database meanwhile. */
    readonly chatsAtOnce: number
  }

/** What works on chats in the background. */
export type ChatWorker = {
  /** Something came in: looks at once. */
  wake(): void
  /** Takes nothing more; what was begun is finished, but for questions to the agent, which are left to whoever comes next. */
  close(): Promise<void>
}

const questionsAtOnce = 16
/** A channel that takes half a second for each still gets as many in a second as WhatsApp allows one number, 80. */
const repliesAtOnce = 40
/** For what other processes took in or left behind, and for what was to be tried again later. */
const lookEveryMs = 1000
/** A question waits for more of its kind a little longer than this. */
const askAfterMs = 2050

/**
 * Opens the worker: chats that wait are leased and decided on, the agent is asked, and replies go out. Any number of
 * processes may do so at once. It looks each second, and when it is woken.
 */
export function openChatWorker(needs: ChatWorkerNeeds): ChatWorker {
  const { chatStore, log, newToken, chatsAtOnce } = needs
  const closing = new AbortController()

  const replies = openPump({
    atOnce: repliesAtOnce,
    take: async () => (await chatStore.takeReplies(1, sendLeaseSeconds))[0],
    work: (reply) => sendReply(needs, reply, closing.signal),
    log,
  })
  const questions = openPump({
    atOnce: questionsAtOnce,
    take: () => leased(newToken(), (token) => chatStore.takeQuestion(token, leaseSeconds)),
    work: async ({ item, token }) => {
      await askAgent(needs, item, token, closing.signal)
      replies.wake()
    },
    log,
  })
  const chats = openPump({
    atOnce: chatsAtOnce,
    take: () => leased(newToken(), (token) => chatStore.lease(token, leaseSeconds)),
    work: async ({ item, token }) => {
      const { hasReplies, hasQuestion } = await workChat(needs, item, token)
      if (hasReplies) replies.wake()
      if (hasQuestion) setTimeout(questions.wake, askAfterMs).unref()
    },
    log,
  })

  const look = () => {
    for (const pump of [chats, questions, replies]) pump.wake()
  }
  const timer = setInterval(look, lookEveryMs)
  timer.unref()
  look()
  return {
    wake: chats.wake,
    async close() {
      clearInterval(timer)
      await chats.close()
      closing.abort()
      await questions.close()
      await replies.close()
    },
  }
}

async function leased<Item>(token: string, take: (token: string) => Promise<Item | undefined>) {
  const item = await take(token)
  return item && { item, token }
}
