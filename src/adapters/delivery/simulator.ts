import { randomUUID } from 'node:crypto'
import { type Channel, channels } from '../../domain/messaging/channel.ts'
import type {
  DeliveryFailure,
  DeliveryProvider,
  DeliveryResult,
  OutboundMessage,
} from '../../domain/messaging/delivery-provider.ts'
import type { PhoneNumber } from '../../domain/phones/phone-number.ts'

/** A text that has arrived on a simulated phone. */
export type SimulatedMessage = {
  readonly id: string
  readonly to: PhoneNumber
  readonly channel: Channel
  readonly text: string
  readonly code: string | undefined
  /** Epoch milliseconds. */
  readonly at: number
}

/** What goes wrong with one message; several may go together. */
export type SimulatedFault = {
  readonly delayMs?: number
  readonly fail?: DeliveryFailure
  readonly retryAfterSeconds?: number
  /** Arrives twice. */
  readonly duplicate?: boolean
  /** Arrives, but the answer never comes. */
  readonly neverAnswer?: boolean
}

export type SimulatorOptions = {
  readonly now: () => number
  /** Called for each message; undefined lets it arrive at once. */
  readonly fault?: (message: OutboundMessage) => SimulatedFault | undefined
}

export type SimulatorDelivery = DeliveryProvider & {
  /** The last messages, newest first: of one phone, or of all. */
  messages(phone?: string): SimulatedMessage[]
  /** Calls `listener` for each message that arrives from now on, until the returned function is called. */
  onMessage(listener: (message: SimulatedMessage) => void): () => void
}

/** Older messages are forgotten, so that a demo left running does not grow. */
const messagesMax = 200

/** Brings texts to phones that exist on a page only: the demo's delivery, and the test bed of everything that sends. */
export function simulatorDelivery(options: SimulatorOptions): SimulatorDelivery {
  let kept: SimulatedMessage[] = []
  const listeners = new Set<(message: SimulatedMessage) => void>()

  function arrive(message: OutboundMessage): string {
    const { to, channel, text, code } = message
    const arrived = { id: randomUUID(), to, channel, text, code, at: options.now() }
    kept = [arrived, ...kept].slice(0, messagesMax)
    for (const listener of listeners) listener(arrived)
    return arrived.id
  }

  return {
    name: 'simulator',
    channels,
    async send(message, signal): Promise<DeliveryResult> {
      const fault = options.fault?.(message) ?? {}
      if (signal.aborted || !(await passes(fault.delayMs ?? 0, signal)))
        return { ok: false, reason: 'unavailable' }
      if (fault.fail !== undefined) {
        const { retryAfterSeconds } = fault
        return {
          ok: false,
          reason: fault.fail,
          ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
        }
      }
      const providerMessageId = arrive(message)
      if (fault.duplicate) arrive(message)
      if (fault.neverAnswer) {
        await aborted(signal)
        return { ok: false, reason: 'timeout_unknown' }
      }
      return { ok: true, providerMessageId }
    },
    messages: (phone) => kept.filter((message) => phone === undefined || message.to === phone),
    onMessage(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** True after so many milliseconds, false as soon as `signal` says stop. */
function passes(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (milliseconds === 0) return Promise.resolve(true)
  return new Promise((resolve) => {
    const stop = () => {
      clearTimeout(timer)
      resolve(false)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve(true)
    }, milliseconds)
    signal.addEventListener('abort', stop, { once: true })
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
