import type { DeliveryFailure } from '../messaging/delivery-provider.ts'

/**
 * How far a message of ours has come, the later after the earlier. What was read was delivered, whatever is reported after it;
 * and what was delivered did not fail.
 */
export const messageStates = ['sent', 'failed', 'delivered', 'read', 'played'] as const

export type MessageState = (typeof messageStates)[number]

/** What the provider reports about a message that it took. Reports come twice, late, and in any order. */
export type MessageStatus = {
  readonly channel: string
  /** The provider's id, as sending answered it. */
  readonly messageId: string
  /** Our own id of the reply, where the provider gives it back. */
  readonly ref: string | undefined
  readonly state: MessageState
  readonly at: Date
  /** Why it failed, and the provider's own code of that. */
  readonly failure: { readonly reason: DeliveryFailure; readonly providerCode: string } | undefined
  /** What the provider charges it as (`service`, `utility`); undefined when it costs nothing, or this report does not say. */
  readonly billedAs: string | undefined
}
