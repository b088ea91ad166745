import { getCountries } from 'libphonenumber-js/max'
import type { Locale } from '../../src/domain/locale.ts'
import { parsePhoneNumber } from '../../src/domain/phones/phone-number.ts'
import type { SessionSummary } from '../../src/domain/sessions/session.ts'
import { renderAccountPage } from '../../src/pages/account-page.ts'
import { type CodeEvent, type CodePage, renderCodePage } from '../../src/pages/code-page.ts'
import { listCountries } from '../../src/pages/countries.ts'
import { renderDeadCodePage } from '../../src/pages/dead-code-page.ts'
import { renderLaterPage } from '../../src/pages/later-page.ts'
import { renderDeadLinkPage, renderLinkPage } from '../../src/pages/link-page.ts'
import { type BrandConfig, brandOf, type Look } from '../../src/pages/look.ts'
import { renderNamePage } from '../../src/pages/name-page.ts'
import { renderNotInPage } from '../../src/pages/not-in-page.ts'
import { renderPhonePage } from '../../src/pages/phone-page.ts'
import { renderRefusalPage } from '../../src/pages/refusal-page.ts'
import { renderSignedInPage, renderSignedOutPage } from '../../src/pages/signed-in-page.ts'
import { refusalText } from '../../src/pages/texts/say.ts'
import { renderConfirmPage, renderDeadTokenPage, renderPreviewPage } from '../../src/pages/token-pages.ts'
import { preparedMessage } from '../../src/pages/whatsapp-message.ts'
import {
  renderWhatsappOverPage,
  renderWhatsappPage,
  type WhatsappPage,
} from '../../src/pages/whatsapp-page.ts'
import { renderWhoPage } from '../../src/pages/who-page.ts'

/** A brand as an organisation would set it up. */
export const sampleBrand: BrandConfig = {
  name: 'Universidad del Sur',
  color: undefined,
  logo: undefined,
  contact: 'soporte@uds.example',
  privacyUrl: 'https://uds.example/privacidad',
}

/** A look for sample pages; anything can be changed. */
export function sampleLook(locale: Locale, brand: Partial<BrandConfig> = {}, more: Partial<Look> = {}): Look {
  return {
    locale,
    brand: brandOf({ ...sampleBrand, ...brand }),
    demo: { on: false, asked: false },
    here: '/_portero/signin?return=%2Fc%2F1',
    ...more,
  }
}

/** Texts that a person can put into pages. */
export type SampleWords = {
  readonly person: string | undefined
  readonly typed: string
  readonly returnTo: string
}

const calm: SampleWords = { person: 'Ana Souza', typed: '11 2345', returnTo: '/c/1' }
const phone = parsePhoneNumber('+54 9 11 2345-6789', { region: 'AR', source: 'typed' })
const near = ['AR', 'BO', 'BR', 'CL', 'CO', 'EC', 'ES', 'MX', 'PE', 'PT', 'PY', 'US', 'UY', 'VE']
const reference = 'K7QF2M9A'
const now = Date.UTC(2026, 10, 22, 12)
const token = `${'e'.repeat(36)}.${'y'.repeat(400)}.${'J'.repeat(43)}`

