import { z } from 'zod'
import { isRefusal } from '../errors.ts'
import { parsePhoneNumber } from './phone-number.ts'

/** A phone number in the configuration: with its country code, since no page tells where it is from. */
export const phoneSetting = z
  .string()
  .refine(isWholeNumber)
  .meta({ allowed: 'phone numbers with country code, such as +5511961234567' })

function isWholeNumber(text: string): boolean {
  try {
    return parsePhoneNumber(text, { region: undefined, source: 'typed' }) !== undefined
  } catch (thrown) {
    if (isRefusal(thrown)) return false
    throw thrown
  }
}
