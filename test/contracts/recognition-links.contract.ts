import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { memoryHouse, newDocument, usualLimits } from '../support/memory-house.ts'
import { atOnce, newPhone, tally } from '../support/samples.ts'
import type { Stores } from '../support/stores.ts'

/** What every store of the bot's memory promises about documents and links (domain/recognition/recognition-store.ts). */
export function recognitionLinksContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of links`, () => {
    const house = memoryHouse(open)
    const { recognition, declare, person, memoryOf, logOf } = house

    describe('a typed document', () => {
      test('makes its person remembered, with a declared link', async () => {
        const [phone, { id, document }] = [newPhone(), await person('Juan Carlos')]
        expect(await recognition().recognise(phone)).toEqual({
          ...{ person: undefined, lost: undefined, isBlocked: false, isShared: false, others: [] },
        })
        const juan = {
          ...{ id, name: 'Juan Carlos Pérez', firstName: 'Juan', belongs: 'declared' },
          provedAt: expect.any(Date),
        }
        expect(await declare(phone, document)).toEqual({
          ...{ outcome: 'linked', person: juan, otherPhones: [], isRemembered: true },
        })
        expect(await recognition().recognise(phone)).toMatchObject({ person: juan, others: [] })
        expect(await memoryOf(phone)).toEqual([{ usuario_id: id }])
        expect(await logOf(phone)).toEqual(['document_declared linked', 'phone_recognised remembered'])
      })

      test.each([
        ['12.345.670', '12345670'],
        ['DNI 2345671', '2345671'],
        ['07654321', '7654321'],
        ['529.982.247-25', '52998224725'],
        ['012.345.678-90', '01234567890'],
        ['v-20.347.878-k', 'V20347878K'],
      ])('that stands as %j is found as %s', async (stored, typed) => {
        const { id } = await person('Ana', stored)
        expect(await declare(newPhone(), typed)).toMatchObject({ outcome: 'linked', person: { id } })
      })

      test('of eleven digits is not the shorter one that it would be without its zeros', async () => {
        await person('Ana', '00012345675')
        expect(await declare(newPhone(), '12345675')).toMatchObject({ outcome: 'unknown' })
      })

      test('that stands beside two people, or beside nobody, is nobody’s', async () => {
        await person('Ana', '33.333.331')
        await person('Eva', '33333331')
        const phone = newPhone()
        expect(await declare(phone, '33333331')).toMatchObject({ outcome: 'unknown' })
        expect(await declare(phone, newDocument())).toMatchObject({ outcome: 'unknown' })
        expect(await logOf(phone)).toEqual(['document_declared ambiguous', 'document_declared unknown'])
        expect(await memoryOf(phone)).toEqual([])
      })

      test('fifty times at once makes one link and counts once', async () => {
        const [phone, { id, document }] = [newPhone(), await person()]
        const declared = await atOnce(50, () => declare(phone, document))
        expect(tally(declared.map(({ outcome }) => outcome))).toEqual({ linked: 50 })
        expect(await memoryOf(phone)).toEqual([{ usuario_id: id }])
        expect(
          await house.stores.query('select is_right from portero.document_tries where phone = $1', [phone]),
        ).toEqual([{ is_right: true }])
      })

      test('of sixty different ones at once five are looked at, right or wrong', async () => {
        const phone = newPhone()
        const people = await atOnce(60, async (i) => (i % 2 ? person() : { document: newDocument() }))
        const declared = await atOnce(60, (i) => declare(phone, people[i]!.document))
        const { too_many_documents, ...looked } = tally(declared.map(({ outcome }) => outcome))
        expect(too_many_documents).toBe(55)
        expect(Object.values(looked).reduce((sum, count) => sum + count, 0)).toBe(5)
        expect(await declare(phone, newDocument())).toMatchObject({ outcome: 'too_many_documents' })

        await house.stores.query(
          `update portero.document_tries set at = at - interval '24 hours' where phone = $1`,
          [phone],
        )
        expect(await declare(phone, newDocument())).toMatchObject({ outcome: 'unknown' })
      })

      test('is kept nowhere but in the people table', async () => {
        const { document } = await person()
        const phone = newPhone()
        await declare(phone, document)
        const [row] = await house.stores.query<{ proof: Buffer; all: string }>(
          `select d.proof, (select string_agg(l::text, ' ') from portero.access_log l where phone = $1) as all
             from portero.document_tries d where phone = $1`,
          [phone],
        )
        expect(row!.proof.length).toBe(32)
        expect(row!.proof.toString()).not.toContain(document)
        expect(row!.all).not.toContain(document)
      })

      test('of a sixth person is refused on a phone that has five, and one of the five is not', async () => {
        const phone = newPhone()
        const people = await atOnce(6, () => person())
        for (const { document } of people.slice(0, 5)) await declare(phone, document, { documentsADay: 20 })
        expect(await declare(phone, people[5]!.document, { documentsADay: 20 })).toMatchObject({
          outcome: 'too_many_people',
        })
        expect(await declare(phone, people[0]!.document, { documentsADay: 20 })).toMatchObject({
          outcome: 'linked',
        })
      })

      test('of fifty people at once leaves five of them on a phone', async () => {
        const phone = newPhone()
        const people = await atOnce(50, () => person())
        const declared = await atOnce(50, (i) => declare(phone, people[i]!.document, { documentsADay: 50 }))
        expect(tally(declared.map(({ outcome }) => outcome))).toEqual({ linked: 5, too_many_people: 45 })
        const pairs = await house.stores.query('select from portero.phone_people where phone = $1', [phone])
        expect(pairs).toHaveLength(5)
      })

      test('tells of the other phones of its person, in whatever spelling they stand', async () => {
        const [mine, other, phone] = [newPhone(), newPhone(), newPhone()]
        const { id, document } = await person()
        await recognition().link(mine, id, 'attested', 'api')
        await house.stores.query(
          'insert into public.telefono_usuario (telefono, usuario_id) values ($1, $2)',
          [other.slice(1), id],
        )
        const declared = await declare(phone, document)
        expect(declared.outcome === 'linked' && [...declared.otherPhones].sort()).toEqual(
          [mine, other].sort(),
        )
        expect(await declare(phone, document)).toMatchObject({
          otherPhones: expect.not.arrayContaining([phone]),
        })
      })

      test('never makes a link attested, and one that is attested stays so', async () => {
        const [phone, { id, document }] = [newPhone(), await person()]
        for (let i = 0; i < 3; i += 1)
          expect(await declare(phone, document)).toMatchObject({ person: { belongs: 'declared' } })
        await recognition().link(phone, id, 'attested', 'api')
        expect(await recognition().recognise(phone)).toMatchObject({ person: { belongs: 'attested' } })
        await recognition().link(phone, id, 'declared', 'api')
        expect(await declare(phone, document)).toMatchObject({ person: { belongs: 'attested' } })
      })

      test('proves the phone only where the channel does', async () => {
        const [phone, { document }] = [newPhone(), await person()]
        const unproved = await recognition().declare(phone, document, usualLimits, {
          ...{ origin: 'api', isProof: false },
        })
        expect(unproved).toMatchObject({ person: { provedAt: undefined } })
        expect(await declare(phone, document)).toMatchObject({ person: { provedAt: expect.any(Date) } })
      })

      test('rings the alarm at twenty wrong ones across phones in an hour, and not later', async () => {
        await house.stores.query('delete from portero.document_tries')
        const alarms: boolean[] = []
        for (let i = 0; i < 21; i += 1) {
          const declared = await declare(newPhone(), newDocument())
          alarms.push(declared.outcome !== 'linked' && declared.isAlarming)
        }
        expect(alarms).toEqual([...Array(19).fill(false), true, true])
        await house.stores.query(`update portero.document_tries set at = at - interval '1 hour'`)
        expect(await declare(newPhone(), newDocument())).toMatchObject({ isAlarming: false })
      })

      test('rings it where sixty phones type at once, and for none of the first nineteen', async () => {
        await house.stores.query('delete from portero.document_tries')
        const declared = await atOnce(60, () => declare(newPhone(), newDocument()))
        const ringing = declared.filter((one) => one.outcome !== 'linked' && one.isAlarming).length
        expect(ringing).toBeGreaterThan(0)
        expect(ringing).toBeLessThanOrEqual(41)
        expect(await declare(newPhone(), newDocument())).toMatchObject({ isAlarming: true })
        await house.stores.query('delete from portero.document_tries')
      })
    })

    describe('“that was not me”', () => {
      const strangers = async (id: string, document: string) => {
        const [first, second, spelled] = [newPhone(), newPhone(), newPhone()]
        for (const phone of [first, second]) await declare(phone, document)
        await house.stores.query(
          'insert into public.telefono_usuario (telefono, usuario_id) values ($1, $2)',
          [spelled.slice(1), id],
        )
        return [first, second, spelled].sort()
      }

      test('from an attested phone takes the person off all others, and none declares them anew for a week', async () => {
        const [{ id, document }, mine] = [await person(), newPhone()]
        await recognition().link(mine, id, 'attested', 'api')
        const others = await strangers(id, document)
        const disowned = await recognition().disown(mine, id)
        expect(disowned.outcome === 'unlinked' && [...disowned.phones].sort()).toEqual(others)
        for (const phone of others)
          expect(await recognition().recognise(phone)).toMatchObject({ person: undefined, others: [] })
        expect(await recognition().recognise(mine)).toMatchObject({ person: { id } })
        expect(await declare(others[0]!, document)).toMatchObject({ outcome: 'unknown' })
        expect((await logOf(others[0]!)).at(-1)).toBe('document_declared frozen')
        expect(await recognition().link(others[0]!, id, 'declared', 'api')).toBe('unknown')
        expect(await declare(mine, document)).toMatchObject({ outcome: 'linked' })
        await house.stores.query(
          `update portero.people set frozen_until = frozen_until - interval '7 days' where id = $1`,
          [id],
        )
        expect(await declare(others[0]!, document)).toMatchObject({ outcome: 'linked' })
      })

      test('from a phone that only declared does nothing: the stranger may have come first', async () => {
        const { id, document } = await person()
        const [first, second] = await strangers(id, document)
        expect(await recognition().disown(first!, id)).toEqual({ outcome: 'not_attested' })
        expect(await recognition().recognise(second!)).toMatchObject({ person: { id } })
        expect((await logOf(first!)).slice(-1)).toEqual(['link_disowned not_attested'])
      })

      test('and declaring at once leave nobody who declared after it', async () => {
        for (let round = 0; round < 10; round += 1) {
          const [{ id, document }, mine] = [await person(), newPhone()]
          await recognition().link(mine, id, 'attested', 'api')
          const phones = Array.from({ length: 8 }, newPhone)
          const [, ...declared] = await Promise.all([
            recognition().disown(mine, id),
            ...phones.map((phone) => declare(phone, document)),
          ])
          expect(declared.every(({ outcome }) => outcome === 'linked' || outcome === 'unknown')).toBe(true)
          for (const phone of phones)
            expect((await recognition().recognise(phone, { note: 'never' })).person).toBeUndefined()
        }
      })
    })

    describe('somebody blocked', () => {
      test('is not greeted, links nowhere, and does not come back by being forgotten', async () => {
        const [phone, ana, eva] = [newPhone(), await person('Ana'), await person('Eva')]
        await declare(phone, ana.document)
        await house.stores.peopleStore.setState(ana.id, 'blocked')
        const blocked = { person: undefined, isBlocked: true, others: [] }
        expect(await recognition().recognise(phone)).toMatchObject(blocked)
        expect(await recognition().touch(phone)).toBe(false)
        expect(await declare(newPhone(), ana.document)).toMatchObject({ outcome: 'blocked' })
        expect(await recognition().link(newPhone(), ana.id, 'attested', 'api')).toBe('unknown')
        expect(await recognition().readPerson(ana.id)).toBeUndefined()
        await recognition().forget(phone, 'everybody')
        expect(await recognition().recognise(phone)).toMatchObject(blocked)
        expect(await declare(phone, eva.document)).toMatchObject({ outcome: 'blocked' })
        await house.stores.peopleStore.setState(ana.id, 'active')
        expect(await declare(phone, eva.document)).toMatchObject({ outcome: 'linked' })
      })
    })

    describe('what a program asks for', () => {
      test('links a person who exists, and reads one', async () => {
        const [phone, { id }] = [newPhone(), await person('María José')]
        expect(await recognition().link(phone, id, 'declared', 'api')).toBe('linked')
        expect(await recognition().link(phone, randomUUID(), 'attested', 'api')).toBe('unknown')
        expect(await recognition().recognise(phone)).toMatchObject({ person: { id, belongs: 'declared' } })
        expect(await recognition().readPerson(id)).toEqual({
          id,
          name: 'María José Pérez',
          firstName: 'María',
        })
        expect(await recognition().readPerson(randomUUID())).toBeUndefined()
        expect(await recognition().readPerson((await person(null)).id)).toMatchObject({
          ...{ name: undefined, firstName: undefined },
        })
      })

      test('fifty links at once of one phone leave one memory, and a link for each', async () => {
        const phone = newPhone()
        const people = await atOnce(50, () => person())
        await atOnce(50, (i) =>
          recognition().link(phone, people[i]!.id, i % 2 ? 'declared' : 'attested', 'api'),
        )
        expect((await memoryOf(phone)).length).toBe(1)
        expect(
          (await house.stores.query('select from portero.phone_people where phone = $1', [phone])).length,
        ).toBe(50)
      })
    })
  })
}
