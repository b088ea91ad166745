import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GraphApi, openGraphApi } from '../../test/support/graph-api.ts'
import { openStores, type Stores } from '../../test/support/stores.ts'
import { openWebhookHouse, type WebhookHouse } from '../../test/support/webhook-house.ts'

let stores: Stores
let graph: GraphApi
let house: WebhookHouse
beforeAll(async () => {
  stores = await openStores()
  graph = await openGraphApi()
  const { phoneNumberId, appSecret, verifyToken } = graph
  house = await openWebhookHouse({
    whatsapp: { phoneNumberId, appSecrets: [appSecret], verifyToken },
    receive: stores.chatStore.receive,
  })
  await graph.subscribe(house.whatsappUrl)
})
afterAll(async () => {
  await house?.close()
  await graph?.close()
  await stores?.close()
})

test('a storm of webhooks, repeated and in batches, is in the store once, with texts that databases dislike', async () => {
  const phones = Array.from({ length: 50 }, (_, index) => graph.phone(`54911${30000000 + index}`))
  const storm = phones.map((phone, index) => {
    const texts = ['uno', `dos \0 \ud800 ${index}`, 'tres 😀']
    const changes = texts.map((body) => phone.message('text', { text: { body } }).change)
    return graph.deliver(changes, { copies: 4 })
  })
  expect(new Set((await Promise.all(storm)).flat())).toEqual(new Set([200]))
  const [counted] = await stores.query<{ messages: number; chats: number }>(
    `select count(*)::int as messages, count(distinct chat_key)::int as chats from portero.inbox`,
  )
  expect(counted).toEqual({ messages: 150, chats: 50 })
})
