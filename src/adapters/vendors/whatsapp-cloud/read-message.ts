import type { ReceivedMessage } from '../../../domain/chat/chat-store.ts'
import { storableText } from '../../../lib/storable-text.ts'
import { whatsappPhone } from '../whatsapp-phone.ts'
import { isWhatsappUserId } from '../whatsapp-user-id.ts'
import { sharedPhone } from './shared-phone.ts'
import type { WhatsappContact, WhatsappMessage } from './webhook-schema.ts'

/** The name of this channel in chats. */
export const whatsappChannel = 'whatsapp'

/** Longer than WhatsApp lets anybody write. */
const textMax = 8192
const nameMax = 200
const buttonIdMax = 256

/** What is about another message and wants no answer. */
const quietTypes = new Set(['reaction', 'edit', 'revoke', 'message_edit', 'message_revoke'])

/** Why a message is none for the conversation. */
export type NoMessage = 'quiet' | 'not_one_to_one' | 'own_echo' | 'no_sender'

/**
 * What somebody wrote, or why it is nothing to answer. A type that has no text here, or that nobody has heard of, is a message
 * with empty text. `ownNumber` are the digits of the number that was written to.
 */
export function readMessage(
  message: WhatsappMessage,
  contacts: readonly WhatsappContact[],
  ownNumber: string | undefined,
): ReceivedMessage | NoMessage {
  const { from, group_id } = message
  if (quietTypes.has(message.type)) return 'quiet'
  if (group_id !== undefined || (from?.includes('@') && !/@(s\.whatsapp\.net|c\.us)$/.test(from)))
    return 'not_one_to_one'
  if (from !== undefined && from === ownNumber) return 'own_echo'

  const contact = contactOf(message, contacts)
  const phone = whatsappPhone(from)
  const userId = [message.from_user_id, contact?.user_id].find(
    (id) => id !== undefined && isWhatsappUserId(id),
  )
  // Whoever hides their number has no `from`; it is never replaced by the id.
  const address = phone === undefined ? userId : from!.replace(/\D/g, '')
  if (address === undefined) return 'no_sender'

  const name = contact?.profile?.name
  return {
    channel: whatsappChannel,
    messageId: storableText(message.id, 512),
    chatKey: `${whatsappChannel}:${phone ?? userId}`,
    phone,
    isProof: phone !== undefined,
    ...textOf(message),
    profileName: name === undefined || name.trim() === '' ? undefined : storableText(name, nameMax),
    at: new Date(Number(message.timestamp) * 1000),
    address,
    signals: {
      userId,
      identityHash: storable(contact?.identity_key_hash),
      inReplyTo: storable(message.context?.id),
      sharedPhone: sharedPhone(message),
    },
  }
}

/** The entry about the sender, never simply the only one: in a batch it may be somebody else. */
function contactOf(
  { from, from_user_id }: WhatsappMessage,
  contacts: readonly WhatsappContact[],
): WhatsappContact | undefined {
  return contacts.find(
    ({ wa_id, user_id }) =>
      (from !== undefined && wa_id === from) || (from_user_id !== undefined && user_id === from_user_id),
  )
}

function textOf(message: WhatsappMessage): { text: string; isButton: boolean } {
  const { interactive, button } = message
  const pressed = interactive?.button_reply?.id ?? interactive?.list_reply?.id ?? button?.payload
  if (message.type !== 'text' && pressed !== undefined)
    return { text: storableText(pressed, buttonIdMax), isButton: true }
  const text = message.type === 'text' ? message.text?.body : button?.text
  return { text: storableText(text ?? '', textMax), isButton: false }
}

function storable(text: string | undefined): string | undefined {
  return text && storableText(text, 512)
}
