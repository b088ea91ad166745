import { randomInt } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Locale } from '../locale.ts'
import type { Log } from '../log.ts'
import type { Purpose } from '../otp/code-key.ts'
import type { PhoneNumber } from '../phones/phone-number.ts'
import type { Channel } from './channel.ts'
import { codeText } from './code-text.ts'
import type { DeliveryProvider, DeliveryResult, OutboundMessage } from './delivery-provider.ts'
import type { DeliveryStore } from './delivery-store.ts'

/** A delivery that this process has claimed: its row is `calling` in its name. */
export type ClaimedDelivery = {
  readonly ref: string
  readonly to: PhoneNumber
  readonly channel: Channel
  readonly code: string
  readonly locale: Locale
  readonly ttlSeconds: number
  /** What the code is for, which its text says; a sign-in when not given. */
  readonly purpose?: Purpose
}

/** Hands claimed deliveries to their providers, in the background. */
export type Deliver = {
  /** What can be sent, the preferred channel first. */
  readonly channels: readonly Channel[]
  /** Name of the provider that serves a channel. Throws for a channel that none serves. */
  providerOf(channel: Channel): string
  /** Starts one delivery; its outcome is settled in the store. Never throws, never waits. */
  start(delivery: ClaimedDelivery): void
  /** Makes one attempt at a message that is no code, and answers what came of it. Never throws. */
  tell(message: OutboundMessage): Promise<DeliveryResult>
  /** Resolves when everything started so far has been settled. */
  idle(): Promise<void>
}

type Options = {
  providers: readonly DeliveryProvider[]
  deliveryStore: DeliveryStore
  log: Log
  brand: string
  /** Host that codes are bound to, for the browser's autofill; undefined when the page is not on a host of its own. */
  host: string | undefined
  timeoutMs: number
}

/** Opens the way out: providers in order of preference, each channel served by the first that has it. */
export function openDeliver(options: Options): Deliver {
  const { providers, deliveryStore, log } = options
  const byChannel = new Map<Channel, DeliveryProvider>()
  for (const provider of providers) {
    for (const channel of provider.channels) if (!byChannel.has(channel)) byChannel.set(channel, provider)
  }
  const underway = new Set<Promise<void>>()

  const providerFor = (channel: Channel): DeliveryProvider => {
    const provider = byChannel.get(channel)
    if (provider === undefined) throw new TypeError(`no provider serves ${channel}`)
    return provider
  }

  const attempt = async (provider: DeliveryProvider, message: OutboundMessage): Promise<DeliveryResult> => {
    const startedAt = performance.now()
    const result = await callOnce(provider, message, options.timeoutMs)
    const facts = {
      delivery: message.ref,
      provider: provider.name,
      channel: message.channel,
      ms: Math.round(performance.now() - startedAt),
    }
    if (result.ok) log.info(facts, 'delivery accepted')
    else
      log.warn(
        { ...facts, reason: result.reason, provider_code: result.providerCode },
        'delivery not accepted',
      )
    return result
  }

  const deliver = async (delivery: ClaimedDelivery): Promise<void> => {
    const provider = providerFor(delivery.channel)
    const text = codeText({ ...delivery, brand: options.brand, host: options.host })
    const result = await attempt(provider, { ...delivery, text })
    await settle(deliveryStore, delivery.ref, result)
  }

  return {
    channels: [...byChannel.keys()],
    providerOf: (channel) => providerFor(channel).name,
    start(delivery) {
      const task = afterTheAnswer()
        .then(() => deliver(delivery))
        .catch((thrown: unknown) => {
          log.error(
            { delivery: delivery.ref, error: thrown instanceof Error ? thrown.name : 'unknown' },
            'delivery not settled',
          )
        })
      underway.add(task)
      void task.finally(() => underway.delete(task))
    },
    tell: (message) => attempt(providerFor(message.channel), message),
    async idle() {
      await Promise.all(underway)
    },
  }
}

/**
 * Waits until whoever asked has had their answer: else the answer to a number that gets a message would be slower by
 * the time that the message takes, and tell by that which numbers are on record.
 */
function afterTheAnswer(): Promise<void> {
  return sleep(randomInt(20, 50))
}

/** Pauses between tries: together they end before the row counts as left by a dead process. */
const settlePausesMs = [500, 1000, 2000]

/** What is not settled would be sent once more, as if this process had died: so a database that is away is asked again. */
async function settle(deliveryStore: DeliveryStore, ref: string, result: DeliveryResult): Promise<void> {
  for (const pauseMs of settlePausesMs) {
    try {
      return await deliveryStore.settleDelivery(ref, result)
    } catch {
      await sleep(pauseMs)
    }
  }
  await deliveryStore.settleDelivery(ref, result)
}

/** A provider that breaks its promise and throws, or ignores the signal, must not leave the row open. */
async function callOnce(
  provider: DeliveryProvider,
  message: OutboundMessage,
  timeoutMs: number,
): Promise<DeliveryResult> {
  const signal = AbortSignal.timeout(timeoutMs)
  const overdue = new Promise<DeliveryResult>((resolve) => {
    signal.addEventListener(
      'abort',
      () => setTimeout(() => resolve({ ok: false, reason: 'timeout_unknown' }), 250),
      { once: true },
    )
  })
  try {
    return await Promise.race([provider.send(message, signal), overdue])
  } catch {
    return { ok: false, reason: 'timeout_unknown' }
  }
}
