import { describe, expect, test } from 'vitest'
import { conversationHouse } from '../../../test/support/conversation-house.ts'
import type { FirstContact } from './first-contact.ts'

const phone = '+5491112345678'
const people = [
  { id: 'juan', name: 'Juan Pérez', document: '12345678' },
  { id: 'ana', name: 'Ana Pérez', document: '22333444' },
]

describe('the way up', () => {
  function port(answers: 'asked' | 'no_number' = 'asked') {
    const calls: string[] = []
    const person = {
      ...{ id: 'juan', name: 'Juan Pérez', firstName: 'Juan' },
      ...{ belongs: 'attested' as const, provedAt: undefined },
    }
    const firstContactPort: FirstContact = {
      request: () => Promise.reject(new Error('nobody types a document here')),
      async answer(_phone, code, isProof) {
        calls.push(`answer ${code} ${isProof}`)
        if (code === '999999') return { outcome: 'no_code' }
        if (code !== '123456') return { outcome: 'wrong_code' }
        return { outcome: 'linked', otherPhones: [], isRemembered: true, person }
      },
      async stepUp(_phone, personId, mode) {
        calls.push(`stepUp ${personId} ${mode}`)
        return answers
      },
    }
    return { calls, firstContactPort }
  }

  test('whoever is declared gets a code at the number on record, may go on talking, and is told what they can do then', async () => {
    const { calls, firstContactPort } = port()
    const house = conversationHouse({ people, stepUp: 'code', firstContactPort })
    await house.turn(phone, '12345678')
    const asked = await house.turn(phone, 'entrar')
    expect([asked.person?.id, asked.state.step, calls]).toEqual(['juan', 'asked_code', ['stepUp juan code']])
    expect(asked.replies[0]?.text).toContain('Al otro teléfono que figura registrado le llega un código')
    expect((await house.turn(phone, '¿cuánto debo?')).forAgent).toBe('¿cuánto debo?')
    expect((await house.turn(phone, 'hola')).replies[0]?.text).toContain('¡Hola de nuevo, Juan!')
    const wrong = await house.turn(phone, '000000')
    expect([wrong.person?.id, wrong.level, wrong.forAgent]).toEqual(['juan', 'declared', undefined])
    const right = await house.turn(phone, '123 456')
    expect([right.person?.id, right.level, right.state.step]).toEqual(['juan', 'confirmed', 'talking'])
    expect(right.replies[0]?.text).toBe(
      'Listo, Juan, ahora sé que sos vos. Para entrar en la web escribí "entrar" de nuevo.',
    )
    // Six digits are six digits again.
    expect((await house.turn(phone, '123456')).forAgent).toBe('123456')
  })

  test('six digits that nobody waits for go where everything goes', async () => {
    const { firstContactPort } = port()
    const house = conversationHouse({ people, stepUp: 'code', firstContactPort })
    await house.turn(phone, '12345678')
    await house.turn(phone, 'entrar')
    expect((await house.turn(phone, '999999')).forAgent).toBe('999999')
  })

  test('where there is no number on record the organisation is to be asked', async () => {
    const { firstContactPort } = port('no_number')
    const house = conversationHouse({ people, stepUp: 'code', firstContactPort })
    await house.turn(phone, '12345678')
    const { replies, state } = await house.turn(phone, 'entrar')
    expect([replies[0]?.text.includes('Escribí "asesor"'), state.step]).toEqual([true, 'talking'])
  })

  test('an approval is asked for, and whoever asks goes on as who they were', async () => {
    const { calls, firstContactPort } = port()
    const house = conversationHouse({ people, stepUp: 'approval', firstContactPort })
    await house.turn(phone, '12345678')
    const { replies, events, person, state } = await house.turn(phone, 'entrar')
    expect([calls, person?.id, state.step]).toEqual([['stepUp juan approval'], 'juan', 'talking'])
    expect(replies[0]?.text).toContain('Le pedí a Instituto Sur que lo confirme')
    expect(events[1]).toEqual({ event: 'asked_more', mode: 'approval', isAlarming: false })
  })

  test('is never offered to strangers, to the attested, on a shared phone, or where nothing is proved', async () => {
    const { calls, firstContactPort } = port()
    const settings = { people, stepUp: 'code', firstContactPort } as const
    const stranger = conversationHouse(settings)
    await stranger.turn(phone, 'entrar')
    const attested = conversationHouse({ ...settings, attested: [`${phone} juan`] })
    const shared = conversationHouse({ ...settings, sharedPhones: [phone] })
    const none = conversationHouse({ ...settings, stepUp: 'none' })
    for (const house of [attested, shared, none]) {
      await house.turn(phone, '12345678')
      await house.turn(phone, 'entrar')
    }
    const unproved = conversationHouse(settings)
    await unproved.turn(phone, '12345678', { isProof: false })
    await unproved.turn(phone, 'entrar', { isProof: false })
    expect(calls).toEqual([])
  })
})
