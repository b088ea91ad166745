import type { Locale } from '../locale.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { Channel } from './channel.ts'

/**
 * A WhatsApp template that the operator has had approved: what a business may send to somebody who has not written for a day.
 * Its buttons bring their ids back when they are pressed.
 */
export type MessageTemplate = {
  readonly name: string
  /** As Meta writes it: `es_AR`. */
  readonly language: string
  /** What stands for `{{1}}`, `{{2}}` … of its body. */
  readonly parameters: readonly string[]
  readonly buttons: readonly { readonly id: string; readonly title: string }[]
}

/** One text on its way to one phone. `code` stands apart because templates and voices need it by itself. */
export type OutboundMessage = {
  /** Our id of this delivery; providers that give it back in a receipt let us match it after a lost answer. */
  readonly ref: string
  readonly to: PhoneNumber
  readonly channel: Channel
  readonly text: string
  /** Undefined for a notice. */
  readonly code: string | undefined
  /** How a notice goes out by WhatsApp; `text` says the same in words. A provider that has no templates answers `needs_template`. */
  readonly template?: MessageTemplate
  readonly locale: Locale
  /** For how long the message is of any use. */
  readonly ttlSeconds: number
}

/**
 * Why a provider did not take a message, split by who can mend it.
 * The person: `invalid_number`, `no_whatsapp`, `opted_out`. The operator: `country_blocked`, `needs_template`, `config`.
 * Nobody, now: `rate_limited`, `rejected`, `unavailable`. Nobody can tell: `timeout_unknown` (it may have gone out).
 */
export const deliveryFailures = [
  'invalid_number',
  'no_whatsapp',
  'opted_out',
  'country_blocked',
  'needs_template',
  'config',
  'rate_limited',
  'rejected',
  'unavailable',
  'timeout_unknown',
] as const

export type DeliveryFailure = (typeof deliveryFailures)[number]

export type DeliveryResult =
  | { readonly ok: true; readonly providerMessageId: string }
  | {
      readonly ok: false
      readonly reason: DeliveryFailure
      readonly retryAfterSeconds?: number
      /** The provider's own code, for the operator's log. Never holds the number or the code. */
      readonly providerCode?: string
    }

/**
 * Brings one message out through one provider.
 *
 * `send` makes at most one attempt, never retries, and resolves with a result instead of throwing: a request that ran
 * into `signal` after bytes were written is `timeout_unknown`, one that certainly did not leave is `unavailable`.
 * Many may run at once. Neither the code nor the whole number appears in anything it throws or logs.
 */
export interface DeliveryProvider {
  /** The name under which it stands in the configuration and in `deliveries.provider`. */
  readonly name: string
  readonly channels: readonly Channel[]
  send(message: OutboundMessage, signal: AbortSignal): Promise<DeliveryResult>
}
