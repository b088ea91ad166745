import type { SendFailure, SendResult } from '../../domain/chat/chat-sender.ts'
import type { DeliveryFailure, DeliveryResult } from '../../domain/messaging/delivery-provider.ts'

/** Sends the parts of one reply one after the other, and answers with the id of the last one. */
export type SendInParts = <Part>(
  replyId: string,
  parts: readonly Part[],
  sendOne: (part: Part) => Promise<DeliveryResult>,
) => Promise<SendResult>

/** Replies that are under way are few; the rest of these were given up. */
const rememberedMax = 1000

/**
 * Opens a way to send replies that are too long for one message. When a part fails, a later try goes on from there: what has
 * arrived does not arrive again, as long as this process lives.
 */
export function openSendInParts(): SendInParts {
  const sentParts = new Map<string, number>()
  return async (replyId, parts, sendOne) => {
    let result: DeliveryResult = { ok: false, reason: 'rejected' }
    for (const part of parts.slice(sentParts.get(replyId) ?? 0)) {
      result = await sendOne(part)
      if (!result.ok) return failed(result)
      remember(replyId)
    }
    sentParts.delete(replyId)
    return result.ok ? { sentAs: result.providerMessageId } : failed(result)
  }

  function remember(replyId: string): void {
    sentParts.set(replyId, (sentParts.get(replyId) ?? 0) + 1)
    if (sentParts.size > rememberedMax) sentParts.delete(sentParts.keys().next().value!)
  }
}

function failed({ reason, retryAfterSeconds }: DeliveryResult & { ok: false }): SendResult {
  return { failed: failureOf(reason), ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
}

function failureOf(reason: DeliveryFailure): SendFailure {
  if (reason === 'no_whatsapp') return 'no_chat'
  return reason === 'country_blocked' ? 'rejected' : reason
}
