import { isRefusal } from '../errors.ts'
import { parsePhoneNumber } from '../phones/phone-number.ts'

/** Whether a number that is no document is a phone: with its country code, plus or not, or as people of the region write it. */
export function looksLikePhone(number: string, region: string): boolean {
  const digits = number.replace(/\D/g, '').length
  return (
    digits >= 10 && (isPhone(number, region) || (digits >= 12 && isPhone(`+${number.trim()}`, undefined)))
  )
}

function isPhone(number: string, region: string | undefined): boolean {
  try {
    parsePhoneNumber(number, { region, source: 'typed' })
    return true
  } catch (thrown) {
    if (isRefusal(thrown)) return false
    throw thrown
  }
}
