import type { Locale } from '../locale.ts'
import { describePhone } from './phone-facts.ts'
import type { PhoneNumber } from './phone-number.ts'

/** The language of a phone's country; undefined where it is none of ours, or more than one. */
export function localeOfPhone(phone: PhoneNumber | undefined): Locale | undefined {
  const region = phone && describePhone(phone).region
  if (region === undefined) return undefined
  return Object.entries(regionsOf).find(([, regions]) => regions.includes(region))?.[0] as Locale | undefined
}

const regionsOf: Readonly<Record<Locale, readonly string[]>> = {
  es: 'AR BO CL CO CR CU DO EC ES GQ GT HN MX NI PA PE PR PY SV UY VE'.split(' '),
  'pt-BR': 'AO BR CV GW MZ PT ST TL'.split(' '),
  en: 'AU GB GG GH IE IM JE JM KE NG NZ TT UG US ZA'.split(' '),
}
