import {
  type NumberType,
  type PhoneNumber as ParsedNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max'
import type { PhoneNumber } from './phone-number.ts'

const lineTypes = {
  MOBILE: 'mobile',
  FIXED_LINE_OR_MOBILE: 'mobile_or_landline',
  FIXED_LINE: 'landline',
  PREMIUM_RATE: 'premium',
  TOLL_FREE: 'toll_free',
  SHARED_COST: 'shared_cost',
  VOIP: 'voip',
  PERSONAL_NUMBER: 'personal',
  PAGER: 'pager',
  UAN: 'uan',
  VOICEMAIL: 'voicemail',
} as const satisfies Record<Exclude<NumberType, undefined>, string>

/** What a number is for, by the numbering plan of its country; `mobile_or_landline` where the plan does not tell them apart. */
export type LineType = (typeof lineTypes)[keyof typeof lineTypes] | 'unknown'

export type PhoneFacts = {
  /** ISO 3166 region; undefined for satellites and other numbers of no country. */
  readonly region: string | undefined
  readonly type: LineType
  /** The number without its last four digits: what neighbours in one block of numbers share. */
  readonly prefix: string
}

/** What the digits of a phone tell about it. */
export function describePhone(phone: PhoneNumber): PhoneFacts {
  const parsed = parseCanonical(phone)
  const type = parsed?.getType()
  return { region: parsed?.country, type: type ? lineTypes[type] : 'unknown', prefix: phone.slice(0, -4) }
}

/** For eyes, in the international form: `+54 9 11 2345-6789`. */
export function formatPhone(phone: PhoneNumber): string {
  const parsed = parseCanonical(phone)
  if (parsed === undefined) return phone
  const spaced = parsed.formatInternational()
  // The library turns every separator into a space; people here expect the hyphen of their own numbers.
  return hyphenated.has(parsed.countryCallingCode) ? spaced.replace(/ (\d+)$/, '-$1') : spaced
}

const hyphenated = new Set(['54', '55'])

/**
 * For logs: the country code and the last four digits, `+54•••6789`; two digits where a number is so short that four would
 * give it away. Enough to find a complaint again, too little to call anybody.
 */
export function maskPhone(phone: PhoneNumber): string {
  const parsed = parseCanonical(phone)
  const shown = (parsed?.nationalNumber.length ?? 0) < 8 ? 2 : 4
  return `+${parsed?.countryCallingCode ?? ''}•••${phone.slice(-shown)}`
}

/**
 * The ids under which WhatsApp may know this line, the one to send to first. WhatsApp keeps the form that a number had when
 * it registered: Brazil before the ninth digit, Mexico with a 1. `+55 11 94123-4567` has no second id: without its 9 it is
 * the landline of somebody else.
 */
export function whatsappIds(phone: PhoneNumber): [string, ...string[]] {
  const brazil = /^\+55(\d\d)9([6-9]\d{7})$/.exec(phone)
  if (brazil !== null) return [phone.slice(1), `55${brazil[1]}${brazil[2]}`]
  const mexico = /^\+52(\d{10})$/.exec(phone)
  if (mexico !== null) return [phone.slice(1), `521${mexico[1]}`]
  return [phone.slice(1)]
}

function parseCanonical(phone: PhoneNumber): ParsedNumber | undefined {
  return parsePhoneNumberFromString(phone, { extract: false })
}
