import { identityChangeStore } from '../adapters/store/identity-change-store.ts'
import { twilioWebhook } from '../bot/twilio-webhook.ts'
import type { WebhookNeeds } from '../bot/webhook-needs.ts'
import { whatsappWebhook } from '../bot/whatsapp-webhook.ts'
import { heedIdentityChanges } from '../domain/chat/identity-changes.ts'
import { noteStatuses } from '../domain/chat/note-statuses.ts'
import type { OwnApp } from '../http/own-app.ts'
import type { Chat } from './chat.ts'
import type { Portero } from './compose.ts'

/** Opens the doors for the webhooks of the configured accounts. */
export function registerWebhooks(app: OwnApp, portero: Portero, chat: Chat): void {
  const { config, database, log, now, publicUrl } = portero
  const { whatsapp, twilio } = config
  const identityChanges = identityChangeStore(database)
  const needs: WebhookNeeds = {
    ...{ log, now, receive: chat.receive },
    noteStatuses: (statuses) => noteStatuses(portero, statuses),
    noteIdentityChanges: (changes) => heedIdentityChanges({ identityChanges, log }, changes),
  }
  if (whatsapp.phone_number_id !== undefined)
    app.register(whatsappWebhook, {
      ...needs,
      whatsapp: {
        phoneNumberId: whatsapp.phone_number_id,
        appSecrets: whatsapp.app_secret ?? [],
        verifyToken: whatsapp.verify_token,
      },
    })
  if (twilio.account_sid !== undefined && twilio.from !== undefined && publicUrl !== undefined)
    app.register(twilioWebhook, {
      ...needs,
      twilio: { accountSid: twilio.account_sid, authTokens: twilio.auth_token ?? [], from: twilio.from },
      publicUrl: publicUrl.origin,
    })
}
