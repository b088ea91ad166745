import { z } from 'zod'
import { phoneField, phoneOfBot, phoneRefusals, requireBot } from './bot-call.ts'
import { route } from './route.ts'

/** Gives a chat that people of the organisation have back to the bot. */
export const chatsGiveBack = route({
  method: 'POST',
  path: '/_portero/api/chats/give-back',
  summary: 'Give the chats of this phone back to the bot',
  description:
    'For the tool in which your people answer: once somebody has asked for them, the bot keeps silent in that chat until it is given back, or bot.handover_hours are over. Giving back again is no fault. Needs the scope chat.',
  body: z.object({ phone: phoneField }),
  output: z
    .object({ phone: z.string(), given_back: z.int().meta({ description: 'How many chats.' }) })
    .meta({ id: 'ChatsGivenBack' }),
  refuses: phoneRefusals,
  isCrossOrigin: false,

  async handle(needs, { body, request }) {
    await requireBot(needs, request, 'chat')
    const phone = phoneOfBot(needs, body.phone)
    return { phone, given_back: await needs.giveBackChats(phone) }
  },
})
