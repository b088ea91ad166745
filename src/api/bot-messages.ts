import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { isRefusal, Refusal } from '../domain/errors.ts'
import { type PhoneNumber, parsePhoneNumber } from '../domain/phones/phone-number.ts'
import { storableText } from '../lib/storable-text.ts'
import { keyRefusals } from './bot-call.ts'
import { route } from './route.ts'

const idLengthMax = 256

/** Lets any program be the bot's transport: one message in, the answer out. */
export const botMessages = route({
  method: 'POST',
  path: '/_portero/bot/messages',
  summary: 'Bring a message to the bot, and get its answer',
  description:
    'For a transport of your own: a bridge to a messenger, a kiosk, a test. The same id again gives the same answer for a day, and does nothing more; messages of one phone are worked on one after the other. Needs an API key with the scope chat, except in the demo. The sender counts as unproved unless the key has the scope chat:prove too, which is for a transport that knows for certain who writes; proved and unproved messages of one phone are conversations apart. A key with both speaks for any phone that it names, and can make the bot forget it or remember another person on it: give it to transports that you trust. Without chat:prove nothing is moved or forgotten that was proved, attested or remembered by another program. One phone gets at most 30 replies a minute, then a notice, then none for a minute. Groups and other senders that are no phone are refused.',
  body: z.object({
    from: z
      .string()
      .min(1)
      .max(200)
      .meta({
        description: 'The phone that writes: E.164, or the id under which WhatsApp knows it.',
        examples: ['+5491123456789', '5491123456789@s.whatsapp.net'],
      }),
    text: z
      .string()
      .max(8000)
      .default('')
      .meta({ description: 'What was written; empty for a picture, a voice message and the like.' }),
    button: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .meta({ description: 'The id of the button that was pressed, instead of a text.' }),
    id: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .meta({ description: 'Your own id of the message, so that it can be brought again when in doubt.' }),
    name: z.string().max(1000).optional().meta({ description: 'What the sender calls themselves there.' }),
    at: z.iso.datetime({ offset: true }).optional().meta({
      description: 'When it was written; now if not given. What is older than a day is not answered.',
    }),
  }),
  output: z
    .object({
      replies: z.array(
        z.object({
          text: z.string(),
          buttons: z
            .array(z.object({ id: z.string(), title: z.string() }))
            .optional()
            .meta({ description: 'At most three, each with a title of at most 20 characters.' }),
        }),
      ),
      state: z.string().nullable().meta({ description: 'Where the conversation stands.' }),
      level: z.enum(['declared', 'verified', 'confirmed']).nullable(),
      person: z.object({ id: z.uuid(), name: z.string().nullable() }).nullable(),
    })
    .meta({ id: 'BotAnswer' }),
  refuses: ['invalid_phone', ...keyRefusals],
  isCrossOrigin: false,

  async handle(needs, { body, request }) {
    needs.requireSafeTransport(request.raw)
    const key = await needs.apiKeyOf(request.headers, 'chat')
    if (key === undefined && !needs.isDemo) throw new Refusal('invalid_api_key')
    const phone = senderOf(body.from)
    const isProof = key?.scopes.includes('chat:prove') ?? false
    const answer = await needs.answerMessage({
      // Whoever merely says that it is this phone has a conversation apart, and never hears what was said in the other.
      chatKey: `${isProof ? 'http' : 'http-unproved'}:${phone}`,
      channel: 'http',
      address: phone,
      // Ids of one transport mean nothing to another, nor do those of one phone to another.
      messageId: [key?.id ?? 'demo', phone, storableText(body.id ?? randomUUID(), idLengthMax)].join(' '),
      phone,
      isProof,
      text: body.button ?? body.text,
      isButton: body.button !== undefined,
      profileName: body.name,
      at: body.at === undefined ? undefined : new Date(Math.min(needs.now(), Date.parse(body.at))),
    })
    const { replies, step, level, person } = answer
    return {
      replies: replies.map(({ text, buttons }) => ({
        text,
        ...(buttons.length > 0 && { buttons: [...buttons] }),
      })),
      state: step ?? null,
      level: level ?? null,
      person: person ? { id: person.id, name: person.name ?? null } : null,
    }
  },
})

/** A transport says exactly who writes, so nothing is assumed of bare digits; other spellings have to be whole. */
function senderOf(text: string): PhoneNumber {
  try {
    return parsePhoneNumber(text, { region: undefined, source: 'whatsapp' })
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown
    return parsePhoneNumber(text, { region: undefined, source: 'typed' })
  }
}
