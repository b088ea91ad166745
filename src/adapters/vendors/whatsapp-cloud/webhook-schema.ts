import { z } from 'zod'

/** A field that is left out when it is not what it should be: whatever else there is still counts. */
const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined)

const id = z.string().min(1).max(512)
const shortText = z.string().max(512)
const title = z.string().max(4096)
const seconds = z.string().regex(/^\d{1,11}$/)

/** What every webhook of Meta has around it. */
export const envelopeSchema = z.object({
  entry: z.array(z.object({ changes: z.array(z.unknown()).catch([]) }).catch({ changes: [] })),
})

export const changeSchema = z.object({
  field: shortText,
  value: z.object({
    metadata: lenient(
      z.object({ phone_number_id: lenient(shortText), display_phone_number: lenient(shortText) }),
    ),
    contacts: z.array(z.unknown()).catch([]),
    messages: z.array(z.unknown()).catch([]),
    statuses: z.array(z.unknown()).catch([]),
    user_id_update: z.array(z.unknown()).catch([]),
  }),
})

export const contactSchema = z.object({
  profile: lenient(z.object({ name: lenient(z.string()) })),
  wa_id: lenient(shortText),
  user_id: lenient(shortText),
  identity_key_hash: lenient(shortText),
})

const sharedContact = z.object({
  origin: lenient(shortText),
  phones: lenient(z.array(z.object({ phone: lenient(shortText), wa_id: lenient(shortText) }))),
})

export const messageSchema = z.object({
  id,
  timestamp: seconds,
  type: shortText,
  from: shortText.optional(),
  from_user_id: lenient(shortText),
  group_id: lenient(shortText),
  context: lenient(z.object({ id: lenient(id) })),
  text: lenient(z.object({ body: z.string() })),
  button: lenient(z.object({ payload: lenient(title), text: lenient(title) })),
  interactive: lenient(
    z.object({
      button_reply: lenient(z.object({ id: title })),
      list_reply: lenient(z.object({ id: title })),
    }),
  ),
  origin: lenient(shortText),
  contacts: lenient(z.array(sharedContact)),
  system: lenient(
    z.object({
      type: shortText,
      wa_id: lenient(shortText),
      new_wa_id: lenient(shortText),
      user_id: lenient(shortText),
      previous_user_id: lenient(shortText),
      identity: lenient(z.object({ hash: lenient(shortText) })),
    }),
  ),
})

export const statusSchema = z.object({
  id,
  status: shortText,
  timestamp: seconds,
  biz_opaque_callback_data: lenient(shortText),
  errors: lenient(z.array(z.object({ code: z.number() }))),
  pricing: lenient(z.object({ billable: lenient(z.boolean()), category: lenient(shortText) })),
})

/** A user id that became another one, as the field of that name tells it. */
export const userIdUpdateSchema = z.object({
  wa_id: lenient(shortText),
  timestamp: lenient(seconds),
  user_id: z.object({ previous: lenient(shortText), current: shortText }),
})

export type WhatsappChange = z.output<typeof changeSchema>
export type WhatsappContact = z.output<typeof contactSchema>
export type WhatsappMessage = z.output<typeof messageSchema>
export type WhatsappStatus = z.output<typeof statusSchema>
export type WhatsappUserIdUpdate = z.output<typeof userIdUpdateSchema>
