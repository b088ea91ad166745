import { type CountryCode, getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/max'
import type { Locale } from '../locale.ts'

export type Region = {
  /** ISO 3166, two letters. */
  readonly code: string
  /** With its plus: `+55`. */
  readonly callingCode: string
  /** In the language that was asked for. */
  readonly name: string
}

/** Whether numbers of this ISO 3166 region can be read at all. */
export function isRegion(code: string): boolean {
  return isSupportedCountry(code)
}

/** The regions to choose from, `first` at the top and the rest by name in the language of the reader. */
export function listRegions(
  codes: readonly string[],
  { locale, first }: { locale: Locale; first: string },
): Region[] {
  const names = new Intl.DisplayNames(locale, { type: 'region' })
  const regions = codes.map((code) => ({
    code,
    callingCode: `+${getCountryCallingCode(code as CountryCode)}`,
    name: names.of(code) ?? code,
  }))
  const rank = (region: Region) => (region.code === first ? 0 : 1)
  return regions.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, locale))
}
