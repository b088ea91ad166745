import type { Channel } from '../../domain/messaging/channel.ts'
import type { PhoneNumber } from '../../domain/phones/phone-number.ts'

/** A text on the simulated phone, as the delivery simulator keeps it. */
export type ArrivedMessage = {
  readonly id: string
  readonly to: PhoneNumber
  readonly channel: Channel
  readonly text: string
  readonly code: string | undefined
  /** Epoch milliseconds. */
  readonly at: number
}
