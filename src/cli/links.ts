import { approvedNotice } from '../bot/chat-notices.ts'
import { chatSenders } from '../compose/chat-senders.ts'
import type { Portero } from '../compose/compose.ts'
import { formatPhone } from '../domain/phones/phone-facts.ts'
import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import type { LinkDecision, LinkRequest } from '../domain/recognition/link-store.ts'
import { StartupProblem } from '../domain/startup-problem.ts'
import { type Command, UsageProblem } from './command.ts'
import { visit } from './visit.ts'

/** Lists who waits to be recognised. */
export const linksList: Command = {
  name: 'links list',
  summary: 'Lists the phones that ask the bot to be recognised as somebody and wait for your word.',
  async run(world) {
    const { requests, unmatched } = await visit(world, ({ linkStore }) => linkStore.listRequests())
    if (requests.length === 0) world.print('Nobody waits.')
    for (const request of requests) world.print(lineOf(request))
    if (unmatched > 0)
      world.print(`Beside these, ${unmatched} wait with a document that nobody has; they end by themselves.`)
  },
}

/** Makes a phone surely that of the person whose document was typed there. */
export const linksApprove = decisionCommand(
  'approve',
  'Makes a phone surely that of the person, once you have made sure who it is.',
  true,
)
/** Turns a request down. */
export const linksReject = decisionCommand(
  'reject',
  'Turns a request down; the phone is told nothing.',
  false,
)

const sentences: Readonly<Record<LinkDecision, (id: string) => string>> = {
  approved: () => 'Approved: the bot knows this phone from now on.',
  shared: () => 'Approved for the web. The phone is nobody’s own, so the bot goes on asking there.',
  rejected: () => 'Rejected.',
  gone: (id) =>
    `No request ${id} waits: it was decided, or is older than 7 days. \`portero links list\` shows who does.`,
  nobody: (id) => `Nobody has the document of request ${id}.`,
  unknown: (id) => `The person of request ${id} may not come in: \`portero people list\` shows why.`,
}

function decisionCommand(verb: string, summary: string, isApproved: boolean): Command {
  return {
    name: `links ${verb}`,
    summary,
    args: ['ID'],
    async run(world, { args }) {
      const id = args[0]!.replace(/^#/, '')
      if (!/^\d{1,18}$/.test(id)) throw new UsageProblem('ID is a number that `portero links list` shows.')
      await visit(world, async (portero) => {
        const { decision, phone } = await portero.linkStore.decideRequest(id, isApproved)
        const sentence = sentences[decision](id)
        if (!['approved', 'shared', 'rejected'].includes(decision)) throw new StartupProblem(sentence)
        const isTold = decision === 'approved' && phone !== undefined && (await tell(portero, phone, id))
        world.print(isTold ? `${sentence} It was told in its chat.` : sentence)
      })
    },
  }
}

/** Whoever wrote in the last day hears of it there; anybody else when they write. */
async function tell(portero: Portero, phone: PhoneNumber, id: string): Promise<boolean> {
  const { chatStore, config, demo } = portero
  const channels = chatSenders(portero).map(({ channel }) => channel)
  const chat = await chatStore.findOpenChat(phone, demo.on ? [...channels, 'simulator'] : channels)
  if (chat === undefined) return false
  return await chatStore.say(
    chat.chatKey,
    `approved ${id}`,
    approvedNotice(chat.locale ?? config.pages.default_locale),
  )
}

function lineOf({ id, phone, isProof, person, at }: LinkRequest): string {
  const proved = isProof ? 'its number is proved' : 'NOT proved: anybody could have said to be this number'
  return [id, formatPhone(phone), person.name ?? '-', person.id, at.toISOString(), proved].join('\t')
}