/** Every page in every state that looks different, filled with sample data. */
export const gallery: Readonly<Record<string, (look: Look, words?: SampleWords) => string>> = {
  phone: (look, { returnTo } = calm) => phonePage(look, { typed: '', returnTo }),
  'phone-wrong': (look, { typed, returnTo } = calm) =>
    phonePage(look, { typed, returnTo, wrong: refusalText(look.locale, 'invalid_phone') }),
  'phone-one-country': (look, { typed, returnTo } = calm) =>
    phonePage(look, { typed, returnTo, codes: ['AR'] }),
  'phone-world': (look, { returnTo } = calm) =>
    phonePage(look, { typed: '', returnTo, codes: getCountries() }),
  'phone-whatsapp': (look, { returnTo } = calm) =>
    phonePage(look, { typed: '', returnTo, hasWhatsapp: true }),
  'phone-whatsapp-only': (look, { returnTo } = calm) =>
    phonePage(look, { typed: '', returnTo, hasWhatsapp: true, canSend: false }),
  'phone-demo': (look, { returnTo } = calm) =>
    phonePage({ ...look, demo: { on: true, asked: true } }, { typed: '', returnTo }),
  code: (look, words) => codePage(look, words, {}),
  'code-wrong': (look, words) => codePage(look, words, { event: 'wrong', triesLeft: 3 }),
  'code-last-try': (look, words) =>
    codePage(look, words, { event: 'wrong', triesLeft: 1, resendInSeconds: 0 }),
  'code-malformed': (look, words) => codePage(look, words, { event: 'malformed' }),
  'code-resent': (look, words) => codePage(look, words, { event: 'resent', channel: 'sms' }),
  'code-too-early': (look, words) => codePage(look, words, { event: 'too_early', isOnlyForKnown: true }),
  'code-no-delivery': (look, words) => codePage(look, words, { event: 'delivery_unavailable', digits: 8 }),
  'code-message': (look, words) =>
    codePage(look, words, { isInbound: true, isOnlyForKnown: true, channels: ['sms'], resendInSeconds: 0 }),
  'code-demo': (look, words) => codePage({ ...look, demo: { on: true, asked: false } }, words, {}),
  expired: (look, { returnTo } = calm) =>
    renderDeadCodePage(look, {
      state: 'expired',
      phone,
      channel: 'whatsapp',
      channels: ['whatsapp', 'sms'],
      isInbound: false,
      returnTo,
    }),
  'expired-message': (look, { returnTo } = calm) =>
    renderDeadCodePage(look, {
      state: 'expired',
      phone,
      channel: 'whatsapp',
      channels: ['sms'],
      isInbound: true,
      returnTo,
    }),
  exhausted: (look, { returnTo } = calm) =>
    renderDeadCodePage(look, {
      ...{ state: 'exhausted', phone, channel: 'sms', channels: ['sms'], isInbound: false, returnTo },
    }),
  'too-many-codes': (look, { returnTo } = calm) =>
    renderLaterPage(look, {
      reason: 'too_many_codes',
      waitSeconds: 540,
      hasLiveCode: true,
      hasWhatsapp: true,
      reference,
      returnTo,
    }),
  'too-many-tries': (look, { returnTo } = calm) =>
    renderLaterPage(look, {
      reason: 'too_many_tries',
      waitSeconds: 7000,
      hasLiveCode: false,
      hasWhatsapp: true,
      reference,
      returnTo,
    }),
  waiting: (look, { returnTo } = calm) => renderNotInPage(look, { why: 'waiting', reference, returnTo }),
  blocked: (look, { returnTo } = calm) => renderNotInPage(look, { why: 'blocked', reference, returnTo }),
  unknown: (look, { returnTo } = calm) => renderNotInPage(look, { why: 'unknown', reference, returnTo }),
  name: (look, { returnTo } = calm) => renderNamePage(look, { typed: '', isWrong: false, returnTo }),
  'name-wrong': (look, { typed, returnTo } = calm) =>
    renderNamePage(look, { typed, isWrong: true, returnTo }),
  who: (look, { person, returnTo } = calm) =>
    renderWhoPage(look, { phone, people: sampleFamily(person), refusal: undefined, returnTo }),
  'who-refused': (look, { person, returnTo } = calm) =>
    renderWhoPage(look, { phone, people: sampleFamily(person), refusal: 'proof_too_old', returnTo }),
  confirm: (look, { person, returnTo } = calm) =>
    renderConfirmPage(look, { account: { name: person, phone }, current: undefined, token, returnTo }),
  'confirm-switch': (look, { person, returnTo } = calm) =>
    renderConfirmPage(look, {
      account: { name: undefined, phone },
      current: { name: person, phone },
      token,
      returnTo,
    }),
  'dead-token': (look, { returnTo } = calm) => renderDeadTokenPage(look, { returnTo }),
  link: (look, { person } = calm) =>
    renderLinkPage(look, { account: { name: person, phone }, current: undefined, action: '/_portero/l/x' }),
  'link-switch': (look, { person } = calm) =>
    renderLinkPage(look, {
      account: { name: person, phone },
      current: { name: 'Lucía', phone },
      action: '/_portero/l/x',
    }),
  'link-nameless': (look) =>
    renderLinkPage(look, {
      account: { name: undefined, phone },
      current: undefined,
      action: '/_portero/l/x',
    }),
  'link-dead': (look) => renderDeadLinkPage(look),
  whatsapp: (look, { returnTo } = calm) => whatsappPage(look, { returnTo }),
  'whatsapp-not-yet': (look, { returnTo } = calm) => whatsappPage(look, { returnTo, isNotYet: true, phone }),
  'whatsapp-demo': (look, { returnTo } = calm) => whatsappPage(look, { returnTo, number: undefined }),
  'whatsapp-over': (look, { returnTo } = calm) => renderWhatsappOverPage(look, { returnTo }),
  preview: (look) => renderPreviewPage(look),
  'signed-in': (look, { person, returnTo } = calm) =>
    renderSignedInPage(look, { account: { name: person, phone }, returnTo }),
  'signed-in-nameless': (look) =>
    renderSignedInPage(look, { account: { name: undefined, phone }, returnTo: '/' }),
  account: (look, { person } = calm) =>
    renderAccountPage(look, {
      account: { name: person, phone },
      sessions: sampleSessions,
      currentSessionId: sampleSessions[0]!.id,
      hasOthers: true,
      hasDevice: true,
      event: 'session_ended',
      now,
    }),
  'account-alone': (look) =>
    renderAccountPage(look, {
      account: { name: undefined, phone },
      sessions: sampleSessions.slice(0, 1),
      currentSessionId: sampleSessions[0]!.id,
      hasOthers: false,
      hasDevice: false,
      event: undefined,
      now,
    }),
  'signed-out': (look) => renderSignedOutPage(look, { isEverywhere: false }),
  'signed-out-everywhere': (look) => renderSignedOutPage(look, { isEverywhere: true }),
  'upstream-unreachable': (look) => renderRefusalPage(look, { code: 'upstream_unreachable', reference }),
  'upstream-timeout': (look) => renderRefusalPage(look, { code: 'upstream_timeout', reference }),
  'no-upstream': (look) => renderRefusalPage(look, { code: 'no_upstream', reference }),
  refused: (look) => renderRefusalPage(look, { code: 'origin_not_allowed', reference }),
  'not-found': (look) => renderRefusalPage(look, { code: 'not_found', reference }),
  bug: (look) => renderRefusalPage(look, { code: 'internal', reference }),
}

