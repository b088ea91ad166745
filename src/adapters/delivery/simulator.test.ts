import { describe, expect, test } from 'vitest'
import {
  deliveryProviderContract,
  sampleMessage,
} from '../../../test/contracts/delivery-provider.contract.ts'
import { type SimulatedFault, simulatorDelivery } from './simulator.ts'

deliveryProviderContract('simulator', async (behaviour) => {
  let attempts = 0
  const provider = simulatorDelivery({
    now: () => 0,
    fault: () => {
      if (behaviour.kind === 'fails') attempts += 1
      if (behaviour.kind === 'fails') return { fail: behaviour.reason }
      return behaviour.kind === 'hangs' ? { neverAnswer: true } : undefined
    },
  })
  provider.onMessage(() => {
    attempts += 1
  })
  return { provider, attempts: () => attempts, logged: () => '' }
})

describe('the simulated phones', () => {
  const live = () => AbortSignal.timeout(5000)

  test('show what arrived, newest first, all or one phone', async () => {
    let now = 1000
    const simulator = simulatorDelivery({ now: () => now++ })
    const [first, second] = [sampleMessage(simulator), sampleMessage(simulator)]
    await simulator.send(first, live())
    await simulator.send(second, live())
    expect(simulator.messages().map((message) => message.code)).toEqual([second.code, first.code])
    expect(simulator.messages(first.to)).toMatchObject([{ to: first.to, text: first.text, at: 1000 }])
  })

  test('forget all but the last two hundred', async () => {
    const simulator = simulatorDelivery({ now: () => 0 })
    const messages = Array.from({ length: 250 }, () => sampleMessage(simulator))
    for (const message of messages) await simulator.send(message, live())
    expect(simulator.messages()).toHaveLength(200)
    expect(simulator.messages()[0]?.code).toBe(messages.at(-1)?.code)
  })

  test('tell listeners until they leave', async () => {
    const simulator = simulatorDelivery({ now: () => 0 })
    const heard: (string | undefined)[] = []
    const leave = simulator.onMessage((message) => heard.push(message.code))
    const message = sampleMessage(simulator)
    await simulator.send(message, live())
    leave()
    await simulator.send(sampleMessage(simulator), live())
    expect(heard).toEqual([message.code])
  })

  test.each<[string, SimulatedFault, number]>([
    ['twice when the network repeats itself', { duplicate: true }, 2],
    ['late when it is slow', { delayMs: 30 }, 1],
    ['not at all when it is refused', { fail: 'no_whatsapp', delayMs: 5 }, 0],
  ])('receive a message %s', async (_, fault, times) => {
    const simulator = simulatorDelivery({ now: () => 0, fault: () => fault })
    await simulator.send(sampleMessage(simulator), live())
    expect(simulator.messages()).toHaveLength(times)
  })

  test('receive nothing when the sender gives up before it leaves', async () => {
    const simulator = simulatorDelivery({ now: () => 0, fault: () => ({ delayMs: 5000 }) })
    const result = await simulator.send(sampleMessage(simulator), AbortSignal.timeout(20))
    expect(result).toEqual({ ok: false, reason: 'unavailable' })
    expect(simulator.messages()).toEqual([])
  })

  test('pass on when to try again', async () => {
    const simulator = simulatorDelivery({
      now: () => 0,
      fault: () => ({ fail: 'rate_limited', retryAfterSeconds: 40 }),
    })
    const result = await simulator.send(sampleMessage(simulator), live())
    expect(result).toEqual({ ok: false, reason: 'rate_limited', retryAfterSeconds: 40 })
  })
})

test('a notice by a template shows its buttons on the phone', async () => {
  const simulator = simulatorDelivery({ now: () => 0 })
  const buttons = [{ id: 'n1.do.not_me', title: 'No fui yo' }]
  const template = { name: 'new_session', language: 'es_AR', parameters: ['Sur'], buttons }
  await simulator.send({ ...sampleMessage(simulator), code: undefined, template }, AbortSignal.timeout(1000))
  expect(simulator.messages()).toMatchObject([{ code: undefined, chat: undefined, buttons }])
})
