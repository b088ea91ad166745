import type { Locale } from '../domain/locale.ts'
import { nameDevice } from '../lib/name-device.ts'
import { type Html, html } from './html.ts'
import { sayIn } from './texts/say.ts'

/** A user agent as a person would put it: `Chrome en Android`. Whatever it says, only names of ours come out. */
export function deviceInWords(locale: Locale, userAgent: string | undefined): Html {
  const { browser, system } = nameDevice(userAgent)
  if (browser !== undefined && system !== undefined) return sayIn(locale)('device_on', { browser, system })
  const known = browser ?? system
  return known === undefined ? sayIn(locale)('device_unknown') : html`${known}`
}
