import type { Locale } from '../locale.ts'
import type { Purpose } from '../otp/code-key.ts'

/**
 * The text that brings a code by SMS, in letters that fit one GSM-7 segment, closed by the line that browsers fill the code
 * in from (https://wicg.github.io/sms-one-time-codes/): `@host #code`, and nothing after it. A code for a `link` is bound to no
 * page: it goes to somebody who may know nothing of it, and so says first what it is for, and how to undo it.
 */
export function codeText(of: {
  code: string
  brand: string
  host: string | undefined
  locale: Locale
  ttlSeconds: number
  purpose?: Purpose
}): string {
  const minutes = Math.max(1, Math.floor(of.ttlSeconds / 60))
  if (of.purpose === 'link') return linkSentences[of.locale](asGsm(of.brand), of.code, minutes)
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

const linkSentences: Record<Locale, (brand: string, code: string, minutes: number) => string> = {
  es: (brand, code, minutes) =>
    `${brand}: alguien dice ser vos desde otro telefono. Si sos vos, el codigo es ${code} (${minutes} min). Si no, responde NO FUI YO al bot.`,
  'pt-BR': (brand, code, minutes) =>
    `${brand}: alguem diz ser voce em outro telefone. Se for voce, o codigo e ${code} (${minutes} min). Se nao, responda NAO FUI EU ao bot.`,
  en: (brand, code, minutes) =>
    `${brand}: somebody writes from another phone, claiming to be you. If it is you, the code is ${code} (${minutes} min). If not, answer the bot NOT ME.`,
}

/**
 * A name in letters of GSM-7 that every network has, at most 30. Accents outside of it would make the whole text UCS-2 and cost two
 * segments; Brazilian routes drop them anyway.
 */
export function asGsm(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x5a\x61-\x7a]/g, '')
    .slice(0, 30)
}
