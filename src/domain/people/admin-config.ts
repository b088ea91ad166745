import { z } from 'zod'
import { isRefusal } from '../errors.ts'
import { parsePhoneNumber } from '../phones/phone-number.ts'

/** `admin.*`: who runs this place. */
export const adminConfig = z.strictObject({
  phones: z
    .array(
      z
        .string()
        .refine(isWholeNumber)
        .meta({ allowed: 'phone numbers with country code, such as +5511961234567' }),
    )
    .default([])
    .meta({ description: 'Phones whose people are administrators.', examples: [['+5511961234567']] }),
})

export type AdminConfig = z.output<typeof adminConfig>

function isWholeNumber(text: string): boolean {
  try {
    return parsePhoneNumber(text, { region: undefined, source: 'typed' }) !== undefined
  } catch (thrown) {
    if (isRefusal(thrown)) return false
    throw thrown
  }
}
