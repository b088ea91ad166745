import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { whatsappIds } from '../../src/domain/phones/phone-facts.ts'
import { canonicalPhone } from '../../src/domain/phones/phone-number.ts'
import { memoryHouse } from '../support/memory-house.ts'
import { atOnce, challengeAnswer, challengeRequest, newPhone } from '../support/samples.ts'
import { signedIn } from '../support/signed-in.ts'
import type { Stores } from '../support/stores.ts'

/** What every store of the bot's memory promises about remembering and forgetting (domain/recognition/recognition-store.ts). */
export function recognitionStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of memories`, () => {
    const house = memoryHouse(open)
    const { recognition, declare, person, memoryOf, ageBy, logOf } = house

    describe('a memory', () => {
      test('ends after 30 days without use, and each message moves its end on', async () => {
        const [phone, { id, document }] = [newPhone(), await person()]
        await declare(phone, document)
        await ageBy(phone, 29)
        expect(await recognition().recognise(phone)).toMatchObject({ person: { id } })
        await ageBy(phone, 29)
        expect(await recognition().recognise(phone)).toMatchObject({ person: { id }, lost: undefined })
        await ageBy(phone, 35)
        expect(await recognition().recognise(phone)).toMatchObject({
          ...{ person: undefined, lost: 'expired', others: [] },
        })
        expect(await recognition().chooseOther(phone, id)).toBe(false)
        expect(await recognition().touch(phone)).toBe(false)
        expect(await declare(phone, document)).toMatchObject({ outcome: 'linked' })
        expect(await recognition().recognise(phone)).toMatchObject({ person: { id } })
      })

      test('that never was used is over', async () => {
        const [phone, { document }] = [newPhone(), await person()]
        await declare(phone, document)
        await house.stores.query(
          'update public.telefono_usuario set ultimo_acceso = null where telefono = $1',
          [phone],
        )
        expect(await recognition().recognise(phone)).toMatchObject({ person: undefined, lost: 'expired' })
      })

      test('lasts as many days as its person has, and as this phone has before that', async () => {
        const [phone, { id, document }] = [newPhone(), await person()]
        await declare(phone, document)
        const isKnownAfter = async (days: number) => {
          await ageBy(phone, days)
          return (await recognition().recognise(phone, { note: 'never' })).person !== undefined
        }
        await recognition().setDays(id, 7)
        expect([await isKnownAfter(6), await isKnownAfter(8)]).toEqual([true, false])
        await recognition().setDays(id, 365)
        expect([await isKnownAfter(364), await isKnownAfter(366)]).toEqual([true, false])
        await house.stores.query('update portero.phone_people set days = 3 where phone = $1', [phone])
        expect([await isKnownAfter(2), await isKnownAfter(4)]).toEqual([true, false])
        await house.stores.query('update portero.phone_people set days = null where phone = $1', [phone])
        await recognition().setDays(id, undefined)
        expect([await isKnownAfter(29), await isKnownAfter(31)]).toEqual([true, false])
      })

      test('is kept by one update that stays in its page', async () => {
        const [phone, { document }] = [newPhone(), await person()]
        await declare(phone, document)
        const updates = async () => {
          await house.stores.query('select pg_stat_force_next_flush()')
          const [row] = await house.stores.query<{ all: string; hot: string }>(
            `select n_tup_upd as all, n_tup_hot_upd as hot from pg_stat_user_tables where relname = 'telefono_usuario'`,
          )
          return { all: Number(row!.all), hot: Number(row!.hot) }
        }
        // What a pooled connection has counted it tells a second later at most.
        const settled = async () => {
          await new Promise((resolve) => setTimeout(resolve, 1200))
          await atOnce(20, () => house.stores.database.rows('select pg_stat_force_next_flush()', []))
          return updates()
        }
        const before = await settled()
        for (let i = 0; i < 10; i += 1) await recognition().recognise(phone)
        const after = await settled()
        expect([after.all - before.all, after.hot - before.hot]).toEqual([10, 10])
      })

      test('is only looked at, or noted once an hour, where a program asks', async () => {
        const [phone, { document }] = [newPhone(), await person()]
        await declare(phone, document)
        const usedAt = async () =>
          (
            await house.stores.query<{ age: number }>(
              `select extract(epoch from now() - ultimo_acceso)::int as age from public.telefono_usuario where telefono = $1`,
              [phone],
            )
          )[0]!.age
        await ageBy(phone, 10)
        await recognition().recognise(phone, { note: 'never' })
        expect(await usedAt()).toBeGreaterThan(9 * 86_400)
        await recognition().recognise(phone, { note: 'hourly', origin: 'api' })
        expect(await usedAt()).toBeLessThan(60)
        await house.stores.query(
          `update public.telefono_usuario set ultimo_acceso = now() - interval '50 minutes' where telefono = $1`,
          [phone],
        )
        await recognition().recognise(phone, { note: 'hourly', origin: 'api' })
        expect(await usedAt()).toBeGreaterThan(40 * 60)
        expect(await recognition().touch(phone)).toBe(true)
        expect(await usedAt()).toBeLessThan(60)
      })

      test('is found in the spelling in which another program wrote it, and stays in it', async () => {
        const spelled = async (text: string, phone: string) => {
          const { id } = await person()
          await house.stores.query(
            'insert into public.telefono_usuario (telefono, usuario_id) values ($1, $2)',
            [text, id],
          )
          expect(await recognition().recognise(canonicalPhone(phone)), text).toMatchObject({
            person: { id, belongs: 'declared' },
          })
          const other = await person()
          await declare(canonicalPhone(phone), other.document)
          expect(
            await house.stores.query('select usuario_id from public.telefono_usuario where telefono = $1', [
              text,
            ]),
          ).toEqual([{ usuario_id: other.id }])
          expect(await recognition().forget(canonicalPhone(phone), 'everybody')).toBe(2)
          expect(
            await house.stores.query('select from public.telefono_usuario where telefono = $1', [text]),
          ).toEqual([])
        }
        await spelled('5491155550001', '+5491155550001')
        await spelled('+54 9 11 5555-0002', '+5491155550002')
        await spelled('005491155550003', '+5491155550003')
        await spelled('551181550004', '+5511981550004')
        await spelled('+5215512345678', '+525512345678')
      })

      test('of a Brazilian landline is not that of the mobile with a 9 before it', async () => {
        const { id } = await person()
        await house.stores.query(
          'insert into public.telefono_usuario (telefono, usuario_id) values ($1, $2)',
          ['+551131234567', id],
        )
        expect(await recognition().recognise(canonicalPhone('+5511931234567'))).toMatchObject({
          ...{ person: undefined, lost: undefined },
        })
      })

      test('has the spellings that WhatsApp sends to', async () => {
        for (const text of [
          '+5491123456789',
          '+5511961234567',
          '+5511931234567',
          '+525512345678',
          '+59899123456',
        ]) {
          const [row] = await house.stores.query<{ spellings: string[] }>(
            'select portero.phone_spellings($1) as spellings',
            [text],
          )
          expect(row!.spellings).toEqual(whatsappIds(canonicalPhone(text)))
        }
      })

      test('of nobody, or of a person who is gone, is lost', async () => {
        const phone = newPhone()
        await house.stores.query('insert into public.telefono_usuario (telefono) values ($1)', [phone])
        expect(await recognition().recognise(phone)).toMatchObject({ person: undefined, lost: 'gone' })
        const { id, document } = await person()
        await declare(phone, document)
        await house.stores.query('delete from public.usuarios where id = $1', [id])
        expect(await recognition().recognise(phone)).toMatchObject({ person: undefined, others: [] })
      })

      test('is swept when its time has run out, with the links that were only declared, and no sooner', async () => {
        const [{ id, document }, { id: lasting, document: other }] = [await person(), await person()]
        const [old, fresh, long, spelled] = [newPhone(), newPhone(), newPhone(), newPhone()]
        await declare(old, document)
        await declare(fresh, document)
        await declare(long, other)
        await recognition().setDays(lasting, 90)
        await house.stores.query(
          `insert into public.telefono_usuario (telefono, usuario_id, ultimo_acceso) values ($1, $2, now() - interval '60 days')`,
          [spelled.slice(1), lasting],
        )
        for (const phone of [old, long]) {
          await ageBy(phone, 60)
          await house.stores.query(
            `update portero.phone_people set last_used_at = now() - interval '60 days' where phone = $1`,
            [phone],
          )
        }
        const attested = newPhone()
        await recognition().link(attested, id, 'attested', 'api')
        await ageBy(attested, 60)
        expect(await recognition().sweepMemories()).toBeGreaterThanOrEqual(2)
        expect(await memoryOf(old)).toEqual([])
        expect(await house.stores.query('select from portero.phone_people where phone = $1', [old])).toEqual(
          [],
        )
        expect(await memoryOf(fresh)).toEqual([{ usuario_id: id }])
        expect(await memoryOf(long)).toEqual([{ usuario_id: lasting }])
        expect(await recognition().recognise(spelled)).toMatchObject({ person: { id: lasting } })
        expect(await memoryOf(attested)).toEqual([])
        expect(
          await house.stores.query('select belongs from portero.phone_people where phone = $1', [attested]),
        ).toEqual([{ belongs: 'attested' }])
        expect((await logOf(old)).at(-1)).toBe('phone_forgotten expired')
      })
    })

    describe('a family', () => {
      test('is one phone with several people: a second document turns the memory, and the first can be chosen', async () => {
        const [phone, ana, eva] = [newPhone(), await person('Ana'), await person('Eva')]
        await declare(phone, ana.document)
        await declare(phone, eva.document)
        expect(await recognition().recognise(phone)).toMatchObject({
          person: { id: eva.id },
          others: [{ id: ana.id, firstName: 'Ana' }],
        })
        expect(await recognition().chooseOther(phone, ana.id)).toBe(true)
        expect(await recognition().recognise(phone)).toMatchObject({
          person: { id: ana.id },
          others: [{ id: eva.id }],
        })
        expect(await recognition().chooseOther(phone, (await person()).id)).toBe(false)
        expect(await recognition().chooseOther(phone, randomUUID())).toBe(false)
      })

      test('offers whom the operator put on record, and not who came to be by a code beside a declared person', async () => {
        const phone = newPhone()
        const { id } = await house.stores.peopleStore.addPerson(phone, { name: 'Ana Souza' })
        const offered = [{ id, firstName: 'Ana', belongs: 'attested' }]
        expect(await recognition().recognise(phone)).toMatchObject({ person: undefined, others: offered })
        const { id: other, document } = await person()
        await declare(phone, document)
        expect(await recognition().recognise(phone)).toMatchObject({ person: { id: other }, others: offered })
        expect(await recognition().chooseOther(phone, id)).toBe(true)
        expect(await recognition().recognise(phone)).toMatchObject({
          person: { id },
          others: [{ id: other }],
        })

        const own = newPhone()
        await declare(own, document)
        await signedIn(house.stores, own)
        expect(await recognition().recognise(own)).toMatchObject({ person: { id: other }, others: [] })
      })

      test('does not offer anybody whose memory was deleted with SQL', async () => {
        const [phone, ana, eva] = [newPhone(), await person('Ana'), await person('Eva')]
        await declare(phone, ana.document)
        await declare(phone, eva.document)
        await house.stores.query('delete from public.telefono_usuario where telefono = $1', [phone])
        expect(await recognition().recognise(phone)).toMatchObject({
          ...{ person: undefined, lost: undefined, others: [{ id: ana.id }] },
        })
        expect(await recognition().chooseOther(phone, eva.id)).toBe(false)
      })

      test('keeps whom another program remembered', async () => {
        const [phone, ana, eva] = [newPhone(), await person('Ana'), await person('Eva')]
        await house.stores.query(
          'insert into public.telefono_usuario (telefono, usuario_id) values ($1, $2)',
          [phone, ana.id],
        )
        await declare(phone, eva.document)
        expect(await recognition().recognise(phone)).toMatchObject({
          others: [{ id: ana.id, belongs: 'declared' }],
        })
      })

      test('whose member has not been seen for their days has to type the document again', async () => {
        const [phone, ana, eva] = [newPhone(), await person('Ana'), await person('Eva')]
        await declare(phone, ana.document)
        await declare(phone, eva.document)
        await house.stores.query(
          `update portero.phone_people set last_used_at = now() - interval '31 days' where person_id = $1`,
          [ana.id],
        )
        expect(await recognition().recognise(phone)).toMatchObject({ others: [] })
        expect(await recognition().chooseOther(phone, ana.id)).toBe(false)
      })
    })

    describe('forgetting', () => {
      test('takes one person and their web sessions of this phone, and again it takes nothing', async () => {
        const session = await signedIn(house.stores)
        const { phone } = session
        const { id } = session.person
        const elsewhere = newPhone()
        await recognition().link(elsewhere, id, 'declared', 'api')
        expect(await recognition().recognise(phone)).toMatchObject({ person: { id, belongs: 'attested' } })
        expect(await recognition().forget(phone, { personId: id })).toBe(1)
        expect(await house.stores.sessionStore.readSession(session.id)).toBeUndefined()
        expect(await recognition().recognise(phone)).toMatchObject({ person: undefined, others: [] })
        expect(await recognition().chooseOther(phone, id)).toBe(false)
        expect(await recognition().forget(phone, { personId: id })).toBe(0)
        expect(await recognition().recognise(elsewhere)).toMatchObject({ person: { id } })
        expect(await logOf(phone)).toContain('phone_forgotten forgotten')

        const again = await signedIn(house.stores, phone)
        expect(again.person.id).toBe(id)
        expect(await recognition().recognise(phone)).toMatchObject({ person: { id } })
      })

      test('leaves the others of the phone, and takes all of them when all are meant', async () => {
        const [phone, ana, eva, luz] = [
          newPhone(),
          await person('Ana'),
          await person('Eva'),
          await person('Luz'),
        ]
        for (const { document } of [ana, eva, luz]) await declare(phone, document)
        expect(await recognition().forget(phone, { personId: luz.id })).toBe(1)
        expect(await recognition().recognise(phone)).toMatchObject({
          ...{ person: undefined, lost: undefined },
          others: [{ id: eva.id }, { id: ana.id }],
        })
        expect(await recognition().forget(phone, 'everybody')).toBe(2)
        expect(await recognition().recognise(phone)).toMatchObject({ person: undefined, others: [] })
        expect(
          await house.stores.query('select from portero.phone_people where phone = $1', [phone]),
        ).toEqual([])
        expect(await recognition().forget(phone, 'everybody')).toBe(0)
      })

      test('a memory by an older program that turns to another while its person is deleted ends without an error', async () => {
        const turned = await atOnce(100, async () => {
          const [phone, ana, eva] = [newPhone(), await person('Ana'), await person('Eva')]
          await house.stores.query('insert into public.telefono_usuario values ($1, $2, now(), now())', [
            ...[phone, ana.id],
          ])
          return { phone, ana, eva }
        })
        await atOnce<unknown>(200, (i) => {
          const { phone, ana, eva } = turned[Math.floor(i / 2)]!
          if (i % 2 === 0) return recognition().link(phone, eva.id, 'attested', 'api')
          return house.stores.query('delete from public.usuarios where id = $1', [ana.id])
        })
        for (const { phone, eva } of turned) expect(await memoryOf(phone)).toEqual([{ usuario_id: eva.id }])
      })

      test('and declaring at once end in one of the two orders, never in between', async () => {
        for (let round = 0; round < 15; round += 1) {
          const [phone, { id, document }] = [newPhone(), await person()]
          await declare(phone, document)
          await Promise.all([
            ...Array.from({ length: 4 }, () => declare(phone, document)),
            ...Array.from({ length: 4 }, () => recognition().forget(phone, { personId: id })),
            ...Array.from({ length: 4 }, () => recognition().recognise(phone)),
          ])
          const [memory, links] = [
            await memoryOf(phone),
            await house.stores.query('select from portero.phone_people where phone = $1', [phone]),
          ]
          expect(links.length).toBe(memory.length)
          expect((await recognition().recognise(phone)).person?.id).toBe(memory.length === 1 ? id : undefined)
        }
      })
    })

    describe('a shared phone', () => {
      test('is never remembered, by whatever way', async () => {
        const session = await signedIn(house.stores)
        const { phone } = session
        const { id, document } = await person()
        await recognition().setShared(phone, true)
        expect(await memoryOf(phone)).toEqual([])
        expect(await declare(phone, document)).toMatchObject({
          outcome: 'linked',
          isRemembered: false,
          person: { id },
        })
        expect(await recognition().link(phone, id, 'declared', 'api')).toBe('shared')
        await signedIn(house.stores, phone)
        expect(await memoryOf(phone)).toEqual([])
        expect(await recognition().recognise(phone)).toEqual({
          ...{ person: undefined, lost: undefined, isBlocked: false, isShared: true, others: [] },
        })
        await recognition().setShared(phone, false)
        expect(await declare(phone, document)).toMatchObject({ isRemembered: true })
      })
    })

    describe('the web door', () => {
      test('never moves a live memory off somebody who only declared, and opens the phone’s own person', async () => {
        const [phone, { id, document }] = [newPhone(), await person()]
        await declare(phone, document)
        const session = await signedIn(house.stores, phone)
        expect(session.person.id).not.toBe(id)
        expect(await recognition().recognise(phone)).toMatchObject({ person: { id, belongs: 'declared' } })
        await ageBy(phone, 31)
        const later = await signedIn(house.stores, phone)
        expect(later.person.id).toBe(session.person.id)
        expect(await recognition().recognise(phone)).toMatchObject({ person: { id: session.person.id } })
      })

      test('keeps the memory as long as its person has days', async () => {
        const [phone, { id, document }] = [newPhone(), await person()]
        await declare(phone, document)
        await recognition().setDays(id, 90)
        await ageBy(phone, 60)
        await signedIn(house.stores, phone)
        expect(await recognition().recognise(phone)).toMatchObject({ person: { id } })
      })

      test('and a message at once leave one memory of one of the two', async () => {
        for (let round = 0; round < 10; round += 1) {
          const [phone, { document }] = [newPhone(), await person()]
          const asked = await house.stores.challengeStore.requestChallenge(challengeRequest(phone))
          if (asked.outcome === 'refused') throw new Error('refused')
          const answer = challengeAnswer(phone, asked.seed.challengeId)
          await Promise.all([
            house.stores.challengeStore.verifyChallenge(answer),
            ...Array.from({ length: 4 }, () => declare(phone, document)),
            ...Array.from({ length: 4 }, () => recognition().recognise(phone)),
          ])
          expect((await memoryOf(phone)).length).toBe(1)
        }
      })
    })
  })
}
