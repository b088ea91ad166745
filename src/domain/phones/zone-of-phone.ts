import { describePhone } from './phone-facts.ts'
import type { PhoneNumber } from './phone-number.ts'

/** Where a country has several times: that of its capital, or of most of its people. Whoever shows a time names its zone. */
const zones: Readonly<Record<string, string>> = {
  AR: 'America/Argentina/Buenos_Aires',
  AU: 'Australia/Sydney',
  BR: 'America/Sao_Paulo',
  CA: 'America/Toronto',
  CL: 'America/Santiago',
  EC: 'America/Guayaquil',
  ES: 'Europe/Madrid',
  MX: 'America/Mexico_City',
  NZ: 'Pacific/Auckland',
  PT: 'Europe/Lisbon',
  US: 'America/New_York',
}

/** The time zone of a phone's country, as IANA names it; UTC for numbers of no country. */
export function zoneOfPhone(phone: PhoneNumber): string {
  const { region } = describePhone(phone)
  if (region === undefined) return 'UTC'
  return zones[region] ?? zonesOf(region)[0] ?? 'UTC'
}

/** In the order of the alphabet. Node has it, and TypeScript does not know it yet. */
function zonesOf(region: string): readonly string[] {
  const country = new Intl.Locale(`und-${region}`) as Intl.Locale & {
    getTimeZones?(): readonly string[] | undefined
  }
  return country.getTimeZones?.() ?? []
}
