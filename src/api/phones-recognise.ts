import { z } from 'zod'
import type { PersonWithLevel } from '../domain/recognition/recognise-for-program.ts'
import {
  namedPerson,
  namedPersonSchema,
  phoneField,
  phoneOfBot,
  phoneRefusals,
  requireBot,
} from './bot-call.ts'
import { route } from './route.ts'

const rememberedSchema = namedPersonSchema
  .extend({
    belongs: z.enum(['declared', 'attested']).meta({
      description: 'How it is known that the phone is theirs: they said so, or somebody who may say so did.',
    }),
    level: z.enum(['declared', 'verified', 'confirmed']),
  })
  .meta({ id: 'RememberedPerson' })

/** Who writes from a phone. */
export const phonesRecognise = route({
  method: 'POST',
  path: '/_portero/api/phones/recognise',
  summary: 'Who writes from this phone',
  description:
    'For a bot of your own, at each message. The person is remembered for as many days as they have, those of bot.remember_days if nobody said otherwise, from the last time that they were seen; asking counts as seeing them, and is written down at most once an hour. Needs an API key with the scope people:read. That the message really came from this phone is for your bot to know.',
  body: z.object({ phone: phoneField }),
  output: z
    .object({
      phone: z.string().meta({ description: 'The number as Portero reads it, in E.164.' }),
      result: z.enum(['known', 'nobody', 'expired', 'gone', 'blocked', 'shared']).meta({
        description:
          'known: there is a person. nobody: ask for the document. expired, gone: there was one; ask again. blocked: may not come in. shared: the phone is nobody’s own and is not remembered.',
      }),
      person: rememberedSchema.nullable(),
      others: z.array(rememberedSchema).meta({ description: 'Other people of the same phone.' }),
    })
    .meta({ id: 'PhoneRecognised' }),
  refuses: phoneRefusals,
  isCrossOrigin: false,

  async handle(needs, { body, request }) {
    await requireBot(needs, request, 'people:read')
    const phone = phoneOfBot(needs, body.phone)
    const { result, person, others } = await needs.recognise(phone)
    return { phone, result, person: person ? remembered(person) : null, others: others.map(remembered) }
  },
})

function remembered(person: PersonWithLevel): z.input<typeof rememberedSchema> {
  return { ...namedPerson(person), belongs: person.belongs, level: person.level }
}
