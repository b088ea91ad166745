import { describe, expect, test } from 'vitest'
import { conversationHouse, type HouseSettings } from '../../../test/support/conversation-house.ts'
import type { InboundAnswer } from '../otp/claim-inbound-sign-in.ts'
import { canonicalPhone } from '../phones/phone-number.ts'
import type { ReplySecret } from './reply-secret.ts'
import { secretMark } from './reply-secret.ts'

const phone = '+5491112345678'
const juan = { id: 'juan', name: 'Juan Pérez', document: '12345678' }
const secret: ReplySecret = {
  ...{ kind: 'code', challengeId: 'c', salt: 's', digits: 6, keyId: 'k' },
  ...{ phone: canonicalPhone(phone), expiresAt: 1 },
}
const code: InboundAnswer = { outcome: 'code', secret, address: '190.2.30.4', userAgent: undefined }
const token = '7K3M-9QXA-2BCDE'

function house(signIn: HouseSettings['signIn'] = {}, more: HouseSettings = {}) {
  const given: object[] = []
  return {
    given,
    ...conversationHouse({
      people: [juan],
      ...more,
      signIn: {
        giveLink: async (asked) => {
          given.push(asked)
          return { kind: 'link', id: 'l', keyId: 'k', phone: asked.phone, expiresAt: 1 }
        },
        claim: async ({ text }) => (text.includes(token) ? code : undefined),
        isForBrowser: async (text) => text.includes(token),
        ...signIn,
      },
    }),
  }
}

describe('entrar', () => {
  test('gives a link to somebody whose phone is attested and proved by this very message', async () => {
    const { turn, given, now } = house({}, { attested: [`${phone} juan`] })
    await turn(phone, '12345678')
    const { replies } = await turn(phone, 'quiero entrar')
    expect(replies).toMatchObject([{ secret: { kind: 'link', id: 'l' } }])
    expect(replies[0]!.text).toMatch(new RegExp(`^Juan, con este enlace entrás en la web:\n${secretMark}`))
    expect(given).toEqual([{ phone, personId: 'juan', chatKey: phone, askedAt: new Date(now()) }])
  })

  test('gives none to whoever only typed a document, writes by a channel that proves nothing, or is unknown', async () => {
    const declared = house()
    await declared.turn(phone, '12345678')
    const attested = house({}, { attested: [`${phone} juan`] })
    await attested.turn(phone, '12345678')
    const stranger = house()
    for (const { replies } of [
      await declared.turn(phone, 'entrar'),
      await attested.turn(phone, 'entrar', { isProof: false }),
      await stranger.turn(phone, 'entrar'),
    ]) {
      expect(replies).toHaveLength(1)
      expect(replies[0]!.secret).toBeUndefined()
    }
    expect([declared.given, attested.given, stranger.given]).toEqual([[], [], []])
  })

  test('says what it said before where the web opens to nobody of that kind', async () => {
    const { turn } = house({ giveLink: async () => undefined }, { attested: [`${phone} juan`] })
    await turn(phone, '12345678')
    expect((await turn(phone, 'entrar')).replies[0]).toMatchObject({ text: /Por acá todavía no puedo/ })
  })
})

describe('the message that a browser waits for', () => {
  test('is answered with code, device, address and a warning, and changes nothing in the conversation', async () => {
    const { turn, states } = house()
    const first = await turn(phone, `Quiero entrar. Código: ${token}.`)
    expect(first).toMatchObject({ person: undefined, level: undefined, forAgent: undefined, events: [] })
    expect(first.replies).toMatchObject([{ secret }])
    const { text } = first.replies[0]!
    expect(text).toContain(secretMark)
    expect(text).toContain('190.2.30.4')
    expect(text).toContain('un dispositivo desconocido')
    expect(text).toMatch(/no le pases este código a nadie/)
    await turn(phone, '12345678')
    const before = states.get(phone)
    await turn(phone, token)
    expect(states.get(phone)).toEqual(before)
  })

  test('is taken from strangers, while people have the chat, and out of order; not after a day', async () => {
    const { turn, now } = house()
    await turn(phone, 'asesor')
    expect((await turn(phone, 'hola')).replies).toEqual([])
    expect((await turn(phone, token)).replies).toHaveLength(1)
    expect((await turn(phone, token, { at: new Date(now() - 60_000) })).replies).toHaveLength(1)
    expect((await turn(phone, token, { at: new Date(now() - 25 * 3_600_000) })).replies).toEqual([])
  })

  test('counts for nothing on a channel that proves nothing, nor in a button', async () => {
    const { turn } = house()
    for (const more of [{ isProof: false }, { isButton: true }])
      expect((await turn(phone, token, more)).replies.some(({ secret }) => secret)).toBe(false)
  })

  test('of somebody whose number is hidden asks for the number, and says to send it again', async () => {
    const { turn } = house()
    const asked = await turn('AR.123', token, { phone: undefined })
    expect(asked.replies).toMatchObject([{ asksFor: 'contact', text: /otra vez el mensaje/ }])
    expect(asked.state.step).toBe('asked_contact')
    const plain = await turn('AR.124', 'hola', { phone: undefined })
    expect(plain.replies[0]!.text).not.toMatch(/otra vez el mensaje/)
    expect((await turn('AR.123', token, { phone: canonicalPhone(phone) })).replies).toMatchObject([
      { secret },
    ])
  })

  test.each([
    ['over', /ya no sirve/],
    ['other_phone', /otro número/],
    ['blocked', /no te puedo ayudar/],
    ['not_admitted', /no está registrado/],
    ['too_many_codes', /varios códigos/],
    ['country_not_allowed', /números de ese país/],
  ] as const)('that is refused (%s) is told so, and no more', async (outcome, words) => {
    const { turn } = house({ claim: async () => ({ outcome }) })
    const { replies } = await turn(phone, token)
    expect(replies).toHaveLength(1)
    expect(replies[0]!.text).toMatch(words)
    expect(replies[0]!.secret).toBeUndefined()
  })
})
