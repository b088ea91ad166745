import type { OutgoingReply } from './chat-store.ts'

/**
 * Why a reply did not go out. The person can do something: `invalid_number`, `no_chat` (the number is not on that network),
 * `opted_out`. The operator can: `config` (credentials, payment), `needs_template` (the 24-hour window is closed),
 * `rejected` (the provider does not take this text or this country). Nobody can, and a later try may work: `rate_limited`,
 * `unavailable`. `timeout_unknown`: it may have gone out, so it is not tried again.
 */
export const sendFailures = [
  'invalid_number',
  'no_chat',
  'opted_out',
  'config',
  'needs_template',
  'rejected',
  'rate_limited',
  'unavailable',
  'timeout_unknown',
] as const

export type SendFailure = (typeof sendFailures)[number]

export type SendResult =
  | { readonly sentAs: string }
  | { readonly failed: SendFailure; readonly retryAfterSeconds?: number }

/** A way for replies to get to people's chats. */
export interface ChatSender {
  /** The channel of the chats that it sends to: `whatsapp`, `twilio`, `simulator`. */
  readonly channel: string
  /**
   * Sends one reply, and answers with the provider's id of it or with why not; it never rejects for what a provider does. It
   * is called for one reply of a chat at a time, in order. Told to stop, it answers soon: `unavailable` when nothing was sent
   * for certain, else `timeout_unknown`.
   */
  send(reply: OutgoingReply, signal: AbortSignal): Promise<SendResult>
}
