import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PhoneNumber } from '../../src/domain/phones/phone-number.ts'
import { atOnce, challengeAnswer, challengeRequest, newPhone } from '../support/samples.ts'
import type { Stores } from '../support/stores.ts'

/** What every store of deliveries promises (domain/messaging/delivery-store.ts). */
export function deliveryStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of delivery stores`, () => {
    let stores: Stores
    beforeAll(async () => {
      stores = await open()
      // What contracts before this one left on the same database would be orphans on a slow machine.
      await stores.query(
        `update portero.deliveries set state = 'unknown', calling_until = null where state = 'calling'`,
      )
    })
    afterAll(() => stores.close(), 60_000)

    const request = async (phone: PhoneNumber = newPhone()) => {
      const asked = await stores.challengeStore.requestChallenge(challengeRequest(phone))
      if (asked.outcome === 'refused') throw new Error('refused')
      return { phone, id: asked.deliveryId!, seed: asked.seed }
    }
    const orphan = (ids: string[]) =>
      stores.query(
        `update portero.deliveries set calling_until = clock_timestamp() - interval '1 second' where id = any ($1)`,
        [ids],
      )
    const read = async (id: string) => {
      const [row] = await stores.query(
        'select state, reason, provider_message_id, attempts, calling_until is null as is_free from portero.deliveries where id = $1',
        [id],
      )
      return row
    }

    test('fifty who claim twenty orphans at once get each of them once', async () => {
      const asked = await atOnce(20, () => request())
      await orphan(asked.map(({ id }) => id))
      const claimed = (await atOnce(50, () => stores.deliveryStore.claimOrphanedDeliveries(15))).flat()
      expect(claimed.map(({ id }) => id).sort()).toEqual(asked.map(({ id }) => id).sort())
    })

    test('an orphan brings what its code is derived from, and how long that is still good', async () => {
      const { id, phone, seed } = await request()
      await orphan([id])
      const [claimed] = await stores.deliveryStore.claimOrphanedDeliveries(15)
      expect(claimed).toEqual({
        ...{ id, phone, challengeId: seed.challengeId, salt: seed.salt, keyId: seed.keyId, digits: 6 },
        ...{
          purpose: 'sign_in',
          codePhone: phone,
          channel: 'sms',
          locale: 'es',
          ttlSeconds: expect.any(Number),
        },
      })
      expect(claimed!.ttlSeconds).toBeGreaterThan(290)
      expect(claimed!.ttlSeconds).toBeLessThanOrEqual(300)
    })

    test('a second death is not made up for: then nobody can tell whether the message went out', async () => {
      const { id } = await request()
      await orphan([id])
      expect((await stores.deliveryStore.claimOrphanedDeliveries(15)).length).toBe(1)
      expect(await stores.deliveryStore.claimOrphanedDeliveries(15)).toEqual([])
      await orphan([id])
      expect(await stores.deliveryStore.claimOrphanedDeliveries(15)).toEqual([])
      expect(await read(id)).toMatchObject({ state: 'unknown', is_free: true })
    })

    test('what lives is nobody’s orphan, and a challenge that is over sends nothing more', async () => {
      const [living, used, exhausted, expired, swept] = await atOnce(5, () => request())
      await stores.challengeStore.verifyChallenge(challengeAnswer(used!.phone, used!.seed.challengeId))
      await stores.query('update portero.challenges set tries_left = 0 where phone = $1', [exhausted!.phone])
      await stores.query('update portero.challenges set expires_at = now() where phone = $1', [
        expired!.phone,
      ])
      await stores.query('delete from portero.challenges where phone = $1', [swept!.phone])
      const over = [used!, exhausted!, expired!, swept!]
      await orphan(over.map(({ id }) => id))
      expect(await stores.deliveryStore.claimOrphanedDeliveries(15)).toEqual([])
      expect(await read(living!.id)).toMatchObject({ state: 'calling', attempts: 1 })
      for (const { id } of over) expect(await read(id)).toMatchObject({ state: 'unknown' })
    })

    test('settles once, by what the provider said', async () => {
      const [accepted, failed, unknown] = await atOnce(3, () => request())
      await stores.deliveryStore.settleDelivery(accepted!.id, { ok: true, providerMessageId: 'm1' })
      await stores.deliveryStore.settleDelivery(failed!.id, { ok: false, reason: 'no_whatsapp' })
      await stores.deliveryStore.settleDelivery(unknown!.id, { ok: false, reason: 'timeout_unknown' })
      await stores.deliveryStore.settleDelivery(accepted!.id, { ok: false, reason: 'rejected' })
      expect(await read(accepted!.id)).toMatchObject({
        state: 'accepted',
        reason: null,
        provider_message_id: 'm1',
      })
      expect(await read(failed!.id)).toMatchObject({ state: 'failed', reason: 'no_whatsapp' })
      expect(await read(unknown!.id)).toMatchObject({ state: 'unknown', reason: 'timeout_unknown' })
    })
  })
}
