import { z } from 'zod'
import type { DeliveryResult } from '../../../domain/messaging/delivery-provider.ts'
import { type Fetch, failureOfStatus, post } from '../post.ts'
import { twilioFailure } from './failure.ts'

/** Twilio takes at most this much text, in UTF-16 units. */
export const twilioTextMax = 1600

/** Whose account sends, and with what. */
export type TwilioSending = {
  readonly fetch: Fetch
  readonly baseUrl: string
  readonly accountSid: string
  readonly authToken: string
}

const acceptedSchema = z.object({ sid: z.string().min(1), error_code: z.number().nullish() })
const refusedSchema = z.object({ code: z.number() })

/**
 * Hands one message to Twilio, once; `fields` as the Messages API calls them. Nothing of the token, the number or the text gets
 * into the result.
 */
export async function sendTwilio(
  { fetch, baseUrl, accountSid, authToken }: TwilioSending,
  fields: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const request = {
    url: `${baseUrl.replace(/\/$/, '')}/2010-04-01/Accounts/${accountSid}/Messages.json`,
    headers: {
      authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(fields).toString(),
  }
  const answer = await post(fetch, request, signal)
  if ('failed' in answer) return { ok: false, reason: answer.failed }

  if (answer.status < 300) {
    const accepted = acceptedSchema.safeParse(answer.json)
    // A good answer that says nothing: Twilio may well have taken it.
    if (!accepted.success) return { ok: false, reason: 'timeout_unknown' }
    const { sid, error_code } = accepted.data
    if (typeof error_code !== 'number') return { ok: true, providerMessageId: sid }
    return { ok: false, reason: twilioFailure(error_code), providerCode: String(error_code) }
  }
  const refused = refusedSchema.safeParse(answer.json)
  const { retryAfterSeconds } = answer
  return {
    ok: false,
    reason: refused.success ? twilioFailure(refused.data.code) : failureOfStatus(answer.status),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    providerCode: refused.success ? String(refused.data.code) : `http ${answer.status}`,
  }
}
