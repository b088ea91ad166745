import { randomUUID } from 'node:crypto'
import type { ChatSender } from '../../domain/chat/chat-sender.ts'
import type { Reply } from '../../domain/conversation/turn.ts'
import { type Channel, channels } from '../../domain/messaging/channel.ts'
import type {
  DeliveryFailure,
  DeliveryProvider,
  DeliveryResult,
  OutboundMessage,
} from '../../domain/messaging/delivery-provider.ts'
import { canonicalPhone, type PhoneNumber } from '../../domain/phones/phone-number.ts'

/** A text that has arrived on a simulated phone, or was written there. */
export type SimulatedMessage = {
  readonly id: string
  /** The phone that has it. */
  readonly to: PhoneNumber
  readonly channel: Channel
  readonly text: string
  readonly code: string | undefined
  /** Epoch milliseconds. */
  readonly at: number
  /** Of the chat with the bot: who wrote it; undefined for what was delivered otherwise. */
  readonly chat: 'bot' | 'phone' | undefined
  readonly buttons: Reply['buttons']
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
  /** Brings the bot's replies to the phones. */
  readonly chat: ChatSender
  /** Shows what a phone wrote to the bot; answers its id. */
  write(phone: PhoneNumber, text: string): string
}

/** Older messages are forgotten, so that a demo left running does not grow. */
const messagesMax = 200

/** Brings texts to phones that exist on a page only: the demo's delivery, and the test bed of everything that sends. */
export function simulatorDelivery(options: SimulatorOptions): SimulatorDelivery {
  let kept: SimulatedMessage[] = []
  const listeners = new Set<(message: SimulatedMessage) => void>()

  function show(message: Omit<SimulatedMessage, 'id' | 'at'>): string {
    const arrived = { ...message, id: randomUUID(), at: options.now() }
    kept = [arrived, ...kept].slice(0, messagesMax)
    for (const listener of listeners) listener(arrived)
    return arrived.id
  }

  function arrive({ to, channel, text, code, template }: OutboundMessage): string {
    return show({ to, channel, text, code, chat: undefined, buttons: template?.buttons ?? [] })
  }

  function chatMessage(chat: 'bot' | 'phone', to: PhoneNumber, { text, buttons }: Reply): string {
    return show({ to, channel: 'whatsapp', text, code: undefined, chat, buttons })
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
    chat: {
      channel: 'simulator',
      send: async ({ address, reply }) => ({ sentAs: chatMessage('bot', canonicalPhone(address), reply) }),
    },
    write: (phone, text) => chatMessage('phone', phone, { text, buttons: [] }),
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