function whatsappPage(look: Look, page: Partial<WhatsappPage> & { returnTo: string }): string {
  const { locale, brand } = look
  const number =
    'number' in page ? page.number : parsePhoneNumber('+5511961234567', { region: 'BR', source: 'typed' })
  const href = preparedMessage({
    number,
    locale,
    brand: brand.name,
    token: '7K3M9QXA2BCDE',
    from: page.phone,
  })
  return renderWhatsappPage(look, {
    ...{ href, number, phone: undefined, expiresInSeconds: 287, isNotYet: false },
    ...page,
  })
}

type PhoneSample = {
  typed: string
  returnTo: string
  wrong?: string
  codes?: readonly string[]
  hasWhatsapp?: boolean
  canSend?: boolean
}

function phonePage(
  look: Look,
  { typed, returnTo, wrong, codes = near, hasWhatsapp = false, canSend = true }: PhoneSample,
): string {
  const countries = listCountries(codes, { locale: look.locale, first: 'AR' })
  return renderPhonePage(look, { countries, region: 'AR', typed, wrong, hasWhatsapp, canSend, returnTo })
}

function codePage(
  look: Look,
  words: SampleWords = calm,
  page: Partial<CodePage> & { event?: CodeEvent },
): string {
  return renderCodePage(look, {
    phone,
    channel: 'whatsapp',
    digits: 6,
    triesLeft: 5,
    triesMax: 5,
    resendInSeconds: 28,
    channels: ['whatsapp', 'sms', 'voice'],
    isOnlyForKnown: false,
    isInbound: false,
    event: undefined,
    returnTo: words.returnTo,
    ...page,
  })
}

const sampleFamily = (person: string | undefined) =>
  [person, 'Lucía', undefined, undefined].map((name, at) => ({
    id: `0b0b7c1e-7f1c-4a39-8f0b-2f6f1f2f3b0${at}`,
    name,
  }))

const sampleSessions: readonly SessionSummary[] = [
  {
    id: '0b0b7c1e-7f1c-4a39-8f0b-2f6f1f2f3a01',
    startedAt: new Date(now - 3600_000),
    lastSeenAt: new Date(now - 20_000),
    address: '190.2.30.4',
    userAgent:
      'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
    isShared: false,
  },
  {
    id: '0b0b7c1e-7f1c-4a39-8f0b-2f6f1f2f3a02',
    startedAt: new Date(now - 86_400_000 * 3),
    lastSeenAt: new Date(now - 86_400_000),
    address: '2800:810:4f2:1a00:1111:2222:3333:4444',
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    isShared: false,
  },
  {
    id: '0b0b7c1e-7f1c-4a39-8f0b-2f6f1f2f3a03',
    startedAt: new Date(now - 7200_000),
    lastSeenAt: new Date(now - 2400_000),
    address: undefined,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    isShared: true,
  },
]
