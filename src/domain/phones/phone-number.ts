import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max'
import { Refusal } from '../errors.ts'

declare const brand: unique symbol

/** One line, in canonical E.164 (`+5511961234567`). Made by `parsePhoneNumber` and `canonicalPhone` alone. */
export type PhoneNumber = string & { readonly [brand]: 'PhoneNumber' }

/**
 * Where a spelling comes from, which decides what may be assumed of it.
 * `typed`: a person wrote it, on a page or in JSON; it is trimmed, never repaired, and may be assumed to be a mobile.
 * `api_form`: a form body of the seed's API, where a `+` arrives as a space; that is repaired, or refused when in doubt.
 * `whatsapp`: an id of WhatsApp, which says exactly what it is; nothing is assumed.
 */
export type PhoneSource = 'typed' | 'api_form' | 'whatsapp'

export type PhoneReading = {
  /** ISO 3166 region in which numbers without country code are read; without one they are refused. */
  readonly region: string | undefined
  readonly source: PhoneSource
}

/** Longest spelling that is looked at: the longest number, twice over, with room for marks of direction. */
const spellingLengthMax = 64

const invisible = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g
const dashes = /[\u2010-\u2015\u2212]/g
const arabicDigits = /[\u0660-\u0669\u06f0-\u06f9]/g
/** Control characters but the tab, which spreadsheets leave at the ends of what is copied from them. */
const controls = /[^\P{Cc}\t]/u

/**
 * The one way from a spelling to a phone. Two spellings of one line give the same phone, two lines never do.
 * Refuses with `invalid_phone`, and with `ambiguous_number` when the spelling has two readings that both exist.
 */
export function parsePhoneNumber(input: string, reading: PhoneReading): PhoneNumber {
  const phone = input.length > spellingLengthMax ? undefined : read(input, reading)
  if (phone === undefined) throw new Refusal('invalid_phone')
  return phone
}

/** Brands text that `parsePhoneNumber` made earlier, such as a column of our own tables. Throws a TypeError for other shapes. */
export function canonicalPhone(text: string): PhoneNumber {
  if (!/^\+[1-9]\d{6,14}$/.test(text)) throw new TypeError('not a canonical phone number; parse it first')
  return text as PhoneNumber
}

function read(input: string, { region, source }: PhoneReading): PhoneNumber | undefined {
  const text = plain(input)
  if (text === undefined) return undefined

  const id = whatsappDigits(text, source)
  if (id !== undefined) return canonical(`+${id}`, undefined, false)
  if (source === 'whatsapp') return undefined

  const spelling = text.replace(/^\(\+(\d{1,3})\)/, '+$1 ')
  if (!/^\+?[\d ()./-]+$/.test(spelling)) return undefined
  if (source === 'api_form' && /^ +\d/.test(input)) return withLostPlus(spelling, region)
  if (spelling.startsWith('00')) return withDoubleZero(spelling, region)
  return canonical(spelling, region, true)
}

/** The digits of a WhatsApp id in the spellings of its transports; bare digits are one only where nothing else can come. */
function whatsappDigits(text: string, source: PhoneSource): string | undefined {
  const jid = /^\+?(\d{6,15})(?::\d{1,5})?@(?:s\.whatsapp\.net|c\.us|hosted)$/.exec(text)
  const address = jid ?? /^whatsapp:\+?(\d{6,15})$/i.exec(text)
  return (address ?? (source === 'whatsapp' ? /^\+?(\d{6,15})$/.exec(text) : null))?.[1]
}

/** What is left of a spelling once everything is gone that only its looks depend on; undefined if it cannot be a number. */
function plain(input: string): string | undefined {
  if (controls.test(input)) return undefined
  return input
    .normalize('NFKC')
    .replace(invisible, '')
    .replace(dashes, '-')
    .replace(arabicDigits, (digit) => String(digit.charCodeAt(0) & 0xf))
    .trim()
}

/** Reads what may have had a plus. Porto Alegre's 51 99999-8888 is Peru's +51 999998888: with two such readings, none counts. */
function withLostPlus(spelling: string, region: string | undefined): PhoneNumber | undefined {
  return onlyReading(canonical(`+${spelling}`, undefined, true), canonical(spelling, region, true))
}

/** Reads 00 as a plus, unless it begins with a carrier of the region that leads elsewhere: 0055 is one in Brazil. */
function withDoubleZero(spelling: string, region: string | undefined): PhoneNumber | undefined {
  const dialled = parse(spelling, region)
  const isAbroad = dialled !== undefined && dialled.countryCallingCode !== callingCodeOf(region)
  return onlyReading(
    canonical(`+${spelling.slice(2)}`, undefined, true),
    isAbroad ? canonical(dialled.number, undefined, true) : undefined,
  )
}

function onlyReading(
  meant: PhoneNumber | undefined,
  other: PhoneNumber | undefined,
): PhoneNumber | undefined {
  if (meant !== undefined && other !== undefined && meant !== other) throw new Refusal('ambiguous_number')
  return meant
}

function callingCodeOf(region: string | undefined): string | undefined {
  return isSupportedCountry(region ?? '') ? getCountryCallingCode(region as CountryCode) : undefined
}

function canonical(
  spelling: string,
  region: string | undefined,
  isMobileAssumed: boolean,
): PhoneNumber | undefined {
  const first = parse(spelling, region)
  if (first === undefined) return undefined
  const code = first.countryCallingCode
  const repaired = parse(`+${code}${repairNational(code, first.nationalNumber, isMobileAssumed)}`, undefined)
  return repaired?.isValid() ? (repaired.number as string as PhoneNumber) : undefined
}

function parse(spelling: string, region: string | undefined) {
  const defaultCountry = region as CountryCode | undefined
  const parsed = parsePhoneNumberFromString(spelling, {
    ...(defaultCountry && { defaultCountry }),
    extract: false,
  })
  return parsed?.ext === undefined ? parsed : undefined
}

/** National numbers as they are dialled today, where people and WhatsApp still use older or local forms. */
function repairNational(callingCode: string, national: string, isMobileAssumed: boolean): string {
  switch (callingCode) {
    case '54':
      return repairArgentina(national, isMobileAssumed)
    case '55':
      // Eight-digit mobiles got a leading 9 between 2012 and 2016. Landlines begin with 2 to 5 and are never touched.
      return national.replace(/^([1-9]{2})([6-9]\d{7})$/, '$19$2')
    case '52':
      // Prefixes for mobiles, in use until 2019.
      return national.replace(/^(?:1|01|044|045)(\d{10})$/, '$1')
    default:
      return national
  }
}

/** Argentina writes a mobile with a 9 from abroad, with a 15 after the area at home, and people with neither or both. */
function repairArgentina(national: string, isMobileAssumed: boolean): string {
  if (/^9\d{12}$/.test(national)) {
    const withoutNine = parse(`+54${national.slice(1)}`, undefined)
    if (withoutNine?.isValid() && /^9\d{10}$/.test(withoutNine.nationalNumber))
      return withoutNine.nationalNumber
  }
  // A missing 9 always looks like a landline; a code was asked for, so it is the mobile of the same digits.
  const isLandline =
    /^\d{10}$/.test(national) && parse(`+54${national}`, undefined)?.getType() === 'FIXED_LINE'
  return isLandline && isMobileAssumed ? `9${national}` : national
}
