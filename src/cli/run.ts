import { parseArgs } from 'node:util'
import { ConfigProblem } from '../config/problem.ts'
import { isRefusal } from '../domain/errors.ts'
import { StartupProblem } from '../domain/startup-problem.ts'
import { chat } from './chat.ts'
import { type Command, CommandFailed, type CommandWorld, type Given, UsageProblem } from './command.ts'
import { configCheck, configPrint } from './config.ts'
import { dbUrl } from './db.ts'
import { doctor } from './doctor.ts'
import { helpOf, helpOfAll } from './help.ts'
import { keysCreate, keysList, keysRevoke } from './keys.ts'
import { linksApprove, linksList, linksReject } from './links.ts'
import {
  peopleAdd,
  peopleApprove,
  peopleBlock,
  peopleJoin,
  peopleList,
  peopleReject,
  peopleSet,
  peopleUnblock,
} from './people.ts'
import { phonesShare, phonesUnshare } from './phones.ts'
import { requestsList, requestsSettle } from './requests.ts'
import { serve } from './serve.ts'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  serve,
  configCheck,
  configPrint,
  doctor,
  dbUrl,
  keysCreate,
  keysList,
  keysRevoke,
  peopleList,
  peopleAdd,
  peopleApprove,
  peopleReject,
  peopleBlock,
  peopleUnblock,
  peopleSet,
  peopleJoin,
  linksList,
  linksApprove,
  linksReject,
  phonesShare,
  phonesUnshare,
  requestsList,
  requestsSettle,
  chat,
]

/** Exit codes of sysexits.h, which init systems know: 64 for what was typed, 78 for the configuration. */
const exit = { ok: 0, failed: 1, usage: 64, config: 78 }

/** Runs what was typed and answers the exit code. Every problem is told in a sentence on `complain`, never as a stack. */
export async function run(
  argv: readonly string[],
  world: CommandWorld,
  complain: (line: string) => void,
): Promise<number> {
  if (argv.length === 0 || ['help', '--help', '-h'].includes(argv[0]!)) {
    world.print(helpOfAll(commands))
    return exit.ok
  }
  const command = commands.find(({ name }) => name.split(' ').every((word, at) => word === argv[at]))
  if (command === undefined) {
    complain(`There is no command "${argv.slice(0, 2).join(' ')}".\n\n${helpOfAll(commands)}`)
    return exit.usage
  }
  const rest = argv.slice(command.name.split(' ').length)
  if (rest.includes('--help') || rest.includes('-h')) {
    world.print(helpOf(command))
    return exit.ok
  }
  try {
    await command.run(world, parse(command, rest))
    return exit.ok
  } catch (thrown) {
    if (thrown instanceof CommandFailed) return exit.failed
    if (thrown instanceof UsageProblem) complain(`${thrown.message}\n\n${helpOf(command)}`)
    else if (thrown instanceof StartupProblem || isRefusal(thrown)) complain(thrown.message)
    else throw thrown
    if (thrown instanceof UsageProblem) return exit.usage
    return thrown instanceof ConfigProblem ? exit.config : exit.failed
  }
}

function parse(command: Command, words: string[]): Given {
  const options = Object.fromEntries(
    Object.entries(command.options ?? {}).map(([name, { isFlag = false }]) => [
      name,
      { type: isFlag ? ('boolean' as const) : ('string' as const), multiple: true as const },
    ]),
  )
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: words, options, allowPositionals: true, strict: true })
  } catch (thrown) {
    throw new UsageProblem((thrown as Error).message)
  }
  const wanted = command.args ?? []
  const needed = wanted.filter((name) => !name.startsWith('[')).length
  if (parsed.positionals.length < needed)
    throw new UsageProblem(`${wanted[parsed.positionals.length]} is missing.`)
  if (parsed.positionals.length > wanted.length) {
    throw new UsageProblem(`"${parsed.positionals[wanted.length]}" is one word too many.`)
  }
  return { args: parsed.positionals, options: parsed.values as Given['options'] }
}
