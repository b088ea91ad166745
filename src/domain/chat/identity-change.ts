import type { PhoneNumber } from '../phones/phone-number.ts'

/**
 * That an account of the channel is no longer quite the one that it was: it moved to another number, got another id, or was
 * registered anew. A reason to ask again who is there, and never one to move a person.
 */
export type IdentityChange = {
  readonly channel: string
  /** The provider's own id of the notice; the same one twice is one notice. */
  readonly id: string
  readonly kind: 'number' | 'user_id' | 'registration'
  readonly at: Date
  /** What is known of who it was. */
  readonly before: { readonly phone: PhoneNumber | undefined; readonly userId: string | undefined }
  /** What is known of who it is now. */
  readonly after: {
    readonly phone: PhoneNumber | undefined
    readonly userId: string | undefined
    readonly identityHash: string | undefined
  }
}
