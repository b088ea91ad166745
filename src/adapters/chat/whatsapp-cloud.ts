import type { ChatSender } from '../../domain/chat/chat-sender.ts'
import type { OutgoingReply } from '../../domain/chat/chat-store.ts'
import type { Log } from '../../domain/log.ts'
import {
  areButtons,
  buttonsBody,
  contactRequestBody,
  textBody,
  whatsappLimits,
} from '../vendors/whatsapp-cloud/message-bodies.ts'
import { whatsappChannel } from '../vendors/whatsapp-cloud/read-message.ts'
import { sendWhatsapp, type WhatsappSending } from '../vendors/whatsapp-cloud/send.ts'
import { numberedText } from './numbered-text.ts'
import { openSendInParts } from './send-in-parts.ts'
import { splitText } from './split-text.ts'

/**
 * Sends replies over WhatsApp's Cloud API. Buttons that WhatsApp does not take become numbered lines, and what is too long goes
 * in several messages. A refusal that only the operator can mend is written to the log.
 */
export function whatsappCloudChat(needs: WhatsappSending & { readonly log: Log }): ChatSender {
  const sendInParts = openSendInParts()
  return {
    channel: whatsappChannel,
    send: (reply, signal) =>
      sendInParts(reply.id, bodiesOf(reply), async (body) => {
        const result = await sendWhatsapp(needs, body, signal)
        if (!result.ok && result.reason === 'config')
          needs.log.error(
            { channel: whatsappChannel, providerCode: result.providerCode },
            'WhatsApp refuses our messages: see its error code, and whatsapp.* in the configuration',
          )
        return result
      }),
  }
}

/** What a reply is on this wire, in order. What is pressed stands under the last words. */
function bodiesOf({ id, address, reply }: OutgoingReply): object[] {
  const envelope = { to: address, ref: id }
  const isContactRequest = reply.asksFor === 'contact'
  const hasButtons = !isContactRequest && areButtons(reply.buttons)
  if (!isContactRequest && !hasButtons)
    return splitText(numberedText(reply), whatsappLimits.text).map((text) => textBody(envelope, text))

  const pieces = splitText(reply.text, whatsappLimits.textWithButtons)
  return pieces.map((text, index) => {
    if (index < pieces.length - 1) return textBody(envelope, text)
    return isContactRequest ? contactRequestBody(envelope, text) : buttonsBody(envelope, text, reply.buttons)
  })
}
