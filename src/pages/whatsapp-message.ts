import type { Locale } from '../domain/locale.ts'
import { writtenToken } from '../domain/otp/sign-in-token.ts'
import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import { paths, withQuery } from './parts.ts'

const messages: Readonly<Record<Locale, (brand: string, token: string) => string>> = {
  es: (brand, token) =>
    `Quiero entrar a ${brand}. Código: ${token}. No mandes este mensaje si te lo pidió otra persona.`,
  'pt-BR': (brand, token) =>
    `Quero entrar em ${brand}. Código: ${token}. Não envie esta mensagem se outra pessoa pediu.`,
  en: (brand, token) =>
    `I want to sign in to ${brand}. Code: ${token}. Do not send this message if somebody else asked you to.`,
}

type Prepared = {
  /** The number that people write to; undefined for the simulated phone. */
  readonly number: PhoneNumber | undefined
  readonly locale: Locale
  readonly brand: string
  readonly token: string
  /** Whose phone is to write, where that is known. */
  readonly from: PhoneNumber | undefined
}

/** The address that opens a chat with the message written already, to be sent by its owner. */
export function preparedMessage({ number, locale, brand, token, from }: Prepared): string {
  const text = messages[locale](brand, writtenToken(token))
  if (number === undefined) return withQuery(paths.demo, { phone: from, text })
  return `https://wa.me/${number.slice(1)}?text=${encodeURIComponent(text)}`
}
