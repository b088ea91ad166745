import { type Locale, locales } from '../domain/locale.ts'

/** The locale that a language tag stands for (`pt`, `PT-pt`, `es-419` …); undefined for a language that we do not speak. */
export function localeOf(tag: string | undefined): Locale | undefined {
  const language = tag?.trim().toLowerCase().split(/[-_]/)[0]
  return locales.find((locale) => locale.toLowerCase().split('-')[0] === language)
}

/**
 * The language for one reader: what they chose (by link or cookie, the first that we speak), else the best of
 * `Accept-Language` (RFC 9110 §12.5.4), else the default.
 */
export function chooseLocale(
  acceptLanguage: string | undefined,
  chosen: readonly (string | undefined)[],
  fallback: Locale,
): Locale {
  for (const tag of chosen) {
    const locale = localeOf(tag)
    if (locale !== undefined) return locale
  }
  let best: { locale: Locale; weight: number } | undefined
  for (const range of (acceptLanguage ?? '').slice(0, 1000).split(',')) {
    const [tag, ...parameters] = range.split(';')
    const locale = localeOf(tag)
    const quality = parameters.map((text) => /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(text)?.[1]).find(Boolean)
    const weight = quality === undefined ? 1 : Number(quality)
    if (locale !== undefined && weight > (best?.weight ?? 0)) best = { locale, weight }
  }
  return best?.locale ?? fallback
}
