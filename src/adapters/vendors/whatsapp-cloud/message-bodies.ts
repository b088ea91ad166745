import { isWhatsappUserId } from '../whatsapp-user-id.ts'

/** What the Cloud API takes at most, in UTF-16 units. */
export const whatsappLimits = {
  text: 4096,
  textWithButtons: 1024,
  buttons: 3,
  buttonTitle: 20,
  buttonId: 256,
} as const

/** To whom, and under which id of ours that every status of the message brings back. */
export type Envelope = { readonly to: string; readonly ref: string }

type Button = { readonly id: string; readonly title: string }

/** A text of at most `whatsappLimits.text`. */
export function textBody(envelope: Envelope, text: string): object {
  return { ...around(envelope), type: 'text', text: { body: text, preview_url: false } }
}

/** A text of at most `whatsappLimits.textWithButtons` with one to three buttons under it. */
export function buttonsBody(envelope: Envelope, text: string, buttons: readonly Button[]): object {
  const action = { buttons: buttons.map(({ id, title }) => ({ type: 'reply', reply: { id, title } })) }
  return { ...around(envelope), type: 'interactive', interactive: { type: 'button', body: { text }, action } }
}

/** A text with the button by which people share their own number; only the answer to it proves one. */
export function contactRequestBody(envelope: Envelope, text: string): object {
  const interactive = {
    type: 'request_contact_info',
    body: { text },
    action: { name: 'request_contact_info' },
  }
  return { ...around(envelope), type: 'interactive', interactive }
}

/** Whether WhatsApp would take these as buttons. */
export function areButtons(buttons: readonly Button[]): boolean {
  const { buttonTitle, buttonId } = whatsappLimits
  const isFit = ({ id, title }: Button) =>
    title.trim() !== '' &&
    title.length <= buttonTitle &&
    id !== '' &&
    id.length <= buttonId &&
    id.trim() === id
  const hasTwins = (key: 'id' | 'title') => new Set(buttons.map((one) => one[key])).size < buttons.length
  return (
    buttons.length > 0 &&
    buttons.length <= whatsappLimits.buttons &&
    buttons.every(isFit) &&
    !hasTwins('id') &&
    !hasTwins('title')
  )
}

function around({ to, ref }: Envelope): object {
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    // Those who hide their number are named in a field of their own.
    ...(isWhatsappUserId(to) ? { recipient: to } : { to }),
    biz_opaque_callback_data: ref,
  }
}
