import { twilioChat } from '../adapters/chat/twilio.ts'
import { whatsappCloudChat } from '../adapters/chat/whatsapp-cloud.ts'
import { twilioWebhookPath } from '../bot/twilio-webhook.ts'
import type { ChatSender } from '../domain/chat/chat-sender.ts'
import type { Portero } from './compose.ts'
import { send } from './send.ts'

/** Ways for the bot's replies to get out: one for each configured account. */
export function chatSenders({ config, log, publicUrl }: Portero): ChatSender[] {
  const { whatsapp, twilio } = config
  const senders: ChatSender[] = []
  if (whatsapp.phone_number_id !== undefined && whatsapp.access_token !== undefined)
    senders.push(
      whatsappCloudChat({
        ...{ fetch: send, log, baseUrl: whatsapp.base_url, apiVersion: whatsapp.api_version },
        ...{ phoneNumberId: whatsapp.phone_number_id, accessToken: whatsapp.access_token },
      }),
    )
  const [authToken] = twilio.auth_token ?? []
  if (twilio.account_sid !== undefined && twilio.from !== undefined && authToken !== undefined)
    senders.push(
      twilioChat({
        ...{ fetch: send, log, baseUrl: twilio.base_url, accountSid: twilio.account_sid, authToken },
        from: twilio.from,
        statusCallback: publicUrl && `${publicUrl.origin}${twilioWebhookPath}`,
      }),
    )
  return senders
}
