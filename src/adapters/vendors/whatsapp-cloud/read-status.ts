import { type MessageStatus, messageStates } from '../../../domain/chat/message-status.ts'
import { storableText } from '../../../lib/storable-text.ts'
import { whatsappFailure } from './failure.ts'
import { whatsappChannel } from './read-message.ts'
import type { WhatsappStatus } from './webhook-schema.ts'

/** How far a message of ours has come; undefined for a state that nobody has heard of. */
export function readStatus(status: WhatsappStatus): MessageStatus | undefined {
  const state = messageStates.find((known) => known === status.status)
  if (state === undefined) return undefined
  const { biz_opaque_callback_data: ref, pricing } = status
  const code = status.errors?.[0]?.code
  return {
    channel: whatsappChannel,
    messageId: storableText(status.id, 512),
    ref: ref && storableText(ref, 512),
    state,
    at: new Date(Number(status.timestamp) * 1000),
    failure:
      state !== 'failed'
        ? undefined
        : code === undefined
          ? { reason: 'rejected', providerCode: 'none' }
          : { reason: whatsappFailure(code), providerCode: String(code) },
    billedAs: pricing?.billable ? storableText(pricing.category ?? 'unknown', 64) : undefined,
  }
}
