import { z } from 'zod'
import type { DeliveryResult } from '../../../domain/messaging/delivery-provider.ts'
import { type Fetch, failureOfStatus, post } from '../post.ts'
import { whatsappFailure } from './failure.ts'

/** Whose number sends, and with what. */
export type WhatsappSending = {
  readonly fetch: Fetch
  readonly baseUrl: string
  readonly apiVersion: string
  readonly phoneNumberId: string
  readonly accessToken: string
}

const acceptedSchema = z.object({
  messages: z.tuple([z.object({ id: z.string().min(1) })]).rest(z.unknown()),
})
const refusedSchema = z.object({ error: z.object({ code: z.number() }) })

/**
 * Hands one message to the Cloud API, once. Accepted does not mean that the number is on WhatsApp: that comes later, in a
 * status. Nothing of the token, the number or the text gets into the result.
 */
export async function sendWhatsapp(
  { fetch, baseUrl, apiVersion, phoneNumberId, accessToken }: WhatsappSending,
  message: object,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const request = {
    url: `${baseUrl.replace(/\/$/, '')}/${apiVersion}/${phoneNumberId}/messages`,
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(message),
  }
  const answer = await post(fetch, request, signal)
  if ('failed' in answer) return { ok: false, reason: answer.failed }

  const accepted = acceptedSchema.safeParse(answer.json)
  if (answer.status === 200 && accepted.success)
    return { ok: true, providerMessageId: accepted.data.messages[0].id }
  // A good answer that says nothing: Meta may well have taken it.
  if (answer.status < 300) return { ok: false, reason: 'timeout_unknown' }

  const refused = refusedSchema.safeParse(answer.json)
  const { retryAfterSeconds } = answer
  return {
    ok: false,
    reason: refused.success ? whatsappFailure(refused.data.error.code) : failureOfStatus(answer.status),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    providerCode: refused.success ? String(refused.data.error.code) : `http ${answer.status}`,
  }
}
