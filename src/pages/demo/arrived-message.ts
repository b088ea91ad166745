import type { Channel } from '../../domain/messaging/channel.ts'
import type { PhoneNumber } from '../../domain/phones/phone-number.ts'

/** A text on the simulated phone, as the delivery simulator keeps it. */
export type ArrivedMessage = {
  readonly id: string
  /** The phone that has it. */
  readonly to: PhoneNumber
  readonly channel: Channel
  readonly text: string
  readonly code: string | undefined
  /** Epoch milliseconds. */
  readonly at: number
  /** Of the chat with the bot: who wrote it. */
  readonly chat: 'bot' | 'phone' | undefined
  readonly buttons: readonly { readonly id: string; readonly title: string }[]
}
