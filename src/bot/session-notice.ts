import type { Locale } from '../domain/locale.ts'
import { asGsm } from '../domain/messaging/code-text.ts'
import type { SessionNotice } from '../domain/notices/notice-store.ts'
import type { WordsOf } from '../domain/notices/tell-notice.ts'
import { nameDevice } from '../lib/name-device.ts'
import { notMe } from './chat-notices.ts'
import { clockTime } from './clock-time.ts'
import { languageOf, type NoticeTemplate } from './notice-template.ts'
import { plainName } from './plain-name.ts'

export type NoticeSettings = {
  /** The organisation's name, as its people know it. */
  readonly brand: string
  /** The approved template and its languages, if there is one. */
  readonly template: NoticeTemplate | undefined
  /** Where people end sessions themselves. */
  readonly accountUrl: string | undefined
  /** Whether people can write to the bot by WhatsApp. */
  readonly hasChat: boolean
}

/** What a sign-in was, in words of ours: nothing that a client says of itself comes out as it is. */
type Facts = {
  readonly name: string
  readonly device: string
  readonly address: string | undefined
  readonly time: string
}

/** One segment of GSM-7. */
const smsLengthMax = 160

/** Meta's limit for a parameter is far longer; an empty one it refuses. */
const nothing = '–'

/** The words in which phones are told of new sessions, in three languages. */
export function sessionNoticeWords(settings: NoticeSettings): WordsOf<SessionNotice> {
  const { brand, template } = settings
  return {
    inChat: (locale, notice) => ({
      text: inFull[locale](factsOf(locale, notice, 'long')),
      buttons: [buttonOf(locale, notice)],
    }),
    bySms: (locale, notice) => smsText(settings, locale, factsOf(locale, notice, 'short')),
    byTemplate(locale, notice) {
      if (template === undefined) return undefined
      const facts = factsOf(locale, notice, 'long')
      return {
        text: inFull[locale](facts),
        template: {
          name: template.name,
          language: languageOf(template, locale),
          parameters: [brand, facts.device, facts.address ?? nothing, facts.time],
          buttons: [buttonOf(locale, notice)],
        },
      }
    },
  }
}

/** Means this session however late it is pressed. */
function buttonOf(locale: Locale, { nonce }: SessionNotice) {
  return { id: `${nonce}.do.not_me`, title: notMe[locale] }
}

const inFull: Readonly<Record<Locale, (facts: Facts) => string>> = {
  es: ({ name, device, address, time }) =>
    `Se abrió una sesión nueva en ${name === '' ? 'tu cuenta' : `la cuenta de ${name}`}: ${device}${address === undefined ? '' : `, desde ${address}`}, el ${time}.\n\n` +
    'Si fuiste vos, no hace falta que hagas nada. Si no, respondé "no fui yo" y la cierro.',
  'pt-BR': ({ name, device, address, time }) =>
    `Uma nova sessão foi aberta ${name === '' ? 'na sua conta' : `na conta de ${name}`}: ${device}${address === undefined ? '' : `, do endereço ${address}`}, em ${time}.\n\n` +
    'Se foi você, não precisa fazer nada. Se não, responda "não fui eu" e eu encerro essa sessão.',
  en: ({ name, device, address, time }) =>
    `A new session was opened in ${name === '' ? 'your account' : `the account of ${name}`}: ${device}${address === undefined ? '' : `, from ${address}`}, on ${time}.\n\n` +
    'If it was you, there is nothing to do. If not, answer "it wasn\'t me" and I end it.',
}

type Sms = {
  readonly opened: (brand: string, what: string) => string
  readonly byChat: string
  readonly byAccount: (where: string) => string
}

const sms: Readonly<Record<Locale, Sms>> = {
  es: {
    opened: (brand, what) => `${brand}: entraron a tu cuenta con ${what}.`,
    byChat: 'Si no fuiste vos, escribi NO FUI YO por WhatsApp.',
    byAccount: (where) => `Si no fuiste vos, cerra la sesion en ${where}`,
  },
  'pt-BR': {
    opened: (brand, what) => `${brand}: entraram na sua conta com ${what}.`,
    byChat: 'Se nao foi voce, escreva NAO FUI EU no WhatsApp.',
    byAccount: (where) => `Se nao foi voce, encerre a sessao em ${where}`,
  },
  en: {
    opened: (brand, what) => `${brand}: sign-in to your account with ${what}.`,
    byChat: "If it wasn't you, write IT WASN'T ME on WhatsApp.",
    byAccount: (where) => `If it wasn't you, end the session at ${where}`,
  },
}

/** As much as one segment takes: the address is left out first, then the device. */
function smsText({ brand, hasChat, accountUrl }: NoticeSettings, locale: Locale, facts: Facts): string {
  const { opened, byChat, byAccount } = sms[locale]
  const { device, address, time } = facts
  const whatToDo = hasChat || accountUrl === undefined ? byChat : byAccount(accountUrl)
  const texts = [[device, address, time], [device, time], [time]].map((parts) =>
    plain(`${opened(asGsm(brand), parts.filter((part) => part !== undefined).join(', '))} ${whatToDo}`),
  )
  return texts.find((text) => text.length <= smsLengthMax) ?? texts.at(-1)!.slice(0, smsLengthMax)
}

function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u2009\u202f\u00a0]/g, ' ')
    .replace(/[^\x20-\x5a\x61-\x7a_]/g, '')
}

function factsOf(locale: Locale, notice: SessionNotice, day: 'long' | 'short'): Facts {
  return {
    name: plainName(notice.firstName),
    device: deviceOf(locale, notice.userAgent),
    address: notice.address,
    time: clockTime(locale, notice.phone, notice.startedAt, day),
  }
}

const on: Readonly<Record<Locale, string>> = { es: 'en', 'pt-BR': 'em', en: 'on' }
const unknownDevice: Readonly<Record<Locale, string>> = {
  es: 'un dispositivo que no conozco',
  'pt-BR': 'um dispositivo que não conheço',
  en: 'a device that I do not know',
}

function deviceOf(locale: Locale, userAgent: string | undefined): string {
  const { browser, system } = nameDevice(userAgent)
  if (browser !== undefined && system !== undefined) return `${browser} ${on[locale]} ${system}`
  return browser ?? system ?? unknownDevice[locale]
}
