import { isRefusal } from '../../domain/errors.ts'
import { type PhoneNumber, parsePhoneNumber } from '../../domain/phones/phone-number.ts'

/** The phone behind an id of WhatsApp; undefined for whatever is none: groups, lists, pseudonyms, user ids. */
export function whatsappPhone(waId: string | undefined): PhoneNumber | undefined {
  try {
    return waId === undefined ? undefined : parsePhoneNumber(waId, { region: undefined, source: 'whatsapp' })
  } catch (thrown) {
    if (isRefusal(thrown)) return undefined
    throw thrown
  }
}
