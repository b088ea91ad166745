import { createHmac, type KeyObject } from 'node:crypto'
import type { PhoneNumber } from '../phones/phone-number.ts'

/** Codes are good for one purpose only; a sign-in code opens nothing else. `link`: to be recognised from another phone. */
export type Purpose = 'sign_in' | 'link'

/** Lengths that a code can have: the second one is for phones under attack. */
export type Digits = 6 | 8

/** What a derived code was derived from, besides the key. */
export type CodeSeed = { readonly challengeId: string; readonly salt: Buffer; readonly keyId: string }

const wordSpace = 2 ** 32

/**
 * The code of a challenge, derived and never stored: whoever holds the key computes the same digits again for a resend or
 * another channel. Takes the first 32-bit word of an HMAC stream that is below the largest multiple of 10^digits, so that
 * every code is equally likely.
 */
export function deriveCode(
  key: KeyObject,
  of: { purpose: Purpose; phone: PhoneNumber; challengeId: string; salt: Buffer; digits: Digits },
): string {
  const space = 10 ** of.digits
  const limit = wordSpace - (wordSpace % space)
  for (let block = 0; ; block += 1) {
    const words = createHmac('sha256', key)
      .update(`code\0${of.purpose}\0${of.phone}\0${of.challengeId}\0${block}\0`)
      .update(of.salt)
      .digest()
    for (let at = 0; at < words.length; at += 4) {
      const word = words.readUInt32BE(at)
      if (word < limit) return String(word % space).padStart(of.digits, '0')
    }
  }
}

/** What a row keeps to recognise a code by. Without the key it tells nothing, not even about ten thousand guesses. */
export function codeProof(
  key: KeyObject,
  of: { purpose: Purpose; phone: PhoneNumber; code: string },
): Buffer {
  return createHmac('sha256', key).update(`proof\0${of.purpose}\0${of.phone}\0${of.code}`).digest()
}

/** The digits of a typed or pasted code: spaces, dashes and full-width digits are forgiven; undefined for anything else. */
export function parseCode(typed: string): string | undefined {
  if (typed.length > 64) return undefined
  const digits = typed
    .normalize('NFKC')
    .replace(/[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u2010-\u2015.-]/gu, '')
  return /^[0-9]{6}(?:[0-9]{2})?$/.test(digits) ? digits : undefined
}
