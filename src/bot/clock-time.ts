import { formatLocales, type Locale } from '../domain/locale.ts'
import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import { zoneOfPhone } from '../domain/phones/zone-of-phone.ts'

const days = {
  long: { day: 'numeric', month: 'long' },
  short: { day: '2-digit', month: '2-digit' },
} as const

/** Day and time in the words of a language, by the clock of the country of a phone. */
export function clockTime(locale: Locale, phone: PhoneNumber, at: Date, day: keyof typeof days): string {
  const time = new Intl.DateTimeFormat(formatLocales[locale], {
    ...days[day],
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    ...{ timeZone: zoneOfPhone(phone), timeZoneName: 'short' },
  })
  return time.format(at)
}
