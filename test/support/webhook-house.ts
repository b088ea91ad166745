import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { twilioWebhook } from '../../src/bot/twilio-webhook.ts'
import type { WebhookNeeds } from '../../src/bot/webhook-needs.ts'
import { whatsappWebhook } from '../../src/bot/whatsapp-webhook.ts'
import type { IncomingMessage } from '../../src/domain/chat/chat-store.ts'
import type { IdentityChange } from '../../src/domain/chat/identity-change.ts'
import type { MessageStatus } from '../../src/domain/chat/message-status.ts'
import { openOwnApp } from '../../src/http/own-app.ts'

type Settings = {
  readonly whatsapp?: Parameters<typeof whatsappWebhook>[1]['whatsapp']
  readonly twilio?: Parameters<typeof twilioWebhook>[1]['twilio']
  readonly publicUrl?: string
  /** Where messages go; into a list when not given. */
  readonly receive?: WebhookNeeds['receive']
}

export type WebhookHouse = Awaited<ReturnType<typeof openWebhookHouse>>

/** The doors for webhooks on a real socket, in front of lists that remember what they were given. */
export async function openWebhookHouse({
  whatsapp,
  twilio,
  receive,
  publicUrl = 'https://portero.example',
}: Settings) {
  const received = new Map<string, IncomingMessage>()
  const statuses: MessageStatus[] = []
  const identityChanges: IdentityChange[] = []
  const lines: string[] = []
  const state = { failures: 0 }

  const write = (facts: object, text: string) => lines.push(`${JSON.stringify(facts)} ${text}`)
  const log = { info: write, warn: write, error: write }
  const needs: WebhookNeeds = {
    ...{ log, now: Date.now },
    receive:
      receive ??
      (async (messages) => {
        if (state.failures-- > 0) throw new Error('the database is away')
        for (const message of messages) {
          const key = `${message.channel} ${message.messageId}`
          if (!received.has(key)) received.set(key, message)
        }
      }),
    noteStatuses: async (some) => statuses.push(...some),
    noteIdentityChanges: async (some) => identityChanges.push(...some),
  }
  const app = openOwnApp({ log, referenceOf: () => randomBytes(4).toString('hex') })
  if (whatsapp !== undefined) app.register(whatsappWebhook, { ...needs, whatsapp })
  if (twilio !== undefined) app.register(twilioWebhook, { ...needs, twilio, publicUrl })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  return {
    ...{ url, lines, state, statuses, identityChanges, publicUrl },
    ...{ whatsappUrl: `${url}/_portero/webhooks/whatsapp`, twilioUrl: `${url}/_portero/webhooks/twilio` },
    received: () => [...received.values()],
    close: () => app.close(),
  }
}
