import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testSecret } from '../../../test/support/otp-house.ts'
import { challengeRequest, newPhone } from '../../../test/support/samples.ts'
import { openStores, type Stores } from '../../../test/support/stores.ts'
import { deriveCode } from '../otp/code-key.ts'
import { openKeyring } from '../tokens/keyring.ts'
import { openDeliver } from './deliver.ts'
import type { DeliveryProvider, OutboundMessage } from './delivery-provider.ts'
import type { DeliveryStore } from './delivery-store.ts'
import { resumeDeliveries } from './resume-deliveries.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

const keyring = openKeyring([testSecret])
const code = '493827'

/** A way out through one provider that behaves like this, and everything that was logged. */
function wayOut(send: DeliveryProvider['send'], over: { deliveryStore?: DeliveryStore } = {}) {
  const logged: string[] = []
  const line = (facts: object, text: string) => void logged.push(`${text} ${JSON.stringify(facts)}`)
  const deliver = openDeliver({
    providers: [{ name: 'test', channels: ['sms'], send }],
    ...{ deliveryStore: stores.deliveryStore, log: { info: line, warn: line, error: line } },
    ...{ brand: 'Test', host: 'app.example', timeoutMs: 200 },
    ...over,
  })
  return { deliver, logged }
}

async function claimed() {
  const phone = newPhone()
  const fresh = challengeRequest(phone).fresh
  const asked = await stores.challengeStore.requestChallenge(
    challengeRequest(phone, { fresh: { ...fresh, keyId: keyring.current.id } }),
  )
  if (asked.outcome === 'refused') throw new Error('refused')
  return {
    ref: asked.deliveryId!,
    to: phone,
    channel: 'sms',
    code,
    locale: 'es',
    ttlSeconds: 300,
    seed: asked.seed,
  } as const
}

const stateOf = async (ref: string) => {
  const [row] = await stores.query('select state, reason from portero.deliveries where id = $1', [ref])
  return row
}

describe('handing a code to a provider', () => {
  test('settles what it said, and logs neither the code nor the number', async () => {
    const messages: OutboundMessage[] = []
    const { deliver, logged } = wayOut(async (message) => {
      messages.push(message)
      return messages.length === 1
        ? { ok: true, providerMessageId: 'm' }
        : { ok: false, reason: 'rejected', providerCode: '63016' }
    })
    const [first, second] = [await claimed(), await claimed()]
    deliver.start(first)
    await deliver.idle()
    deliver.start(second)
    await deliver.idle()
    expect(messages[0]).toMatchObject({ ref: first.ref, to: first.to, channel: 'sms', code, locale: 'es' })
    expect(messages[0]!.text).toMatch(new RegExp(`${code}[^]*\n@app\\.example #${code}$`))
    expect(await stateOf(first.ref)).toEqual({ state: 'accepted', reason: null })
    expect(await stateOf(second.ref)).toEqual({ state: 'failed', reason: 'rejected' })
    expect(logged.join()).toContain('63016')
    for (const secret of [code, first.to, first.to.slice(1), second.to.slice(1)])
      expect(logged.join()).not.toContain(secret)
  })

  test.each<[string, DeliveryProvider['send']]>([
    ['never answers', () => new Promise(() => {})],
    [
      'throws',
      () => {
        throw new Error(`cannot send ${code}`)
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error(`cannot send ${code}`)
      },
    ],
  ])('a provider that %s leaves the outcome unknown, and is not called again', async (_what, behave) => {
    let calls = 0
    const { deliver, logged } = wayOut((...args) => {
      calls += 1
      return behave(...args)
    })
    const delivery = await claimed()
    deliver.start(delivery)
    await deliver.idle()
    expect(calls).toBe(1)
    expect(await stateOf(delivery.ref)).toEqual({ state: 'unknown', reason: 'timeout_unknown' })
    expect(logged.join()).not.toContain(code)
  })

  test('tells the provider when its time is over', async () => {
    let isAborted = false
    const { deliver } = wayOut(
      (_message, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            isAborted = true
            resolve({ ok: false, reason: 'unavailable' })
          })
        }),
    )
    const delivery = await claimed()
    deliver.start(delivery)
    await deliver.idle()
    expect(isAborted).toBe(true)
    expect(await stateOf(delivery.ref)).toEqual({ state: 'failed', reason: 'unavailable' })
  })

  test('does not call a message lost because the database was away for a moment', async () => {
    let tries = 0
    const deliveryStore: DeliveryStore = {
      ...stores.deliveryStore,
      settleDelivery: async (...args) => {
        tries += 1
        if (tries < 3) throw new Error('away')
        await stores.deliveryStore.settleDelivery(...args)
      },
    }
    let calls = 0
    const { deliver } = wayOut(
      async () => {
        calls += 1
        return { ok: true, providerMessageId: 'm' }
      },
      { deliveryStore },
    )
    const delivery = await claimed()
    deliver.start(delivery)
    await deliver.idle()
    expect([calls, tries]).toEqual([1, 3])
    expect(await stateOf(delivery.ref)).toMatchObject({ state: 'accepted' })
  })

  test('serves each channel by the first provider that has it', () => {
    const send: DeliveryProvider['send'] = async () => ({ ok: true, providerMessageId: 'm' })
    const deliver = openDeliver({
      providers: [
        { name: 'one', channels: ['whatsapp'], send },
        { name: 'two', channels: ['whatsapp', 'sms'], send },
      ],
      ...{ deliveryStore: stores.deliveryStore, log: { info() {}, warn() {}, error() {} } },
      ...{ brand: 'Test', host: undefined, timeoutMs: 200 },
    })
    expect(deliver.channels).toEqual(['whatsapp', 'sms'])
    expect([deliver.providerOf('whatsapp'), deliver.providerOf('sms')]).toEqual(['one', 'two'])
    expect(() => deliver.providerOf('voice')).toThrow('no provider serves voice')
  })
})

describe('after a process died in the middle of a call', () => {
  test('the same code is sent once more, by one of those who live, and not a third time', async () => {
    const { seed, ref, to } = await claimed()
    const sent: OutboundMessage[] = []
    const { deliver } = wayOut(async (message) => {
      sent.push(message)
      return { ok: true, providerMessageId: 'm' }
    })
    const needs = { deliveryStore: stores.deliveryStore, deliver, keyring }
    expect(await resumeDeliveries(needs, 15)).toBe(0)
    await stores.query(`update portero.deliveries set calling_until = now() where id = $1`, [ref])
    const resumed = await Promise.all(Array.from({ length: 10 }, () => resumeDeliveries(needs, 15)))
    await deliver.idle()
    expect(resumed.reduce((sum, n) => sum + n, 0)).toBe(1)
    const same = deriveCode(keyring.current.code, { purpose: 'sign_in', phone: to, ...seed, digits: 6 })
    expect(sent.map((message) => [message.ref, message.code, message.to])).toEqual([[ref, same, to]])
    expect(await stateOf(ref)).toMatchObject({ state: 'accepted' })
  })

  test('what was made with a key that is gone is not sent', async () => {
    const { ref } = await claimed()
    let calls = 0
    const { deliver } = wayOut(async () => {
      calls += 1
      return { ok: true, providerMessageId: 'm' }
    })
    await stores.query(`update portero.deliveries set calling_until = now() where id = $1`, [ref])
    const stranger = openKeyring(['another secret of the keyring, of more than 32 bytes'])
    await resumeDeliveries({ deliveryStore: stores.deliveryStore, deliver, keyring: stranger }, 15)
    await deliver.idle()
    expect(calls).toBe(0)
  })
})
