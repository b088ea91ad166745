import type { Locale } from '../locale.ts'

/**
 * The text that brings a code by SMS, in letters that fit one GSM-7 segment, closed by the line that browsers fill the code
 * in from (https://wicg.github.io/sms-one-time-codes/): `@host #code`, and nothing after it.
 */
export function codeText(of: {
  code: string
  brand: string
  host: string | undefined
  locale: Locale
  ttlSeconds: number
}): string {
  const minutes = Math.max(1, Math.floor(of.ttlSeconds / 60))
  const text = sentences[of.locale](asGsm(of.brand), of.code, minutes)
  return of.host === undefined ? text : `${text}\n\n@${of.host} #${of.code}`
}

const sentences: Record<Locale, (brand: string, code: string, minutes: number) => string> = {
  es: (brand, code, minutes) => `Tu codigo de ${brand} es ${code}. Vence en ${minutes} min. No lo compartas.`,
  'pt-BR': (brand, code, minutes) =>
    `Seu codigo ${brand}: ${code}. Expira em ${minutes} min. Nao compartilhe.`,
  en: (brand, code, minutes) =>
    `Your ${brand} code is ${code}. It expires in ${minutes} min. Do not share it.`,
}

/** Accents outside GSM-7 would make the whole text UCS-2 and cost two segments; Brazilian routes drop them anyway. */
function asGsm(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x5a\x61-\x7a]/g, '')
    .slice(0, 30)
}
