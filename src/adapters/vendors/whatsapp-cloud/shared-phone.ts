import type { PhoneNumber } from '../../../domain/phones/phone-number.ts'
import { whatsappPhone } from '../whatsapp-phone.ts'
import type { WhatsappMessage } from './webhook-schema.ts'

/**
 * The sender's own number, if this is their answer to a request for it. Contact cards of anybody can be sent by hand; only the
 * button under a request makes the origin `contact_request`. It has been seen on the message and on the contact.
 */
export function sharedPhone({ type, origin, contacts }: WhatsappMessage): PhoneNumber | undefined {
  const [contact, ...more] = contacts ?? []
  if (type !== 'contacts' || contact === undefined || more.length > 0) return undefined
  const origins = [origin, contact.origin].filter((one) => one !== undefined)
  if (origins.length === 0 || origins.some((one) => one !== 'contact_request')) return undefined
  const phones = new Set(
    (contact.phones ?? []).map(({ wa_id, phone }) => whatsappPhone(wa_id ?? phone?.replace(/[^\d+]/g, ''))),
  )
  return phones.size === 1 ? [...phones][0] : undefined
}
