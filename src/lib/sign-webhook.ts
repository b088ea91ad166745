import { createHmac } from 'node:crypto'

const prefix = 'whsec_'

/** Whether a text is a secret as Standard Webhooks writes them: `whsec_` and the base64 of 24 to 64 bytes. */
export function isWebhookSecret(text: string): boolean {
  if (!text.startsWith(prefix)) return false
  const bytes = keyOf(text)
  return bytes.toString('base64') === text.slice(prefix.length) && bytes.length >= 24 && bytes.length <= 64
}

/**
 * The headers that sign a body for whoever has the secret (Standard Webhooks 1.0, "v1": HMAC-SHA-256 over id, time and body,
 * with dots between). `seconds` is the time of sending since the epoch.
 */
export function signWebhook(
  secret: string,
  { id, seconds, body }: { readonly id: string; readonly seconds: number; readonly body: string },
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': `${seconds}`, 'webhook-signature': `v1,${signature}` }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(prefix.length), 'base64')
}
