import { formatPhone } from '../domain/phones/phone-facts.ts'
import { parsePhoneNumber } from '../domain/phones/phone-number.ts'
import type { Command } from './command.ts'
import { visit } from './visit.ts'

/** Marks a phone as nobody's own. */
export const phonesShare = phoneCommand(
  'share',
  'Marks a phone as nobody’s own, such as one on a desk: the bot never remembers who wrote from it.',
  true,
)

/** Takes that mark away. */
export const phonesUnshare = phoneCommand('unshare', 'Takes that mark away.', false)

function phoneCommand(verb: string, summary: string, isShared: boolean): Command {
  return {
    name: `phones ${verb}`,
    summary,
    args: ['PHONE'],
    async run(world, { args }) {
      await visit(world, async ({ config, recognitionStore }) => {
        const region = config.phone.default_region
        const phone = parsePhoneNumber(args[0]!, { region, source: 'typed' })
        await recognitionStore.setShared(phone, isShared)
        world.print(
          isShared
            ? `Nobody is remembered on ${formatPhone(phone)} any more, nor will be.`
            : `Whoever writes from ${formatPhone(phone)} is remembered again.`,
        )
      })
    },
  }
}
