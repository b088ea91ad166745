import { setTimeout as sleep } from 'node:timers/promises'
import { type AskAgentNeeds, askAgent } from './ask-agent.ts'
import type { ChatAnswer, IncomingMessage } from './chat-store.ts'
import { leaseSeconds } from './hold-lease.ts'
import type { SendReplyNeeds } from './send-reply.ts'
import { type WorkChatNeeds, workChat } from './work-chat.ts'

type Needs = WorkChatNeeds &
  AskAgentNeeds &
  Pick<SendReplyNeeds, 'fillReply'> & { readonly newToken: () => string }

/** Between two looks at a chat that somebody else has just now. */
const lookEveryMs = 25

/**
 * Takes in one message of a synchronous channel and resolves with what it came to. The same message again, at once or
 * later, gets the same answer and does nothing more. Of many messages of one chat at once each waits for those before it;
 * a question to the agent keeps no other message waiting. Rejects when the message could not be worked on, and when
 * `signal` says that nobody waits any longer: then the message is worked on all the same, by whoever comes next.
 */
export async function answerMessage(
  needs: Needs,
  message: IncomingMessage,
  signal: AbortSignal,
): Promise<ChatAnswer> {
  const { chatStore, newToken } = needs
  const { chatKey, channel, messageId } = message
  await chatStore.receive([message])
  for (;;) {
    const answer = await chatStore.readAnswer(channel, messageId)
    if (answer === 'set_aside') throw new Error('a message could not be worked on, and was set aside')
    if (answer !== 'open') return filled(needs, answer)
    signal.throwIfAborted()
    const token = newToken()
    const chat = await chatStore.lease(token, leaseSeconds, chatKey)
    if (chat !== undefined) {
      await workChat(needs, chat, token)
      continue
    }
    const question = await chatStore.takeQuestion(token, leaseSeconds, chatKey)
    if (question === undefined) await sleep(lookEveryMs)
    else await askAgent(needs, question, token, signal)
  }
}

/** What is kept for a repeated message holds no code and no link: they are put in each time, as long as they are good. */
function filled({ fillReply }: Pick<SendReplyNeeds, 'fillReply'>, answer: ChatAnswer): ChatAnswer {
  return { ...answer, replies: answer.replies.flatMap((reply) => fillReply(reply) ?? []) }
}
