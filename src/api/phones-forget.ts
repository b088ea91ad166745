import { z } from 'zod'
import { phoneField, phoneOfBot, phoneRefusals, requireBot } from './bot-call.ts'
import { route } from './route.ts'

/** Forgets who writes from a phone. */
export const phonesForget = route({
  method: 'POST',
  path: '/_portero/api/phones/forget',
  summary: 'Forget who writes from this phone',
  description:
    'One person, or all of the phone when none is named; their web sessions of this phone end too. Forgetting again is no fault. An attested link stays on record, so that nobody loses their account by it. Needs the scope people:write.',
  body: z.object({ phone: phoneField, person_id: z.uuid().optional() }),
  output: z
    .object({ phone: z.string(), forgotten: z.int().meta({ description: 'How many people.' }) })
    .meta({ id: 'PhoneForgotten' }),
  refuses: phoneRefusals,
  isCrossOrigin: false,

  async handle(needs, { body, request }) {
    await requireBot(needs, request, 'people:write')
    const phone = phoneOfBot(needs, body.phone)
    const personId = body.person_id?.toLowerCase()
    return { phone, forgotten: await needs.forgetPhone(phone, personId) }
  },
})
