import { isRefusal, Refusal } from '../errors.ts'
import type { Channel } from '../messaging/channel.ts'
import { describePhone, type LineType } from './phone-facts.ts'
import type { PhoneNumber } from './phone-number.ts'

/**
 * What can receive a code, by channel. Everything else costs whoever calls it, or is answered by nobody in particular.
 * A landline can be called, and can be registered with WhatsApp Business.
 */
const reachable: Record<Channel, readonly LineType[]> = {
  sms: ['mobile', 'mobile_or_landline'],
  whatsapp: ['mobile', 'mobile_or_landline', 'landline'],
  voice: ['mobile', 'mobile_or_landline', 'landline'],
}

export type Reach = {
  /** ISO 3166 regions whose numbers may receive codes here. */
  readonly allowedRegions: readonly string[]
  readonly channel: Channel
}

/**
 * Lets pass what a code may be sent to. Refuses with `country_not_allowed` for numbers of other regions and of none,
 * and with `phone_not_reachable` for premium, toll-free, shared-cost and such numbers, and for landlines by SMS.
 */
export function requireReachable(phone: PhoneNumber, { allowedRegions, channel }: Reach): void {
  const { region, type } = describePhone(phone)
  if (region === undefined || !allowedRegions.includes(region)) throw new Refusal('country_not_allowed')
  if (!reachable[channel].includes(type)) throw new Refusal('phone_not_reachable')
}

/** Whether a message may be sent there, by what holds for codes. */
export function isReachable(phone: PhoneNumber, reach: Reach): boolean {
  try {
    requireReachable(phone, reach)
    return true
  } catch (thrown) {
    if (isRefusal(thrown)) return false
    throw thrown
  }
}
