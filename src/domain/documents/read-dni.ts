import { looksLikePhone } from './looks-like-phone.ts'
import type { Reading } from './reading.ts'

const words = /^(?:mi )?d\.? ?n\.? ?i\.?(?: es)?(?: n[°ºro]*\.?)?[ :.-]*(?=\d)/i
/** Older documents: their numbers are shorter, so they have to be named. */
const oldWords = /^(?:l\.? ?e\.?|l\.? ?c\.?|c\.? ?i\.?)(?: n[°ºro]*\.?)?[ :.-]*(?=\d)/i
const cuilWords = /^(?:mi )?c\.? ?u\.? ?i\.? ?[lt]\.?(?: es)?[ :.-]*(?=\d)/i

const weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]

/**
 * Argentina's DNI: seven or eight digits, which have no check digit, written with dots or spaces and perhaps with the word; zeros in
 * front do not count. A libreta (LE, LC) or cédula (CI), when it says so, may have five digits or six.
 */
export function readDni(text: string): Reading {
  const isOld = oldWords.test(text)
  const number = text.replace(isOld ? oldWords : words, '')
  const digits = digitsOf(number.replace(cuilWords, ''))
  if (digits === undefined)
    return { reason: looksLikePhone(number, 'AR') ? 'looks_like_phone' : 'not_a_document' }
  if (/^(?:2[0-7]|3[034])\d{9}$/.test(digits))
    return { reason: hasCuilCheck(digits) ? 'not_a_document' : 'bad_check_digit' }
  if (looksLikePhone(number, 'AR')) return { reason: 'looks_like_phone' }
  const value = digits.replace(/^0+/, '')
  if (value === '') return { reason: 'not_a_document' }
  if (value.length < (isOld ? 5 : 7)) return { reason: 'too_short' }
  return value.length > 8 ? { reason: 'too_long' } : { value }
}

/** The DNI inside a CUIL or CUIT of a person, where its check digit is right. */
export function readCuil(text: string): Reading {
  const digits = digitsOf(text.replace(cuilWords, '').replace(words, ''))
  if (digits === undefined || !/^2[0-7]\d{9}$/.test(digits)) return { reason: 'not_a_document' }
  const value = digits.slice(2, 10).replace(/^0+/, '')
  if (!hasCuilCheck(digits)) return { reason: 'bad_check_digit' }
  return value.length < 7 ? { reason: 'not_a_document' } : { value }
}

/** The digits of a number written with dots, spaces and hyphens; undefined when there is anything else. */
function digitsOf(number: string): string | undefined {
  return /^\d[\d .-]*$/.test(number) ? number.replace(/\D/g, '') : undefined
}

function hasCuilCheck(digits: string): boolean {
  const sum = weights.reduce((total, weight, at) => total + weight * Number(digits[at]), 0)
  // A remainder that would make 10 is never given out: such people get another prefix.
  return (11 - (sum % 11)) % 11 === Number(digits[10])
}
