import type { z } from 'zod'
import type { ReceivedMessage } from '../../../domain/chat/chat-store.ts'
import type { IdentityChange } from '../../../domain/chat/identity-change.ts'
import type { MessageStatus } from '../../../domain/chat/message-status.ts'
import { readSystemMessage, readUserIdUpdate } from './read-identity-change.ts'
import { type NoMessage, readMessage } from './read-message.ts'
import { readStatus } from './read-status.ts'
import {
  changeSchema,
  contactSchema,
  envelopeSchema,
  messageSchema,
  statusSchema,
  userIdUpdateSchema,
  type WhatsappChange,
} from './webhook-schema.ts'

/** Why something in a webhook came to nothing. `unreadable`: it is not what Meta says that it sends. */
export type PassedOver = NoMessage | 'other_number' | 'other_field' | 'unknown' | 'unreadable'

/** All that a webhook of Meta says, in the order in which it says it. */
export type WhatsappWebhook = {
  readonly messages: readonly ReceivedMessage[]
  readonly statuses: readonly MessageStatus[]
  readonly identityChanges: readonly IdentityChange[]
  /** How many things came to nothing, by reason. Never what they were. */
  readonly passedOver: ReadonlyMap<PassedOver, number>
}

type Own = {
  /** Whose webhooks count: one app of Meta may serve several numbers. */
  readonly phoneNumberId: string
  readonly receivedAt: Date
}

/**
 * Reads a webhook whose signature has been checked: every entry, change, message and status. One that cannot be read is
 * counted and passed over, and spoils no other. Undefined when the whole is no webhook of Meta.
 */
export function readWhatsappWebhook(body: Uint8Array, own: Own): WhatsappWebhook | undefined {
  const envelope = envelopeSchema.safeParse(jsonOf(body))
  if (!envelope.success) return undefined

  const messages: ReceivedMessage[] = []
  const statuses: MessageStatus[] = []
  const identityChanges: IdentityChange[] = []
  const passedOver = new Map<PassedOver, number>()
  const passOver = (why: PassedOver) => passedOver.set(why, (passedOver.get(why) ?? 0) + 1)
  const each = <Schema extends z.ZodType>(
    items: readonly unknown[],
    schema: Schema,
    read: (item: z.output<Schema>) => void,
  ) => {
    for (const item of items) {
      const parsed = schema.safeParse(item)
      if (parsed.success) read(parsed.data)
      else passOver('unreadable')
    }
  }

  function readChange({ field, value }: WhatsappChange): void {
    if (field !== 'messages' && field !== 'user_id_update') return void passOver('other_field')
    if (value.metadata?.phone_number_id !== own.phoneNumberId) return void passOver('other_number')
    const contacts = value.contacts.flatMap((contact) => contactSchema.safeParse(contact).data ?? [])
    const ownNumber = value.metadata.display_phone_number?.replace(/\D/g, '')

    each(value.messages, messageSchema, (message) => {
      if (message.type === 'system') return keep(identityChanges, readSystemMessage(message))
      const read = readMessage(message, contacts, ownNumber)
      if (typeof read === 'string') passOver(read)
      else messages.push(read)
    })
    each(value.statuses, statusSchema, (status) => keep(statuses, readStatus(status)))
    each(value.user_id_update, userIdUpdateSchema, (update) =>
      keep(identityChanges, readUserIdUpdate(update, contacts, own.receivedAt)),
    )
  }

  function keep<Item>(list: Item[], item: Item | undefined): void {
    if (item === undefined) passOver('unknown')
    else list.push(item)
  }

  for (const { changes } of envelope.data.entry) each(changes, changeSchema, readChange)
  return { messages, statuses, identityChanges, passedOver }
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}
