import type { PhoneNumber } from '../phones/phone-number.ts'
import type { ReceivedMessage } from './chat-store.ts'

/** The numbers of those whose channel hides them, as far as they have given them to us. */
export interface HiddenNumbers {
  /**
   * Takes the number that a person gave under a request of ours. True when `requestId` is a request that was sent to
   * `address`; from then on that user id has this phone. False, with nothing kept, for every other card.
   */
  share(given: {
    readonly channel: string
    readonly userId: string
    readonly address: string
    readonly requestId: string
    readonly phone: PhoneNumber
    readonly at: Date
  }): Promise<boolean>
  /** The phone that this user id has been given for. A number that changes hands gets another id. */
  find(channel: string, userId: string): Promise<PhoneNumber | undefined>
}

/**
 * The same message with the phone of its sender where the channel hides it: the one that they share with this very message, or
 * have shared before. Whatever comes with a phone stays as it is, and so does a message of somebody who has shared none.
 */
export async function withHiddenNumber(
  needs: { readonly hiddenNumbers: HiddenNumbers },
  message: ReceivedMessage,
): Promise<ReceivedMessage> {
  const { channel, address, at, signals } = message
  if (message.phone !== undefined || signals?.userId === undefined) return message
  const { userId, inReplyTo: requestId, sharedPhone: phone } = signals
  const isShared =
    phone !== undefined &&
    requestId !== undefined &&
    (await needs.hiddenNumbers.share({ channel, userId, address, requestId, phone, at }))
  const known = isShared ? phone : await needs.hiddenNumbers.find(channel, userId)
  return known === undefined ? message : { ...message, phone: known, isProof: true }
}
