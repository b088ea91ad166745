import type { Locale } from '../domain/locale.ts'
import { type Html, html } from './html.ts'
import { sayIn } from './texts/say.ts'

// Order decides: nearly every browser also names the ones that it wants to be taken for.
const browsers: readonly [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera/, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bCriOS\/|Chrome\/|\bChromium\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]

const systems: readonly [RegExp, string][] = [
  [/\biPhone\b|\biPod\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'Mac'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

/** A user agent as a person would put it: `Chrome en Android`. Whatever it says, only names of ours come out. */
export function deviceInWords(locale: Locale, userAgent: string | undefined): Html {
  const text = (userAgent ?? '').slice(0, 512)
  const browser = browsers.find(([pattern]) => pattern.test(text))?.[1]
  const system = systems.find(([pattern]) => pattern.test(text))?.[1]
  if (browser !== undefined && system !== undefined) return sayIn(locale)('device_on', { browser, system })
  const known = browser ?? system
  return known === undefined ? sayIn(locale)('device_unknown') : html`${known}`
}
