import type { ChatSender } from '../../domain/chat/chat-sender.ts'
import type { Log } from '../../domain/log.ts'
import { twilioChannel } from '../vendors/twilio/read-webhook.ts'
import { sendTwilio, type TwilioSending, twilioTextMax } from '../vendors/twilio/send.ts'
import { numberedText } from './numbered-text.ts'
import { openSendInParts } from './send-in-parts.ts'
import { splitText } from './split-text.ts'

type Needs = TwilioSending & {
  readonly log: Log
  /** The number of the WhatsApp sender, with its plus. */
  readonly from: string
  /** Where Twilio is to report what becomes of a message; undefined where nobody listens. */
  readonly statusCallback: string | undefined
}

/**
 * Sends replies over Twilio's WhatsApp. There buttons need templates made beforehand, so that choices are numbered lines; what is
 * too long goes in several messages. A refusal that only the operator can mend is written to the log.
 */
export function twilioChat(needs: Needs): ChatSender {
  const sendInParts = openSendInParts()
  return {
    channel: twilioChannel,
    send: ({ id, address, reply }, signal) =>
      sendInParts(id, splitText(numberedText(reply), twilioTextMax), async (text) => {
        const fields = {
          From: `whatsapp:${needs.from}`,
          To: `whatsapp:${address}`,
          Body: text,
          ...(needs.statusCallback !== undefined && { StatusCallback: needs.statusCallback }),
        }
        const result = await sendTwilio(needs, fields, signal)
        if (!result.ok && result.reason === 'config')
          needs.log.error(
            { channel: twilioChannel, providerCode: result.providerCode },
            'Twilio refuses our messages: see its error code, and twilio.* in the configuration',
          )
        return result
      }),
  }
}
