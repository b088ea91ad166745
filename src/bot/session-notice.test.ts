import { describe, expect, test } from 'vitest'
import { locales } from '../domain/locale.ts'
import type { SessionNotice } from '../domain/notices/notice-store.ts'
import { canonicalPhone } from '../domain/phones/phone-number.ts'
import { sessionNoticeWords } from './session-notice.ts'

const chrome =
  'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36'
const samsung = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0'

function notice(over: Partial<SessionNotice> = {}): SessionNotice {
  return {
    ...{ kind: 'session', id: '1', phone: canonicalPhone('+5491123456789'), firstName: 'Ana' },
    ...{ startedAt: new Date('2026-11-29T06:41:00Z'), address: '203.0.113.7', userAgent: chrome },
    ...{ nonce: '0f8c1c546d3f4c399d6c2d5a5b1c0e11', attempts: 1, isSilenced: false },
    ...over,
  }
}
const settings = { brand: 'Instituto Sur', template: undefined, accountUrl: undefined, hasChat: true }
const words = sessionNoticeWords(settings)

describe('in a chat', () => {
  test.each([
    [
      'es',
      '+5491123456789',
      'Se abrió una sesión nueva en la cuenta de Ana: Chrome en Android, desde 203.0.113.7, el 29 de noviembre a las 03:41 ART.',
    ],
    [
      'pt-BR',
      '+5511961234567',
      'Uma nova sessão foi aberta na conta de Ana: Chrome em Android, do endereço 203.0.113.7, em 29 de novembro às 03:41 BRT.',
    ],
    [
      'en',
      '+12025550123',
      'A new session was opened in the account of Ana: Chrome on Android, from 203.0.113.7, on November 29 at 01:41 EST.',
    ],
  ] as const)(
    'it is said in %s what, from where and when, by the clock of the phone’s country',
    (locale, phone, text) => {
      const reply = words.inChat(locale, notice({ phone: canonicalPhone(phone) }))
      expect(reply.text.split('\n')[0]).toBe(text)
      expect(reply.buttons).toEqual([
        { id: '0f8c1c546d3f4c399d6c2d5a5b1c0e11.do.not_me', title: expect.stringMatching(/^.{1,20}$/) },
      ])
    },
  )

  test('nothing that a client says of itself is repeated, nor what a name hides', () => {
    const odd = notice({
      firstName: '*Ana*\u202e\nhttp://x',
      userAgent: '<b>evil.example</b>\n',
      address: undefined,
    })
    expect(words.inChat('es', odd).text.split('\n')[0]).toMatch(
      /^Se abrió una sesión nueva en la cuenta de Ana http:\/\/x: un dispositivo que no conozco, el /,
    )
    expect(words.inChat('es', notice({ firstName: undefined })).text).toContain('en tu cuenta:')
  })
})

describe('by SMS', () => {
  const longest = notice({ userAgent: samsung, address: '2001:db8:1111:2222:3333:4444:5555:6666' })
  const houses = [
    settings,
    { ...settings, brand: 'Cooperativa de Ahorro y Crédito Ñandú del Sur' },
    { ...settings, hasChat: false, accountUrl: 'chat.ejemplo-largo.universidad.edu.ar/_portero/account' },
    { ...settings, hasChat: false, accountUrl: `${'x'.repeat(200)}.example/_portero/account` },
  ]
  test.each(houses.flatMap((house) => locales.map((locale) => [locale, house.brand, house] as const)))(
    'it is one segment of letters that cost no more: %s, %s',
    (locale, _, house) => {
      for (const one of [longest, notice()]) {
        const text = sessionNoticeWords(house).bySms(locale, one)
        expect(text.length).toBeLessThanOrEqual(160)
        expect(text).toMatch(/^[\x20-\x5a\x61-\x7a_]*$/)
      }
    },
  )

  test('it says what to do: write to the bot, or where to end the session oneself', () => {
    expect(words.bySms('es', notice())).toBe(
      'Instituto Sur: entraron a tu cuenta con Chrome en Android, 203.0.113.7, 29/11, 03:41 ART. Si no fuiste vos, escribi NO FUI YO por WhatsApp.',
    )
    const house = sessionNoticeWords({
      ...settings,
      hasChat: false,
      accountUrl: 'sur.example/_portero/account',
    })
    expect(house.bySms('pt-BR', notice())).toContain('encerre a sessao em sur.example/_portero/account')
  })
})

test('by a template it fills the four places, in the best of the approved languages', () => {
  expect(words.byTemplate('es', notice())).toBeUndefined()
  const template = { name: 'new_session', languages: ['es_AR', 'pt_BR'] }
  const { byTemplate } = sessionNoticeWords({ ...settings, template })
  expect(byTemplate('pt-BR', notice())?.template).toMatchObject({
    ...{ name: 'new_session', language: 'pt_BR' },
    parameters: ['Instituto Sur', 'Chrome em Android', '203.0.113.7', expect.stringContaining('03:41')],
    buttons: [{ title: 'Não fui eu' }],
  })
  expect(byTemplate('en', notice({ address: undefined }))?.template).toMatchObject({
    ...{ language: 'es_AR', parameters: [expect.any(String), expect.any(String), '–', expect.any(String)] },
  })
})
