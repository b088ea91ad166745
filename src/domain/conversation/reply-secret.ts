import type { Digits } from '../otp/code-key.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'

/**
 * What a reply says that nobody may read where replies wait: kept as what it is derived from, which is worth nothing without the
 * keys, and put into the text when that leaves. As JSON can keep it: `salt` in base64url, `expiresAt` in epoch ms.
 */
export type ReplySecret = {
  readonly keyId: string
  readonly phone: PhoneNumber
  readonly expiresAt: number
} & (
  | { readonly kind: 'code'; readonly challengeId: string; readonly salt: string; readonly digits: Digits }
  | { readonly kind: 'link'; readonly id: string }
)

/** Stands in a text where the secret will be: a character that nobody types (private use). */
export const secretMark = '\uE0F0'
