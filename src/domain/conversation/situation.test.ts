import { describe, expect, test } from 'vitest'
import { conversationHouse } from '../../../test/support/conversation-house.ts'
import { canonicalPhone } from '../phones/phone-number.ts'
import { aboutMark } from './button.ts'

const phone = '+5491112345678'
const people = [
  { id: 'juan', name: 'Juan Pérez', document: '12345678' },
  { id: 'ana', name: 'Ana Pérez', document: '22333444' },
]
const hourMs = 60 * 60 * 1000

describe('who only says to be a phone', () => {
  const unproved = { chatKey: 'http-unproved', isProof: false }

  /** As the real store answers a declaration that turns no memory. */
  function visited() {
    const house = conversationHouse({ people })
    house.memory.remember(phone, 'juan')
    const { declare, chooseOther } = house.memory.store
    Object.assign(house.memory.store, {
      declare: async (...args: Parameters<typeof declare>) => {
        if (args[3].isProof) return declare(...args)
        const person = {
          id: 'ana',
          name: 'Ana Pérez',
          firstName: 'Ana',
          belongs: 'declared',
          provedAt: undefined,
        }
        return { outcome: 'linked', person, otherPhones: [], isRemembered: false }
      },
      chooseOther: async (...args: Parameters<typeof chooseOther>) =>
        args[2] !== false && chooseOther(...args),
    })
    return house
  }

  test('is who they say in their own chat for as long as they talk, and the phone goes on as it was', async () => {
    const house = visited()
    await house.turn(phone, 'soy otra persona', unproved)
    expect((await house.turn(phone, '22333444', unproved)).person?.id).toBe('ana')
    house.pass(3 * hourMs)
    const talk = await house.turn(phone, '¿cuánto debo?', unproved)
    expect([talk.person?.id, talk.level, talk.forAgent]).toEqual(['ana', 'declared', '¿cuánto debo?'])
    expect((await house.turn(phone, 'hola')).person?.id).toBe('juan')
  })

  test('may choose among the family there, and moves nobody’s memory by it', async () => {
    const house = visited()
    house.memory.remember(phone, 'ana')
    house.memory.remember(phone, 'juan')
    const asked = await house.turn(phone, 'hola', unproved)
    expect(asked.replies[0]?.text).toContain('¿Quién escribe?')
    expect((await house.turn(phone, 'Ana', unproved)).person?.id).toBe('ana')
    expect((await house.turn(phone, '¿cuánto debo?', unproved)).person?.id).toBe('ana')
    await house.turn(phone, 'soy otra persona', unproved)
    expect((await house.turn(phone, '1', unproved)).person?.id).toBe('juan')
    expect(await house.memory.store.recognise(canonicalPhone(phone))).toMatchObject({
      person: { id: 'juan' },
    })
  })

  test('has the same receipt for “olvidar”, and nobody is known in that chat any more', async () => {
    const house = visited()
    Object.assign(house.memory.store, { forget: async () => 0 })
    await house.turn(phone, 'hola', unproved)
    const { replies, person } = await house.turn(phone, 'olvidar', unproved)
    expect([replies[0]?.text.startsWith('He olvidado tu información.'), person]).toEqual([true, undefined])
    const next = await house.turn(phone, 'hola', unproved)
    expect([next.replies[0]?.text.includes('pases tu DNI'), next.person]).toEqual([true, undefined])
    expect((await house.turn(phone, 'hola')).person?.id).toBe('juan')
  })
})

test('a notice speaks of whom it is about, whoever of the family has the phone just now', async () => {
  const about = '0e3c9f1a-5b7d-4c2e-8f10-aabbccddeeff'
  const house = conversationHouse({ people, attested: [`${phone} juan`] })
  await house.turn(phone, '12345678')
  const id = `${aboutMark(about)}.do.not_me`
  for (const hours of [0, 0, 100]) {
    house.pass(hours * hourMs)
    const { events, replies } = await house.turn(phone, id, { isButton: true })
    expect(events.at(-1)).toEqual({ event: 'not_me', personId: about })
    expect(replies[0]?.text).toContain('Gracias por avisar')
  }
})
