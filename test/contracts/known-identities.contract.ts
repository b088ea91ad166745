import { describe, expect, test } from 'vitest'
import type { KnownIdentities } from '../../src/domain/chat/known-identities.ts'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import { memoryHouse } from '../support/memory-house.ts'
import { atOnce, newPhone } from '../support/samples.ts'
import { signedIn } from '../support/signed-in.ts'
import type { Stores } from '../support/stores.ts'

/** What every store of accounts promises (domain/chat/known-identities.ts). */
export function knownIdentitiesContract(
  name: string,
  open: () => Promise<Stores>,
  storeOn: (stores: Stores) => KnownIdentities,
): void {
  describe(`${name} keeps the contract of accounts that were seen before`, () => {
    const house = memoryHouse(open)
    const { recognition, declare, person, logOf } = house
    let seconds = 0
    const note = (phone: PhoneNumber, userId?: string, identityHash?: string, at?: Date) =>
      storeOn(house.stores).note({
        ...{ channel: 'whatsapp', phone, userId, identityHash },
        at: at ?? new Date(Date.now() - 3_600_000 + ++seconds * 1000),
      })
    const remembered = async (phone: PhoneNumber) =>
      (await recognition().recognise(phone, { note: 'never' })).person?.id
    const known = async () => {
      const [phone, { id, document }] = [newPhone(), await person()]
      await declare(phone, document)
      return { phone, id, document }
    }

    test('another id or another hash forgets the phone, once, and moves nobody', async () => {
      const changes: [[string, string?], [string, string?]][] = [
        [
          ['AR.1', 'h1'],
          ['AR.1', 'h2'],
        ],
        [['AR.1'], ['AR.2']],
      ]
      for (const [before, after] of changes) {
        const { phone } = await known()
        expect(await note(phone, ...before)).toBeUndefined()
        expect(await note(phone, ...after)).toBe(1)
        expect(await remembered(phone)).toBeUndefined()
        expect(await logOf(phone)).toEqual(
          expect.arrayContaining([expect.stringMatching(/^identity_changed (registration|user_id)$/)]),
        )
        const { id, document } = await person()
        await declare(phone, document)
        expect(await note(phone, ...after)).toBeUndefined()
        expect(await remembered(phone)).toBe(id)
      }
    })

    test('what is seen first, is not said, or is said again, is no change', async () => {
      const { phone, id } = await known()
      for (const [userId, hash] of [
        ...[
          [undefined, 'h1'],
          ['AR.1', undefined],
          ['AR.1', 'h1'],
          [undefined, undefined],
          ['AR.1', 'h1'],
        ],
      ])
        expect(await note(phone, userId, hash)).toBeUndefined()
      expect(await remembered(phone)).toBe(id)
    })

    test('a change while nobody is remembered is only noted', async () => {
      const phone = newPhone()
      await note(phone, 'AR.1', 'h1')
      expect(await note(phone, 'AR.1', 'h2')).toBeUndefined()
      const { id, document } = await person()
      await declare(phone, document)
      expect(await note(phone, 'AR.1', 'h2')).toBeUndefined()
      expect(await remembered(phone)).toBe(id)
    })

    test('a message older than the newest says nothing new, and one channel nothing about another', async () => {
      const { phone, id } = await known()
      const at = (minutes: number) => new Date(Date.now() - minutes * 60_000)
      await note(phone, 'AR.1', 'h2', at(5))
      expect(await note(phone, 'AR.1', 'h1', at(9))).toBeUndefined()
      expect(
        await storeOn(house.stores).note({
          ...{ channel: 'other', phone, userId: 'X', identityHash: 'y', at: at(1) },
        }),
      ).toBeUndefined()
      expect(await remembered(phone)).toBe(id)
      expect(await note(phone, 'AR.1', 'h1', at(1))).toBe(1)
    })

    test('of fifty at once one forgets; the attested pair stays, and web sessions end', async () => {
      const session = await signedIn(house.stores)
      const { phone } = session
      await note(phone, 'AR.1', 'h1')
      const at = new Date()
      const noted = await atOnce(50, () => note(phone, 'AR.1', 'h2', at))
      expect(noted.filter((count) => count !== undefined)).toEqual([1])
      expect(await house.stores.sessionStore.readSession(session.id)).toBeUndefined()
      expect(
        await house.stores.query('select belongs from portero.phone_people where phone = $1', [phone]),
      ).toEqual([{ belongs: 'attested' }])
    })

    test('a family is asked again too, when the one remembered last is not any more', async () => {
      const { phone } = await known()
      await declare(phone, (await person('Eva')).document)
      await house.stores.query('delete from public.telefono_usuario where telefono = $1', [phone])
      await note(phone, 'AR.1')
      expect(await note(phone, 'AR.2')).toBeGreaterThan(0)
      expect(await recognition().recognise(phone)).toMatchObject({ others: [] })
    })

    test('what was noted is swept with the phone’s memory, and no sooner', async () => {
      const [{ phone }, gone] = [await known(), newPhone()]
      await note(phone, 'AR.1')
      await note(gone, 'AR.1')
      await house.stores.query(
        `update portero.chat_identities set seen_at = now() - interval '191 days' where phone = any ($1)`,
        [[phone, gone]],
      )
      await house.stores.database.rows('select portero.sweep_identities(190, 2000)', [])
      expect(
        await house.stores.query('select phone from portero.chat_identities where phone = any ($1)', [
          [phone, gone],
        ]),
      ).toEqual([{ phone }])
    })
  })
}
