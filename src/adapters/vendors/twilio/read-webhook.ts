import type { IncomingMessage } from '../../../domain/chat/chat-store.ts'
import type { MessageState, MessageStatus } from '../../../domain/chat/message-status.ts'
import { storableText } from '../../../lib/storable-text.ts'
import { whatsappPhone } from '../whatsapp-phone.ts'
import { isWhatsappUserId } from '../whatsapp-user-id.ts'
import { twilioFailure } from './failure.ts'

/** The name of this channel in chats. */
export const twilioChannel = 'twilio'

const textMax = 8192
const nameMax = 200
const buttonIdMax = 256

/** Why a webhook of Twilio came to nothing. `unreadable`: it is not what Twilio says that it sends. */
export type PassedOver =
  | 'other_account'
  | 'other_number'
  | 'not_whatsapp'
  | 'on_its_way'
  | 'no_sender'
  | 'unreadable'

/** What one webhook of Twilio says. */
export type TwilioWebhook =
  | { readonly kind: 'message'; readonly message: IncomingMessage }
  | { readonly kind: 'status'; readonly status: MessageStatus }
  | { readonly kind: 'nothing'; readonly why: PassedOver }

type Own = {
  readonly accountSid: string
  /** The number of the WhatsApp sender, with its plus. */
  readonly from: string
  /** Twilio does not say when. */
  readonly receivedAt: Date
}

const states: Readonly<Record<string, MessageState | undefined>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  failed: 'failed',
  undelivered: 'failed',
}

/** Reads a webhook whose signature has been checked. Only WhatsApp counts: whoever sends an SMS can choose the number it is from. */
export function readTwilioWebhook(form: URLSearchParams, own: Own): TwilioWebhook {
  const field = (name: string) => onlyValue(form, name)
  const id = field('MessageSid')
  const isInbound = [undefined, '', 'received', 'receiving'].includes(
    field('MessageStatus') ?? field('SmsStatus'),
  )
  const [theirs, ours] = isInbound ? ['From', 'To'] : ['To', 'From']
  if (field('AccountSid') !== own.accountSid) return nothing('other_account')
  if (id === undefined || !/^[A-Za-z0-9]{2,64}$/.test(id)) return nothing('unreadable')
  const [them, us] = [whatsappAddress(field(theirs!)), whatsappAddress(field(ours!))]
  if (them === undefined || us === undefined) return nothing('not_whatsapp')
  if (us !== own.from) return nothing('other_number')

  if (!isInbound) {
    const status = statusOf(field, id, own.receivedAt)
    return status === undefined ? nothing('on_its_way') : { kind: 'status', status }
  }
  const message = messageOf(field, id, them)
  return message === undefined ? nothing('no_sender') : { kind: 'message', message }
}

type Field = (name: string) => string | undefined

function messageOf(field: Field, id: string, them: string): IncomingMessage | undefined {
  const phone = whatsappPhone(them)
  const userId = [field('ExternalUserId'), them].find((one) => one !== undefined && isWhatsappUserId(one))
  const address = phone === undefined ? userId : them
  if (address === undefined) return undefined
  const name = field('ProfileName')
  const pressed = field('ButtonPayload')
  const isButton = pressed !== undefined && pressed !== ''
  return {
    channel: twilioChannel,
    messageId: id,
    chatKey: `${twilioChannel}:${phone ?? userId}`,
    phone,
    isProof: phone !== undefined,
    text: isButton
      ? storableText(pressed, buttonIdMax)
      : storableText(field('Body') ?? field('ButtonText') ?? '', textMax),
    isButton,
    profileName: name === undefined || name.trim() === '' ? undefined : storableText(name, nameMax),
    // Twilio does not say.
    at: undefined,
    address,
    signals: {
      userId,
      identityHash: undefined,
      inReplyTo: field('OriginalRepliedMessageSid'),
      sharedPhone: undefined,
    },
  }
}

function statusOf(field: Field, id: string, at: Date): MessageStatus | undefined {
  const state = states[field('MessageStatus') ?? field('SmsStatus') ?? '']
  if (state === undefined) return undefined
  const code = /^\d{1,6}$/.exec(field('ErrorCode') ?? '')?.[0]
  return {
    channel: twilioChannel,
    messageId: id,
    ref: undefined,
    state,
    at,
    failure:
      state === 'failed'
        ? { reason: twilioFailure(Number(code ?? 0)), providerCode: code ?? 'none' }
        : undefined,
    billedAs: undefined,
  }
}

function nothing(why: PassedOver): TwilioWebhook {
  return { kind: 'nothing', why }
}

/** What a field says. The signature does not cover the order of values, so that several different ones say nothing. */
function onlyValue(form: URLSearchParams, name: string): string | undefined {
  const values = new Set(form.getAll(name))
  return values.size === 1 ? [...values][0] : undefined
}

/** A number with its plus, or a user id; undefined for whatever is not of WhatsApp. */
function whatsappAddress(text: string | undefined): string | undefined {
  return /^whatsapp:(\+\d{6,15}|[A-Z]{2}\.[A-Za-z0-9.]{1,140})$/.exec(text ?? '')?.[1]
}
