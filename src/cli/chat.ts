import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline/promises'
import { putOnRecord } from '../adapters/store/put-on-record.ts'
import { openAppBehind } from '../compose/app-behind.ts'
import { openChat } from '../compose/chat.ts'
import { chatSenders } from '../compose/chat-senders.ts'
import type { Reply } from '../domain/conversation/turn.ts'
import { demoPeople } from '../domain/people/demo-people.ts'
import { formatPhone } from '../domain/phones/phone-facts.ts'
import { parsePhoneNumber } from '../domain/phones/phone-number.ts'
import { type Command, optionOf, UsageProblem } from './command.ts'
import { visit } from './visit.ts'

/** Speaks with the bot, as a phone does. */
export const chat: Command = {
  name: 'chat',
  summary: 'Speaks with the bot from the terminal, as the phone that --from names.',
  options: {
    from: {
      summary: 'The phone that writes, which counts as proved: whoever types here holds the installation.',
    },
  },
  async run(world, given) {
    const from = optionOf(given, 'from')
    if (from === undefined) throw new UsageProblem('--from is missing: the phone that writes.')
    await visit(world, async (portero) => {
      const region = portero.config.phone.default_region
      const phone = parsePhoneNumber(from, { region, source: 'typed' })
      if (portero.demo.on) await putOnRecord(portero.database, demoPeople)
      // What it has to tell other phones goes out by the Portero that serves.
      const { url, kind } = portero.config.upstream
      const app = url === undefined ? undefined : openAppBehind(portero, new URL(url), kind)
      const bot = openChat(portero, chatSenders(portero), app)
      try {
        const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
        world.print(`You are ${formatPhone(phone)}. Write to the bot; Ctrl+D ends it.`)
        let buttons: Reply['buttons'] = []
        for await (const line of lines) {
          const pressed = buttonOf(buttons, line)
          const { replies } = await bot.answer({
            chatKey: `terminal:${phone}`,
            ...{ channel: 'terminal', address: phone, phone, messageId: randomUUID(), isProof: true },
            ...{ text: pressed?.id ?? line, isButton: pressed !== undefined, profileName: undefined },
            at: undefined,
          })
          buttons = replies.flatMap((reply) => reply.buttons)
          for (const reply of replies) world.print(shown(reply))
          if (replies.length === 0) world.print('(The bot says nothing.)')
        }
      } finally {
        await app?.close()
      }
    })
  },
}

/** A button is pressed by its number, in brackets where the bot shows it, or by its words. */
function buttonOf(buttons: Reply['buttons'], line: string): Reply['buttons'][number] | undefined {
  const typed = line.trim()
  const [, number] = /^\[(\d)\]$/.exec(typed) ?? []
  return number === undefined ? buttons.find(({ title }) => title === typed) : buttons[Number(number) - 1]
}

function shown({ text, buttons }: Reply): string {
  const choices = buttons.map(({ title }, at) => `[${at + 1}] ${title}`)
  return [
    ...text.split('\n').map((line) => `  ${line}`),
    ...(choices.length > 0 ? [`  ${choices.join('   ')}`] : []),
  ].join('\n')
}
