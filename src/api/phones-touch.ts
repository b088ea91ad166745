import { z } from 'zod'
import { phoneField, phoneOfBot, phoneRefusals, requireBot } from './bot-call.ts'
import { route } from './route.ts'

/** Notes that somebody was seen on a phone. */
export const phonesTouch = route({
  method: 'POST',
  path: '/_portero/api/phones/touch',
  summary: 'Note that the person of this phone was seen',
  description:
    'Moves the end of the memory on, to the minute; asking who writes does the same once an hour. It never wakes a memory that has run out. Needs the scope people:write.',
  body: z.object({ phone: phoneField }),
  output: z
    .object({
      phone: z.string(),
      remembered: z.boolean().meta({ description: 'False when nobody is remembered on it.' }),
    })
    .meta({ id: 'PhoneTouched' }),
  refuses: phoneRefusals,
  isCrossOrigin: false,

  async handle(needs, { body, request }) {
    await requireBot(needs, request, 'people:write')
    const phone = phoneOfBot(needs, body.phone)
    return { phone, remembered: await needs.touchPhone(phone) }
  },
})
