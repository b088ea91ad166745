import { afterEach, describe, expect, test } from 'vitest'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import { memoryHouse, newDocument, usualLimits } from '../support/memory-house.ts'
import { atOnce, newPhone } from '../support/samples.ts'
import { signedIn } from '../support/signed-in.ts'
import type { Stores } from '../support/stores.ts'

/** What every store of the bot's memory promises about how sure it is (domain/recognition/recognition-store.ts). */
export function howSureContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of how sure a memory is`, () => {
    const house = memoryHouse(open)
    const { recognition, declare, person, memoryOf, ageBy, logOf } = house
    const say = (phone: PhoneNumber, document: string) =>
      recognition().declare(phone, document, usualLimits, { origin: 'chat', isProof: false })
    const proved = (phone: PhoneNumber) => recognition().recognise(phone)
    /** As a chat sees it that proves nothing. */
    const seen = (phone: PhoneNumber) => recognition().recognise(phone, { isProof: false })
    const pairOf = async (phone: PhoneNumber, id: string) =>
      (
        await house.stores.query(
          'select belongs, proved_at from portero.phone_people where phone = $1 and person_id = $2',
          [phone, id],
        )
      )[0]
    const idle = (phone: PhoneNumber, days: number) =>
      house.stores.query(
        `update portero.phone_people set last_used_at = now() - $2 * interval '1 day', seen_at = null where phone = $1`,
        [phone, days],
      )

    describe('who only says to be a phone', () => {
      test('makes nobody forget what was proved or attested, and ends no session', async () => {
        const session = await signedIn(house.stores)
        const { phone } = session
        const { id, document } = await person('Eva')
        await declare(phone, document)
        for (const who of [
          'everybody',
          { personId: id },
          { personId: session.person.id },
          'unproved',
        ] as const)
          expect(await recognition().forget(phone, who, 'chat', false)).toBe(0)
        expect(await proved(phone)).toMatchObject({ person: { id }, others: [{ id: session.person.id }] })
        expect(await house.stores.sessionStore.readSession(session.id)).toBeDefined()
      })

      test('makes nobody forget what another program remembered', async () => {
        const [mine, theirs] = [newPhone(), newPhone()]
        const { id } = await person()
        await recognition().link(mine, id, 'declared', 'api')
        await house.stores.query(
          'insert into public.telefono_usuario (telefono, usuario_id) values ($1, $2)',
          [theirs, id],
        )
        for (const phone of [mine, theirs]) {
          expect(await recognition().forget(phone, 'everybody', 'chat', false)).toBe(0)
          expect(await proved(phone)).toMatchObject({ person: { id } })
        }
      })

      test('is remembered where nobody was, and forgets that again', async () => {
        const [phone, { id, document }] = [newPhone(), await person()]
        expect(await say(phone, document)).toMatchObject({ outcome: 'linked', isRemembered: true })
        expect(await seen(phone)).toMatchObject({ person: { id } })
        expect(await recognition().forget(phone, { personId: id }, 'chat', false)).toBe(1)
        expect(await memoryOf(phone)).toEqual([])
        expect(await logOf(phone)).toContain('phone_forgotten forgotten_unproved')
      })

      test('turns no memory that was proved, by document or by choice, and one of their own kind', async () => {
        const [phone, ana, eva, luz] = [
          newPhone(),
          await person('Ana'),
          await person('Eva'),
          await person('Luz'),
        ]
        await declare(phone, ana.document)
        await declare(phone, eva.document)
        expect(await say(phone, luz.document)).toMatchObject({
          ...{ outcome: 'linked', isRemembered: false, person: { id: luz.id } },
        })
        expect(await pairOf(phone, luz.id)).toBeUndefined()
        expect(await recognition().chooseOther(phone, ana.id, false)).toBe(false)
        expect(await proved(phone)).toMatchObject({ person: { id: eva.id }, others: [{ id: ana.id }] })

        const own = newPhone()
        await say(own, ana.document)
        expect(await say(own, eva.document)).toMatchObject({ isRemembered: true })
        expect(await recognition().chooseOther(own, ana.id, false)).toBe(true)
        expect(await seen(own)).toMatchObject({ person: { id: ana.id } })
      })

      test('puts nobody into the chat of whoever has the phone, whose “olvidar” ends it', async () => {
        const [phone, { id, document }] = [newPhone(), await person()]
        await say(phone, document)
        expect(await proved(phone)).toMatchObject({ person: undefined, lost: undefined, others: [] })
        const { id: mine, document: own } = await person('Ana')
        await declare(phone, own)
        expect(await proved(phone)).toMatchObject({ person: { id: mine }, others: [] })
        expect(await recognition().chooseOther(phone, id)).toBe(false)
        await recognition().forget(phone, { personId: mine })
        expect(await seen(phone)).toMatchObject({ person: undefined, others: [] })

        await say(phone, document)
        expect(await recognition().forget(phone, 'unproved')).toBe(1)
        expect(await memoryOf(phone)).toEqual([])
        // Whoever proves the phone afterwards, or a program that vouches for it, makes it a memory like any other.
        await say(phone, document)
        await declare(phone, document)
        expect(await proved(phone)).toMatchObject({ person: { id } })
      })

      test('keeps nothing alive, restores nothing and weakens nothing that came about in a better way', async () => {
        const [phone, theirs, { id, document }] = [newPhone(), newPhone(), await person()]
        await recognition().link(phone, id, 'attested', 'api')
        await house.stores.query(
          `insert into public.telefono_usuario (telefono, usuario_id, ultimo_acceso) values ($1, $2, now() - interval '20 days')`,
          [theirs, id],
        )
        await ageBy(phone, 20)
        await idle(phone, 20)
        const row = async () =>
          await house.stores.query(
            `select (select ultimo_acceso from public.telefono_usuario where telefono = phone), belongs, last_used_at, unproved_since
               from portero.phone_people where phone = any ($1) order by phone`,
            [[phone, theirs]],
          )
        const before = await row()
        for (const one of [phone, theirs]) {
          await seen(one)
          expect(await say(one, document)).toMatchObject({ isRemembered: true, person: { id } })
        }
        expect(await row()).toEqual(before)
        await recognition().forget(phone, 'everybody')
        expect(await say(phone, document)).toMatchObject({ outcome: 'linked', isRemembered: false })
        expect((await proved(phone)).person).toBeUndefined()
        expect(await recognition().forget(theirs, 'everybody', 'chat', false)).toBe(0)
      })

      test('stands back before a web sign-in', async () => {
        const [phone, { document }] = [newPhone(), await person()]
        await say(phone, document)
        const session = await signedIn(house.stores, phone)
        expect(await recognition().recognise(phone)).toMatchObject({ person: { id: session.person.id } })
      })

      test('uses up neither the documents nor the places of whoever has the phone', async () => {
        const phone = newPhone()
        const people = await atOnce(5, () => person())
        for (const { document } of people) await say(phone, document)
        expect(await say(phone, newDocument())).toMatchObject({ outcome: 'too_many_documents' })
        expect(await declare(phone, (await person()).document)).toMatchObject({ outcome: 'linked' })
      })

      test('and whoever proves it at once leave the proved one remembered', async () => {
        for (let round = 0; round < 10; round += 1) {
          const [phone, ana, eva] = [newPhone(), await person('Ana'), await person('Eva')]
          await Promise.all([
            declare(phone, ana.document),
            ...Array.from({ length: 6 }, () => say(phone, eva.document)),
            ...Array.from({ length: 6 }, () => recognition().forget(phone, 'everybody', 'chat', false)),
          ])
          expect(await proved(phone)).toMatchObject({ person: { id: ana.id } })
        }
      })
    })

    describe('the number on record that types its document', () => {
      test('is attested and proved in the default way too', async () => {
        const [phone, { id, document }] = [newPhone(), await person()]
        await recognition().link(phone, id, 'attested', 'api')
        expect(await declare(phone, document)).toMatchObject({
          person: { belongs: 'attested', provedAt: expect.any(Date) },
        })
      })

      test('after nobody used it for 180 days is declared in the chat, and opens nothing more on the web', async () => {
        const [phone, { id, document }] = [newPhone(), await person()]
        await recognition().link(phone, id, 'attested', 'api')
        await idle(phone, 181)
        await ageBy(phone, 181)
        for (let i = 0; i < 2; i += 1)
          expect(await declare(phone, document)).toMatchObject({ person: { id, belongs: 'declared' } })
        expect(await recognition().recognise(phone)).toMatchObject({ person: { belongs: 'declared' } })
        expect(await recognition().disown(phone, id)).toEqual({ outcome: 'not_attested' })
        await recognition().link(phone, id, 'declared', 'api')
        expect((await signedIn(house.stores, phone)).person.id).not.toBe(id)
        await recognition().link(phone, id, 'attested', 'api')
        expect(await recognition().recognise(phone)).toMatchObject({ person: { belongs: 'attested' } })
      })

      test('is attested still where the chat was used meanwhile, though its memory has been swept', async () => {
        const [phone, { id, document }] = [newPhone(), await person()]
        await recognition().link(phone, id, 'attested', 'api')
        await idle(phone, 300)
        await ageBy(phone, 40)
        await recognition().sweepMemories()
        expect(await memoryOf(phone)).toEqual([])
        expect(await declare(phone, document)).toMatchObject({ person: { belongs: 'attested' } })
      })
    })

    test('an attested memory ends after 180 idle days, whatever days its person has; a declared one does not', async () => {
      const [attested, declared, { id, document }] = [newPhone(), newPhone(), await person()]
      await recognition().setDays(id, 3650)
      await recognition().link(attested, id, 'attested', 'api')
      await declare(declared, document)
      for (const phone of [attested, declared]) await ageBy(phone, 179)
      expect(await recognition().recognise(attested, { note: 'never' })).toMatchObject({ person: { id } })
      for (const phone of [attested, declared]) await ageBy(phone, 181)
      expect(await recognition().touch(attested)).toBe(false)
      expect(await recognition().recognise(attested)).toMatchObject({ person: undefined, lost: 'expired' })
      expect(await recognition().recognise(declared)).toMatchObject({ person: { id } })
      await recognition().sweepMemories()
      expect(await memoryOf(attested)).toEqual([])
    })

    describe('the days of everybody who has none of their own', () => {
      afterEach(() => recognition().setUsual({ rememberDays: 30, idleLinkDays: 180 }))

      test('are those that are configured, for all that goes by them', async () => {
        await recognition().setUsual({ rememberDays: 7, idleLinkDays: 180 })
        const [phone, ana, eva] = [newPhone(), await person('Ana'), await person('Eva')]
        await declare(phone, ana.document)
        await declare(phone, eva.document)
        const at = async (days: number) => {
          await ageBy(phone, days)
          await idle(phone, days)
          const { person: known, others } = await recognition().recognise(phone, { note: 'never' })
          return [known?.id, others.length]
        }
        expect(await at(6)).toEqual([eva.id, 1])
        expect(await at(8)).toEqual([undefined, 0])
        expect(await recognition().touch(phone)).toBe(false)
        expect(await recognition().chooseOther(phone, ana.id)).toBe(false)
        await recognition().setUsual({ rememberDays: 60, idleLinkDays: 180 })
        expect(await at(59)).toEqual([eva.id, 1])
        await recognition().sweepMemories()
        expect(await memoryOf(phone)).toHaveLength(1)
        await recognition().setUsual({ rememberDays: 30, idleLinkDays: 180 })
        await recognition().sweepMemories()
        expect(await memoryOf(phone)).toEqual([])
      })

      test('do not change by themselves, and a row is written only where they differ', async () => {
        const xmin = async () => (await house.stores.query('select xmin::text from portero.settings'))[0]
        const before = await xmin()
        await recognition().setUsual({ rememberDays: 30, idleLinkDays: 180 })
        expect(await xmin()).toEqual(before)
      })
    })

    test('the phone on record hears of a document first, however many phones declared it', async () => {
      const [mine, { id, document }] = [newPhone(), await person()]
      await recognition().link(mine, id, 'attested', 'api')
      for (let i = 0; i < 25; i += 1)
        await house.stores.query(
          'insert into public.telefono_usuario (telefono, usuario_id) values ($1, $2)',
          [`+1000000${1000 + i}`, id],
        )
      await atOnce(22, () => declare(newPhone(), document))
      const declared = await declare(newPhone(), document)
      expect(declared.outcome === 'linked' && declared.otherPhones[0]).toBe(mine)
    })

    test('a name is one line without marks, wherever it is read', async () => {
      const phone = newPhone()
      const [row] = await house.stores.query<{ id: string }>(
        'insert into public.usuarios (nombre, apellido, dni) values ($1, $2, $3) returning id',
        ['Ana\u202e\r\n[ALERT]\u2028María\u200b', '\tSouza\u0085\u0001 \u2066Ñ', newDocument()],
      )
      const { id } = row!
      await recognition().link(phone, id, 'declared', 'api')
      const name = 'Ana [ALERT] María Souza Ñ'
      expect(await recognition().recognise(phone)).toMatchObject({ person: { name, firstName: 'Ana' } })
      expect(await recognition().readPerson(id)).toMatchObject({ name })
      const listed = (await house.stores.peopleStore.listPeople({})).find((one) => one.id === id)
      expect(listed).toMatchObject({ name })
      await recognition().link(phone, id, 'attested', 'api')
      expect((await signedIn(house.stores, phone)).person.name).toBe(name)
    })
  })
}
