import { IntlMessageFormat } from 'intl-messageformat'
import type { RefusalCode } from '../../domain/errors.ts'
import { formatLocales, type Locale } from '../../domain/locale.ts'
import { type Html, html } from '../html.ts'
import { en, enRefusals } from './en.ts'
import { es, esRefusals } from './es.ts'
import { ptBR, ptBRRefusals } from './pt-BR.ts'
import type { RefusalTexts, TextKey, Texts } from './texts.ts'

/** Values of one message: text and numbers, or markup that takes its place in the sentence. */
export type TextValues = Readonly<Record<string, string | number | Html>>

/** Speaks one language: `say('code_label', { digits: 6 })`. The answer is markup, with the values escaped. */
export type Say = (key: TextKey, values?: TextValues) => Html

const texts: Readonly<Record<Locale, Texts>> = { es, 'pt-BR': ptBR, en }
const refusalTexts: Readonly<Record<Locale, RefusalTexts>> = {
  es: esRefusals,
  'pt-BR': ptBRRefusals,
  en: enRefusals,
}

const compiled = new Map<string, IntlMessageFormat>()

/** The voice of one language. */
export function sayIn(locale: Locale): Say {
  return (key, values) => {
    const format = compiledFormat(locale, key)
    // Markup goes through as an object and comes back in its place; text around it stays text, and so is escaped.
    const said = format.format<Html>(values as Record<string, Html | string | number> | undefined)
    return html`${said}`
  }
}

/** What a refusal says in a language. */
export function refusalText(locale: Locale, code: RefusalCode): string {
  return refusalTexts[locale][code]
}

/** A length of time in words: `40 segundos`, `12 minutos`, `3 horas`; rounded up. */
export function durationIn(locale: Locale, seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds))
  const [unit, size] = whole < 100 ? ['second', 1] : whole < 5700 ? ['minute', 60] : ['hour', 3600]
  const format = new Intl.NumberFormat(formatLocales[locale], {
    style: 'unit',
    unit: unit as string,
    unitDisplay: 'long',
  })
  return format.format(Math.ceil(whole / (size as number)))
}

/** How long ago, in words that need no time zone: `hace 5 minutos`, `ayer`; undefined for the last minute. */
export function agoIn(locale: Locale, seconds: number): string | undefined {
  if (seconds < 60) return undefined
  const format = new Intl.RelativeTimeFormat(formatLocales[locale], { numeric: 'auto' })
  if (seconds < 3600) return format.format(-Math.floor(seconds / 60), 'minute')
  if (seconds < 86_400) return format.format(-Math.floor(seconds / 3600), 'hour')
  return format.format(-Math.floor(seconds / 86_400), 'day')
}

function compiledFormat(locale: Locale, key: TextKey): IntlMessageFormat {
  const id = `${locale} ${key}`
  const known = compiled.get(id)
  if (known) return known
  const format = new IntlMessageFormat(texts[locale][key], formatLocales[locale], undefined, {
    ignoreTag: true,
  })
  compiled.set(id, format)
  return format
}
