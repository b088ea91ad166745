import type { EventReceiver } from '../../domain/events/outgoing-event.ts'
import { signWebhook } from '../../lib/sign-webhook.ts'
import { type Fetch, post } from '../vendors/post.ts'

type Needs = {
  readonly fetch: Fetch
  /** Epoch ms. */
  readonly now: () => number
  readonly url: string
  /** As `isWebhookSecret` takes them. */
  readonly secret: string
}

/**
 * A program that is told by a signed POST (Standard Webhooks), under the same id however often it comes. It has taken an event when
 * it answers with 2xx; 410 says that it wants no more. Follows no redirect, so that nothing is sent anywhere but to the address
 * that the operator gave.
 */
export function webhookReceiver({ fetch, now, url, secret }: Needs): EventReceiver {
  return {
    async bring({ eventId, type, happenedAt, data }, signal) {
      const body = JSON.stringify({ type, timestamp: happenedAt.toISOString(), data })
      const signed = signWebhook(secret, { id: `evt_${eventId}`, seconds: Math.floor(now() / 1000), body })
      const headers = { 'content-type': 'application/json', 'user-agent': 'Portero', ...signed }
      const result = await post(fetch, { url, headers, body }, signal)
      if ('failed' in result) return { status: undefined, retryAfterSeconds: undefined }
      const { status, retryAfterSeconds } = result
      if (status >= 200 && status < 300) return 'taken'
      return status === 410 ? 'gone' : { status, retryAfterSeconds }
    },
  }
}
