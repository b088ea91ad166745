import type { PhoneNumber } from '../phones/phone-number.ts'

/** What a channel says about a message beside its number and its text. Facts of that moment; nobody is moved because of them. */
export type ChannelSignals = {
  /** What the sender is called in chats with this organisation alone (WhatsApp's BSUID); those who hide their number have it too. */
  readonly userId: string | undefined
  /** Becomes another one when the account is registered anew: on another SIM, on another telephone, or only once more. */
  readonly identityHash: string | undefined
  /** Which message this one answers, by the provider's id. */
  readonly inReplyTo: string | undefined
  /**
   * The sender's own number, given by the button under a request of ours. It counts only if `inReplyTo` is such a request, sent
   * to this very chat; a contact card that somebody merely forwards never gets here.
   */
  readonly sharedPhone: PhoneNumber | undefined
}
