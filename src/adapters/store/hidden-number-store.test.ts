import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newPhone } from '../../../test/support/samples.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import type { ReceivedMessage } from '../../domain/chat/chat-store.ts'
import { type HiddenNumbers, withHiddenNumber } from '../../domain/chat/hidden-numbers.ts'
import type { PhoneNumber } from '../../domain/phones/phone-number.ts'
import { hiddenNumberStore } from './hidden-number-store.ts'

let stores: Stores
let hiddenNumbers: HiddenNumbers
beforeAll(async () => {
  stores = await openStores()
  hiddenNumbers = hiddenNumberStore(stores.database)
})
afterAll(() => stores.close(), 60_000)

let made = 0
/** Somebody who is only an id, and was asked for their number. */
async function asked() {
  const userId = `AR.${++made}`
  const requestId = `wamid.request${made}`
  await stores.query(
    `insert into portero.outbox (chat_key, channel, address, expires_at, sent_as) values ($1, 'whatsapp', $2, now(), $3)`,
    [`whatsapp:${userId}`, userId, requestId],
  )
  return { userId, requestId }
}

function message(userId: string, signals: Partial<ReceivedMessage['signals']> = {}): ReceivedMessage {
  return {
    ...{ channel: 'whatsapp', messageId: 'wamid.1', chatKey: `whatsapp:${userId}`, address: userId },
    ...{ phone: undefined, isProof: false, text: '', isButton: false, profileName: undefined },
    at: new Date(),
    signals: {
      ...{ userId, identityHash: undefined, inReplyTo: undefined, sharedPhone: undefined },
      ...signals,
    },
  }
}

describe('a number that its channel hides', () => {
  test('is known from the message on in which it is shared, as often as that is looked at', async () => {
    const { userId, requestId } = await asked()
    const sharedPhone = newPhone() as PhoneNumber
    expect(await withHiddenNumber({ hiddenNumbers }, message(userId))).toMatchObject({
      ...{ phone: undefined, isProof: false },
    })
    const answer = message(userId, { inReplyTo: requestId, sharedPhone })
    for (const later of [answer, answer, message(userId)])
      expect(await withHiddenNumber({ hiddenNumbers }, later)).toMatchObject({
        ...{ phone: sharedPhone, isProof: true, chatKey: `whatsapp:${userId}`, address: userId },
      })
  })

  test.each([
    ['that we never sent', { inReplyTo: 'wamid.other' }],
    ['that is not named', { inReplyTo: undefined }],
  ])('stays hidden when a request is answered %s', async (_what, signals) => {
    const { userId } = await asked()
    const answer = message(userId, { sharedPhone: newPhone() as PhoneNumber, ...signals })
    expect(await withHiddenNumber({ hiddenNumbers }, answer)).toEqual(answer)
    expect(await hiddenNumbers.find('whatsapp', userId)).toBeUndefined()
  })

  test('stays hidden when the request went to somebody else, or by another channel', async () => {
    const [ana, other] = [await asked(), await asked()]
    const sharedPhone = newPhone() as PhoneNumber
    const answer = message(ana.userId, { sharedPhone, inReplyTo: other.requestId })
    expect((await withHiddenNumber({ hiddenNumbers }, answer)).phone).toBeUndefined()
    const elsewhere = {
      ...message(ana.userId, { sharedPhone, inReplyTo: ana.requestId }),
      channel: 'twilio',
    }
    expect((await withHiddenNumber({ hiddenNumbers }, elsewhere)).phone).toBeUndefined()
  })

  test('that comes with another id has changed hands: the id before it is nobody again', async () => {
    const [before, after] = [await asked(), await asked()]
    const sharedPhone = newPhone() as PhoneNumber
    for (const { userId, requestId } of [before, after])
      await withHiddenNumber({ hiddenNumbers }, message(userId, { sharedPhone, inReplyTo: requestId }))
    expect(await hiddenNumbers.find('whatsapp', before.userId)).toBeUndefined()
    expect(await hiddenNumbers.find('whatsapp', after.userId)).toBe(sharedPhone)
  })

  test('is one id’s, though twenty ids share it at once', async () => {
    const sharedPhone = newPhone() as PhoneNumber
    const all = await Promise.all(Array.from({ length: 20 }, asked))
    await Promise.all(
      all.map(({ userId, requestId }) =>
        withHiddenNumber({ hiddenNumbers }, message(userId, { sharedPhone, inReplyTo: requestId })),
      ),
    )
    const rows = await stores.query('select 1 from portero.hidden_numbers where phone = $1', [sharedPhone])
    expect(rows).toHaveLength(1)
  })

  test('is not asked about where the channel shows it', async () => {
    const shown = { ...message('AR.x'), phone: newPhone() as PhoneNumber, isProof: true }
    const needs = { hiddenNumbers: {} as HiddenNumbers }
    expect(await withHiddenNumber(needs, shown)).toBe(shown)
  })
})
