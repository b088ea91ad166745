import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sweeper } from '../../src/adapters/store/sweeper.ts'
import type { NewRequest } from '../../src/domain/chat/request-store.ts'
import { eventTypes } from '../../src/domain/events/event-types.ts'
import { incoming, talking } from '../support/chats.ts'
import { atOnce, newPhone, tally } from '../support/samples.ts'
import type { Stores } from '../support/stores.ts'

/** What every store of requests promises (domain/chat/request-store.ts). */
export function requestStoreContract(name: string, open: () => Promise<Stores>): void {
  describe(`${name} keeps the contract of request stores`, () => {
    let stores: Stores
    beforeAll(async () => {
      stores = await open()
    })
    afterAll(() => stores.close(), 60_000)
    beforeEach(async () => {
      await stores.query('truncate portero.requests')
    })

    const personId = randomUUID()
    const asks = (over: Partial<NewRequest> = {}): NewRequest => ({
      ...{ kind: 'erasure', personId, level: 'declared', until: undefined, isOfAll: false },
      phone: newPhone(),
      ...over,
    })
    /** Decides a message of a chat that comes to these requests. */
    async function decide(requests: readonly NewRequest[], over: Parameters<typeof incoming>[0] = {}) {
      const message = incoming(over)
      await stores.chatStore.receive([message])
      const token = randomUUID()
      const chat = (await stores.chatStore.lease(token, 10, message.chatKey))!
      const isDecided = await stores.chatStore.decide(message.chatKey, token, {
        messageIds: chat.messages.map(({ id }) => id),
        replies: [],
        requests,
        state: talking(
          requests.some(({ kind }) => kind === 'people')
            ? { step: 'with_people', withPeopleUntil: Date.now() + 3_600_000 }
            : {},
        ),
      })
      await stores.chatStore.release(message.chatKey, token)
      return { message, isDecided }
    }
    const stateOf = async (chatKey: string) =>
      (await stores.query('select state from portero.chats where chat_key = $1', [chatKey]))[0]!.state

    test('what a decided message asks waits until it is settled, and is in the access log', async () => {
      const asked = asks()
      await decide([asked])
      const [open] = await stores.requestStore.listOpen()
      expect(open).toMatchObject({ kind: 'erasure', personId, level: 'declared', phone: asked.phone })
      expect(
        await stores.query(
          `select outcome from portero.access_log where event = 'request_opened' and phone = '${asked.phone}'`,
        ),
      ).toEqual([{ outcome: 'erasure' }])
      expect(await stores.requestStore.settle(open!.id)).toBe('settled')
      expect(await stores.requestStore.settle(open!.id)).toBe('settled_before')
      expect(await stores.requestStore.settle('999999999')).toBe('unknown')
      expect(await stores.requestStore.listOpen()).toEqual([])
    })

    test('a program that wants to be told hears of it once, in the words of its reference', async () => {
      await stores.query('select portero.want_events(true)')
      const until = new Date(Date.now() + 3_600_000)
      const phone = newPhone()
      await decide([asks({ kind: 'people', phone, until })], { phone })
      await decide([asks({ kind: 'people', phone, until })], { phone })
      await decide([asks({ kind: 'documents', isOfAll: true, phone: undefined, personId: undefined })])
      await stores.query('select portero.want_events(false)')
      await decide([asks()])
      const told = await stores.query(
        `select data from portero.events where type = 'request.opened' order by id`,
      )
      const read = told.map(({ data }) => eventTypes['request.opened'].data.parse(data))
      expect(read).toMatchObject([
        { kind: 'people', phone, person_id: personId, level: 'declared', until: expect.any(String) },
        { kind: 'documents', phone: null, person_id: null },
      ])
    })

    test('a decision that does not count asks nothing', async () => {
      const message = incoming()
      await stores.chatStore.receive([message])
      const ids = ['1']
      expect(
        await stores.chatStore.decide(message.chatKey, randomUUID(), {
          ...{ messageIds: ids, replies: [], requests: [asks()] },
        }),
      ).toBe(false)
      expect(await stores.requestStore.listOpen()).toEqual([])
    })

    test('asked again while it waits it is one; of another chat it is another', async () => {
      const phone = newPhone()
      await decide([asks({ phone })], { phone })
      await decide([asks({ phone })], { phone })
      expect(await stores.requestStore.listOpen()).toHaveLength(1)
      await decide([asks()])
      expect(await stores.requestStore.listOpen()).toHaveLength(2)
    })

    test('what is about all chats is one, from however many', async () => {
      const alarm = { kind: 'documents', isOfAll: true, phone: undefined, personId: undefined } as const
      for (let chat = 0; chat < 3; chat++) await decide([asks(alarm)])
      expect(await stores.requestStore.listOpen()).toMatchObject([{ kind: 'documents' }])
    })

    test('fifty who settle one settle it once', async () => {
      await decide([asks({ kind: 'people', until: new Date(Date.now() + 3_600_000) })])
      const [open] = await stores.requestStore.listOpen()
      const outcomes = await atOnce(50, () => stores.requestStore.settle(open!.id))
      expect(tally(outcomes)).toEqual({ settled: 1, settled_before: 49 })
    })

    test('a chat goes back to the bot when its request is settled, or when it is given back', async () => {
      for (const way of ['settle', 'give back'] as const) {
        const phone = newPhone()
        const until = new Date(Date.now() + 3_600_000)
        const { message } = await decide([asks({ kind: 'people', phone, until })], { phone })
        expect((await stateOf(message.chatKey)).step).toBe('with_people')
        const [open] = await stores.requestStore.listOpen()
        if (way === 'settle') await stores.requestStore.settle(open!.id)
        else expect(await stores.requestStore.giveBack(phone)).toBe(1)
        const state = await stateOf(message.chatKey)
        expect(state.step).toBe('talking')
        expect(state.withPeopleUntil).toBeUndefined()
        expect(await stores.requestStore.listOpen()).toEqual([])
        expect(await stores.requestStore.giveBack(phone)).toBe(0)
      }
    })

    test('whoever was at work on a chat that is given back loses it', async () => {
      const phone = newPhone()
      const until = new Date(Date.now() + 3_600_000)
      const { message } = await decide([asks({ kind: 'people', phone, until })], { phone })
      await stores.chatStore.receive([incoming({ phone })])
      const token = randomUUID()
      const chat = (await stores.chatStore.lease(token, 10, message.chatKey))!
      await stores.requestStore.giveBack(phone)
      const messageIds = chat.messages.map(({ id }) => id)
      expect(await stores.chatStore.decide(message.chatKey, token, { messageIds, replies: [] })).toBe(false)
      expect((await stores.chatStore.lease(randomUUID(), 10, message.chatKey))?.state?.step).toBe('talking')
    })

    test('the sweep takes what was settled half a year ago, and leaves what waits', async () => {
      await decide([asks()])
      await decide([asks({ kind: 'not_me' })])
      const [settled, waiting] = await stores.requestStore.listOpen()
      await stores.requestStore.settle(settled!.id)
      await stores.query(
        `update portero.requests set asked_at = now() - interval '191 days', settled_at = settled_at - interval '191 days'`,
      )
      expect(await sweeper(stores.database)()).toBe(true)
      expect(await stores.query('select id from portero.requests')).toEqual([{ id: waiting!.id }])
    })

    test('a request for people that has run out is no longer waiting, and is new when it is asked again', async () => {
      const phone = newPhone()
      await decide([asks({ kind: 'people', phone, until: new Date(Date.now() - 1000) })], { phone })
      expect(await stores.requestStore.listOpen()).toEqual([])
      await stores.query(`update portero.requests set asked_at = now() - interval '1 day'`)
      await decide([asks({ kind: 'people', phone, until: new Date(Date.now() + 60_000) })], { phone })
      const [open] = await stores.requestStore.listOpen()
      expect(Date.now() - open!.askedAt.getTime()).toBeLessThan(60_000)
    })
  })
}
