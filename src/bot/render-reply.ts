import { IntlMessageFormat } from 'intl-messageformat'
import type { ButtonLabel, Message } from '../domain/conversation/message.ts'
import { secretMark } from '../domain/conversation/reply-secret.ts'
import type { Reply } from '../domain/conversation/turn.ts'
import { type DocumentKind, nameOfKind } from '../domain/documents/document-kind.ts'
import { formatLocales, type Locale } from '../domain/locale.ts'
import { nameDevice } from '../lib/name-device.ts'
import { notMe } from './chat-notices.ts'
import { cutText, plainName } from './plain-name.ts'
import { en } from './texts/en.ts'
import { es } from './texts/es.ts'
import { ptBR } from './texts/pt-BR.ts'
import type { Texts } from './texts/texts.ts'

/** What the bot's texts say about the house. */
export type ReplySettings = {
  /** The organisation's name, as its people know it. */
  readonly brand: string
  /** Where to read how data are protected; it stands in the first message of a chat. */
  readonly privacyUrl: string | undefined
  /** Where to ask somebody: an address or a number of the organisation. */
  readonly contact: string | undefined
  /** Where to sign in on the web. */
  readonly signInUrl: string | undefined
  readonly documents: readonly [DocumentKind, ...DocumentKind[]]
}

type Values = Readonly<Record<string, string | number>>

/** WhatsApp's limit for the title of a button. */
const titleLengthMax = 20

const texts: Readonly<Record<Locale, Texts>> = { es, 'pt-BR': ptBR, en }

/** Puts a message into the words of a language, buttons and all. Names are shown as text: no marks of direction, no lines. */
export function renderReply(settings: ReplySettings, locale: Locale, message: Message): Reply {
  const text = say(locale, message.key, valuesOf(settings, locale, message))
  const { privacyUrl } = settings
  const isPrivacyTold = message.isFirst === true && privacyUrl !== undefined
  return {
    text: isPrivacyTold ? `${text}\n\n${say(locale, 'privacy', { url: privacyUrl })}` : text,
    buttons: distinct(
      (message.buttons ?? []).map(({ id, label }) => ({ id, title: titleOf(locale, label) })),
    ),
    ...(message.asksFor && { asksFor: message.asksFor }),
    ...(message.secret && { secret: message.secret }),
  }
}

function valuesOf(settings: ReplySettings, locale: Locale, message: Message): Values {
  const { documents, brand, contact, signInUrl } = settings
  const kind = documents.find((one) => nameOfKind(one) === message.document) ?? documents[0]
  const names = new Intl.ListFormat(formatLocales[locale], { type: 'disjunction' })
  return {
    ...named(message.name),
    brand,
    contact: contact ?? '',
    hasContact: yesNo(contact !== undefined),
    url: signInUrl ?? '',
    hasUrl: yesNo(signInUrl !== undefined),
    documents: names.format(documents.map(labelOf)),
    document: labelOf(kind),
    digits: documents.every(isDigits) ? ` ${say(locale, 'only_digits', {})}` : '',
    shape: shapeOf(locale, kind),
    reason: message.reason ?? '',
    hours: message.hours ?? 0,
    count: message.count ?? 0,
    hasButton: yesNo((message.buttons ?? []).length > 0),
    ...browserValues(locale, message),
    form: message.people ? 'list' : offersSomeoneElse(message) ? 'buttons' : 'full',
    list: (message.people ?? [])
      .map((person, at) => `${at + 1}. ${nameOr(locale, person, at + 1)}`)
      .join('\n'),
  }
}

/** Where somebody wants to sign in; the code or the link itself is put in when the message leaves. */
function browserValues(locale: Locale, { browser, secret }: Message): Values {
  const { browser: name, system } = nameDevice(browser?.userAgent)
  const device =
    name !== undefined && system !== undefined
      ? say(locale, 'device_on', { browser: name, system })
      : (name ?? system ?? say(locale, 'device_unknown', {}))
  return { device, address: browser?.address ?? '', secret: secret === undefined ? '' : secretMark }
}

function offersSomeoneElse({ buttons = [] }: Message): boolean {
  return buttons.some(({ label }) => 'is' in label)
}

function titleOf(locale: Locale, label: ButtonLabel): string {
  if (!('is' in label)) return nameOr(locale, label.person, label.number)
  if (label.is === 'someone_else') return say(locale, 'button_someone_else', {})
  if (label.is === 'not_me') return notMe[locale]
  return say(locale, 'button_i_am', named(label.person))
}

function nameOr(locale: Locale, person: string | undefined, number: number): string {
  return plainName(person) || say(locale, 'person_without_name', { number })
}

function named(person: string | undefined): { name: string; hasName: string } {
  const name = plainName(person)
  return { name, hasName: yesNo(name !== '') }
}

/** WhatsApp refuses a message with two buttons that read the same. */
function distinct(buttons: readonly { readonly id: string; readonly title: string }[]): Reply['buttons'] {
  const seen = new Map<string, number>()
  return buttons.map(({ id, title }) => {
    const short = cutText(title, titleLengthMax)
    const times = (seen.get(short) ?? 0) + 1
    seen.set(short, times)
    return { id, title: times === 1 ? short : `${cutText(title, titleLengthMax - 4)} (${times})` }
  })
}

function labelOf(kind: DocumentKind): string {
  return typeof kind === 'string' ? kind.toUpperCase() : kind.name
}

function isDigits(kind: DocumentKind): boolean {
  return typeof kind === 'string' || kind.normalise === 'digits'
}

function shapeOf(locale: Locale, kind: DocumentKind): string {
  if (typeof kind !== 'string') return say(locale, 'shape_other', { example: kind.example })
  return say(locale, kind === 'dni' ? 'shape_dni' : 'shape_cpf', {})
}

function yesNo(is: boolean): string {
  return is ? 'yes' : 'no'
}

const compiled = new Map<string, IntlMessageFormat>()

function say(locale: Locale, key: keyof Texts, values: Values): string {
  const id = `${locale} ${key}`
  let format = compiled.get(id)
  if (format === undefined) {
    const options = { ignoreTag: true }
    format = new IntlMessageFormat(texts[locale][key], formatLocales[locale], undefined, options)
    compiled.set(id, format)
  }
  return String(format.format(values))
}
