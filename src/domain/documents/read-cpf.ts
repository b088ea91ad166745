import { looksLikePhone } from './looks-like-phone.ts'
import type { Reading } from './reading.ts'

const words = /^(?:(?:o )?meu )?c\.? ?p\.? ?f\.?(?: é| e)?[ :.-]*(?=\d)/i

/** Brazil's CPF: eleven digits, of which the last two check the others; no zero is put in front, and eleven times one digit is none. */
export function readCpf(text: string): Reading {
  const number = text.replace(words, '')
  if (!/^\+?[\d ()./-]+$/.test(number)) return { reason: 'not_a_document' }
  const digits = number.replace(/\D/g, '')
  if (digits.length === 11 && hasCheckDigits(digits) && !number.startsWith('+')) return { value: digits }
  if (looksLikePhone(number, 'BR')) return { reason: 'looks_like_phone' }
  if (digits.length === 11) return { reason: 'bad_check_digit' }
  return { reason: digits.length < 11 ? 'too_short' : 'too_long' }
}

function hasCheckDigits(digits: string): boolean {
  if (/^(\d)\1+$/.test(digits)) return false
  return [9, 10].every((length) => {
    let sum = 0
    for (let at = 0; at < length; at += 1) sum += (length + 1 - at) * Number(digits[at])
    return ((sum * 10) % 11) % 10 === Number(digits[length])
  })
}
