import type { IdentityChange } from '../../../domain/chat/identity-change.ts'
import { storableText } from '../../../lib/storable-text.ts'
import { whatsappPhone } from '../whatsapp-phone.ts'
import { isWhatsappUserId } from '../whatsapp-user-id.ts'
import { whatsappChannel } from './read-message.ts'
import type { WhatsappContact, WhatsappMessage, WhatsappUserIdUpdate } from './webhook-schema.ts'

const kinds: Readonly<Record<string, IdentityChange['kind']>> = {
  user_changed_number: 'number',
  customer_changed_number: 'number',
  user_changed_user_id: 'user_id',
  customer_identity_changed: 'registration',
  user_identity_changed: 'registration',
}

/** What a message of type `system` tells about an account; undefined when it is about something else, or about nobody. */
export function readSystemMessage(message: WhatsappMessage): IdentityChange | undefined {
  const { system, from, from_user_id } = message
  const kind = system && kinds[system.type]
  if (system === undefined || kind === undefined) return undefined
  // Older versions of the API have the new number in a field of its own.
  const newNumber = system.new_wa_id ?? system.wa_id
  return changeOf({
    channel: whatsappChannel,
    id: storableText(message.id, 512),
    kind,
    at: new Date(Number(message.timestamp) * 1000),
    before: { phone: whatsappPhone(from), userId: userId(from_user_id ?? system.previous_user_id) },
    after: {
      phone: kind === 'registration' ? undefined : whatsappPhone(newNumber),
      userId: userId(system.user_id),
      identityHash: hashOf(system.identity?.hash),
    },
  })
}

/** What the field `user_id_update` tells. It carries no id; the pair of ids is one. `receivedAt` stands in for a missing time. */
export function readUserIdUpdate(
  update: WhatsappUserIdUpdate,
  contacts: readonly WhatsappContact[],
  receivedAt: Date,
): IdentityChange | undefined {
  const [previous, current] = [userId(update.user_id.previous), userId(update.user_id.current)]
  if (current === undefined) return undefined
  const contact = contacts.find(({ user_id }) => user_id === current || user_id === previous)
  const phone = whatsappPhone(update.wa_id ?? contact?.wa_id)
  return changeOf({
    channel: whatsappChannel,
    id: `user_id_update:${previous ?? ''}:${current}`,
    kind: 'user_id',
    at: update.timestamp === undefined ? receivedAt : new Date(Number(update.timestamp) * 1000),
    before: { phone: undefined, userId: previous },
    after: { phone, userId: current, identityHash: undefined },
  })
}

function changeOf(change: IdentityChange): IdentityChange | undefined {
  const { before, after } = change
  const isAboutSomebody = [before.phone, before.userId, after.phone, after.userId].some(
    (known) => known !== undefined,
  )
  return isAboutSomebody ? change : undefined
}

function userId(text: string | undefined): string | undefined {
  return text !== undefined && isWhatsappUserId(text) ? text : undefined
}

function hashOf(text: string | undefined): string | undefined {
  return text && storableText(text, 512)
}
