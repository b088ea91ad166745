import { z } from 'zod'
import { Refusal } from '../domain/errors.ts'
import { phoneField, phoneOfBot, phoneRefusals, requireBot } from './bot-call.ts'
import { route } from './route.ts'

/** Links a phone to a person, as an operator's bot says. */
export const phonesLink = route({
  method: 'POST',
  path: '/_portero/api/phones/link',
  summary: 'Link a phone to a person',
  description:
    'From now on the phone is remembered as this person’s. A declared link (they typed a document) opens no web session as them, whatever is proved by the phone; an attested one does, so it needs a key that has the scope people:attest besides people:write. A declared link takes nothing from one that is attested already.',
  body: z.object({
    phone: phoneField,
    person_id: z.uuid(),
    belongs: z.enum(['declared', 'attested']).default('declared'),
  }),
  output: z
    .object({
      phone: z.string(),
      person_id: z.uuid(),
      remembered: z.boolean().meta({ description: 'False where the phone is marked as shared by many.' }),
    })
    .meta({ id: 'PhoneLinked' }),
  refuses: [...phoneRefusals, 'person_not_found'],
  isCrossOrigin: false,

  async handle(needs, { body, request }) {
    await requireBot(needs, request, 'people:write')
    if (body.belongs === 'attested') await requireBot(needs, request, 'people:attest')
    const phone = phoneOfBot(needs, body.phone)
    const personId = body.person_id.toLowerCase()
    const outcome = await needs.linkPhone(phone, personId, body.belongs)
    if (outcome === 'unknown') throw new Refusal('person_not_found')
    return { phone, person_id: personId, remembered: outcome === 'linked' }
  },
})
