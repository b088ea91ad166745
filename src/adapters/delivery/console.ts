import { randomUUID } from 'node:crypto'
import { channels } from '../../domain/messaging/channel.ts'
import type { DeliveryProvider } from '../../domain/messaging/delivery-provider.ts'

/**
 * Delivers to a developer's terminal: `write` gets one block of lines for each message, code and number in clear.
 * That is its purpose, so it belongs to development alone; `write` must be the terminal, never a log.
 */
export function consoleDelivery(write: (lines: string) => void): DeliveryProvider {
  return {
    name: 'console',
    channels,
    async send(message, signal) {
      if (signal.aborted) return { ok: false, reason: 'unavailable' }
      const providerMessageId = randomUUID()
      try {
        write(`\n  ${message.channel} to ${message.to}\n  ${message.text.replaceAll('\n', '\n  ')}\n\n`)
      } catch {
        return { ok: false, reason: 'unavailable' }
      }
      return { ok: true, providerMessageId }
    },
  }
}
