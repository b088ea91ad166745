import type { OpenRequest, RequestKind } from '../domain/chat/request-store.ts'
import { StartupProblem } from '../domain/startup-problem.ts'
import { type Command, UsageProblem } from './command.ts'
import { visit } from './visit.ts'

const wishes: Readonly<Record<RequestKind, string>> = {
  people: 'wants to speak with people; the bot keeps silent there',
  erasure: 'wants their data erased; make sure who it is, a document alone proves nothing',
  not_me: 'says that something done in their name was not them',
  documents: 'many wrong documents came in an hour: a list may be being walked through',
}

/** Lists what people have asked of the organisation. */
export const requestsList: Command = {
  name: 'requests list',
  summary: 'Lists what people asked of you by the bot, and waits.',
  async run(world) {
    const requests = await visit(world, ({ requestStore }) => requestStore.listOpen())
    if (requests.length === 0) world.print('Nothing waits.')
    for (const request of requests) world.print(lineOf(request))
  },
}

/** Settles one of them. */
export const requestsSettle: Command = {
  name: 'requests settle',
  summary: 'Notes that a request is done with, by its id from the list; a chat goes back to the bot with it.',
  args: ['ID'],
  async run(world, { args }) {
    const id = args[0]!
    if (!/^\d{1,18}$/.test(id)) throw new UsageProblem(`"${id}" is not the id of a request.`)
    const outcome = await visit(world, ({ requestStore }) => requestStore.settle(id))
    if (outcome === 'unknown')
      throw new StartupProblem('There is no such request. `portero requests list` shows those that wait.')
    world.print(outcome === 'settled' ? 'It is settled.' : 'It was settled already.')
  },
}

function lineOf({ id, kind, askedAt, until, phone, personId, level }: OpenRequest): string {
  return [
    id,
    `${askedAt.toISOString().slice(0, 16)}Z`,
    kind,
    phone ?? '-',
    personId ?? '-',
    level ?? '-',
    until === undefined ? wishes[kind] : `${wishes[kind]} until ${until.toISOString().slice(0, 16)}Z`,
  ].join('\t')
}
