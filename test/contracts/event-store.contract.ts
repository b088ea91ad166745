import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { EventStore, OutgoingEvent } from '../../src/domain/events/outgoing-event.ts'
import { atOnce, newPhone } from '../support/samples.ts'
import type { Stores } from '../support/stores.ts'

/** What every store of events promises (domain/events/outgoing-event.ts). */
export function eventStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of stores of events`, () => {
    let stores: Stores
    let events: EventStore
    beforeAll(async () => {
      stores = await open()
      events = stores.eventStore
    })
    afterAll(async () => {
      await events.want(false)
      await stores.close()
    })
    beforeEach(async () => {
      await stores.query('truncate portero.events')
      await events.want(true)
    })

    /** Links a phone to a new person, and forgets it as often. */
    async function linkAndForget(phone = newPhone(), times = 1): Promise<void> {
      const [row] = await stores.query<{ id: string }>(
        'insert into public.usuarios default values returning id',
      )
      for (let i = 0; i < times; i++) {
        await stores.recognitionStore.link(phone, row!.id, 'declared', 'api')
        await stores.recognitionStore.forget(phone, 'everybody', 'api')
      }
    }
    const count = async () => (await stores.query('select from portero.events')).length
    async function take() {
      const token = randomUUID()
      const event = await events.take(token, 30)
      if (event === undefined) throw new Error('there is no event')
      return { event, token }
    }

    test('keeps events while somebody wants them, and none otherwise', async () => {
      await events.want(false)
      await linkAndForget()
      expect(await count()).toBe(0)
      await atOnce(20, () => events.want(true))
      await linkAndForget()
      expect(await count()).toBe(2)
    })

    test('an event is there if what it tells is', async () => {
      const phone = newPhone()
      await stores.query(
        `alter table portero.access_log add constraint no check (event <> 'phone_forgotten') not valid`,
      )
      await expect(linkAndForget(phone)).rejects.toThrow()
      await stores.query('alter table portero.access_log drop constraint no')
      const rows = await stores.query('select type from portero.events')
      expect(rows).toEqual([{ type: 'link.created' }])
      expect((await stores.recognitionStore.recognise(phone)).person).toBeDefined()
    })

    test('fifty takers send each of two hundred events once, those of a phone in order', async () => {
      const phones = Array.from({ length: 20 }, newPhone)
      await Promise.all(phones.map((phone) => linkAndForget(phone, 5)))
      const sent: OutgoingEvent[] = []
      await atOnce(50, async () => {
        while ((await count()) > 0) {
          const token = randomUUID()
          const event = await events.take(token, 30)
          if (event === undefined) continue
          sent.push(event)
          await events.settle(event.id, token, 'over')
        }
      })
      expect(sent).toHaveLength(200)
      expect(new Set(sent.map(({ eventId }) => eventId)).size).toBe(200)
      for (const phone of phones) {
        const types = sent.filter(({ data }) => data.phone === phone).map(({ type }) => type)
        expect(types).toEqual(Array.from({ length: 5 }, () => ['link.created', 'link.forgotten']).flat())
      }
    })

    test('of one phone none is handed out while an earlier one is not settled; another phone does not wait', async () => {
      await linkAndForget()
      const { event, token } = await take()
      expect(await events.take(randomUUID(), 30)).toBeUndefined()
      await events.settle(event.id, token, { againInSeconds: 3600 })
      expect(await events.take(randomUUID(), 30)).toBeUndefined()
      await linkAndForget()
      expect((await take()).event.data.phone).not.toBe(event.data.phone)
    })

    test('what waits behind one that fails is not due before it, and is as soon as that is over', async () => {
      const phone = newPhone()
      await linkAndForget(phone, 2)
      const { event, token } = await take()
      await events.settle(event.id, token, { againInSeconds: 3600 })
      await linkAndForget(phone)
      const soon = () =>
        stores.query(`select from portero.events where due_at < now() + interval '50 minutes'`)
      expect(await soon()).toEqual([])
      await stores.query('update portero.events set due_at = now() where attempts > 0')
      const again = await take()
      await events.settle(event.id, again.token, 'over')
      const next = await take()
      expect([next.event.type, next.event.attempts]).toEqual(['link.forgotten', 1])
    })

    test('one that a dead process had is handed out again, under the same id; a late word of the dead changes nothing', async () => {
      await linkAndForget()
      const { event, token } = await take()
      await stores.query(`update portero.events set due_at = now() - interval '1 second' where attempts > 0`)
      const again = await take()
      expect(again.event).toMatchObject({ eventId: event.eventId, attempts: 2 })
      await events.settle(event.id, token, 'over')
      expect(await count()).toBe(2)
      await events.settle(event.id, again.token, 'over')
      expect(await count()).toBe(1)
    })

    test('what nobody took in eight days is removed', async () => {
      await linkAndForget()
      await stores.query(`update portero.events set happened_at = now() - interval '7 days'`)
      await stores.query('select portero.sweep_events(8, 100)')
      expect(await count()).toBe(2)
      await stores.query(`update portero.events set happened_at = now() - interval '9 days'`)
      await stores.query('select portero.sweep_events(8, 100)')
      expect(await count()).toBe(0)
    })

    test('on a phone that is nobody’s own a document links nobody, and somebody who says "no fui yo" unlinks the others', async () => {
      const [mine, theirs, desk] = [newPhone(), newPhone(), newPhone()]
      const [row] = await stores.query<{ id: string }>(
        `insert into public.usuarios (dni) values ('31222333') on conflict (dni) do update set dni = excluded.dni returning id`,
      )
      await stores.recognitionStore.link(mine, row!.id, 'attested', 'api')
      await stores.query('select portero.set_shared($1, true)', [desk])
      const limits = { documentsADay: 5, peopleMax: 5 }
      for (const phone of [theirs, desk])
        await stores.recognitionStore.declare(phone, '31222333', limits, { origin: 'chat', isProof: true })
      await stores.recognitionStore.disown(mine, row!.id)
      const rows = await stores.query(
        `select type, data ->> 'phone' as phone, data ->> 'reason' as reason from portero.events order by id`,
      )
      expect(rows).toEqual([
        { type: 'link.created', phone: mine, reason: null },
        { type: 'link.created', phone: theirs, reason: null },
        { type: 'link.forgotten', phone: theirs, reason: 'disowned' },
      ])
    })
  })
}
