import type { Portero } from '../compose/compose.ts'
import { parseName } from '../domain/people/parse-name.ts'
import type { PersonChanges, PersonOnRecord } from '../domain/people/people-store.ts'
import { type PersonState, personStates } from '../domain/people/person.ts'
import { plainAddress } from '../domain/people/plain-address.ts'
import { formatPhone } from '../domain/phones/phone-facts.ts'
import { parsePhoneNumber } from '../domain/phones/phone-number.ts'
import { StartupProblem } from '../domain/startup-problem.ts'
import { type Command, type CommandWorld, type Given, optionOf, UsageProblem } from './command.ts'
import { visit } from './visit.ts'

const changeOptions = {
  name: { summary: 'How they are called.' },
  role: { summary: 'Their role in the application behind: admin, user, …; "" for none.' },
  groups: { summary: 'Their groups, separated by commas; "" for none.' },
}

/** Lists people. */
export const peopleList: Command = {
  name: 'people list',
  summary: 'Lists the people, with their phones.',
  options: { state: { summary: `Only those who are ${personStates.join(', ')}.` } },
  async run(world, given) {
    const state = optionOf(given, 'state')
    if (state !== undefined && !(personStates as readonly string[]).includes(state)) {
      throw new UsageProblem(`There is no state "${state}"; there is ${personStates.join(', ')}.`)
    }
    const people = await visit(world, ({ peopleStore }) =>
      peopleStore.listPeople(state === undefined ? {} : { state: state as PersonState }),
    )
    if (people.length === 0) world.print('There is nobody.')
    for (const person of people) world.print(lineOf(person))
  },
}

/** Puts a person on record. */
export const peopleAdd: Command = {
  name: 'people add',
  summary: 'Puts a phone on record, so that its person may come in.',
  args: ['PHONE'],
  options: changeOptions,
  async run(world, given) {
    const changes = changesOf(given)
    await visit(world, async (portero) => {
      const phone = phoneOf(portero, given)
      const { isNew } = await portero.peopleStore.addPerson(phone, changes)
      world.print(
        isNew
          ? `${formatPhone(phone)} is on record.`
          : `${formatPhone(phone)} was on record already; nothing was changed.`,
      )
    })
  },
}

/** Changes what stands about a person. */
export const peopleSet: Command = {
  name: 'people set',
  summary: 'Changes name, role or groups of the person with this phone.',
  args: ['PHONE'],
  options: changeOptions,
  async run(world, given) {
    const changes = changesOf(given)
    if (Object.keys(changes).length === 0)
      throw new UsageProblem('Say what to change: --name, --role or --groups.')
    await visit(world, async (portero) => {
      const person = await onlyPersonOf(portero, given)
      await portero.peopleStore.changePerson(person.id, changes)
      world.print('Changed.')
    })
  },
}

/** Gives a person an account that they had in the application before Portero came. */
export const peopleJoin: Command = {
  name: 'people join',
  summary: 'Joins a person to the account that they already have in the application behind.',
  args: ['PHONE'],
  options: {
    'upstream-email': { summary: 'Address of that account; "" gives them one of their own again.' },
  },
  async run(world, given) {
    const typed = optionOf(given, 'upstream-email')
    const address = plainAddress(typed ?? '')
    if (typed === undefined || (typed.trim() !== '' && address === undefined))
      throw new UsageProblem('--upstream-email is one plain address, such as ana@example.org.')
    await visit(world, async (portero) => {
      if (address === `portero@${portero.config.people.email_domain}`)
        throw new StartupProblem(`${address} is Portero’s own account there: nobody may be joined to it.`)
      const person = await onlyPersonOf(portero, given)
      const joined = await portero.peopleStore.joinAddress(person.id, address)
      if (joined.outcome === 'taken')
        throw new StartupProblem(
          `${address} is the address of somebody else. \`portero people list\` shows whose; undo that first with --upstream-email "".`,
        )
      if (joined.outcome === 'unchanged') return world.print('That was so already; nothing was changed.')
      const account = address === undefined ? 'an account of their own' : `the account of ${address}`
      world.print(
        `From their next sign-in on they have ${account}. Ended, so that it is soon: ${joined.endedSessions} of their sessions.`,
      )
    })
  },
}

/** Lets a newcomer in who waits. */
export const peopleApprove = stateCommand(
  'approve',
  'Lets somebody in who waits for approval.',
  ['waiting', 'rejected'],
  'active',
)
/** Turns a newcomer away. */
export const peopleReject = stateCommand(
  'reject',
  'Turns somebody away who waits for approval.',
  ['waiting'],
  'rejected',
)
/** Ends all of a person's sessions and lets them start none. */
export const peopleBlock = stateCommand(
  'block',
  'Ends all sessions of a person and lets them start none.',
  ['active', 'waiting'],
  'blocked',
)
/** Lets a blocked person in again. */
export const peopleUnblock = stateCommand('unblock', 'Lets a blocked person in again.', ['blocked'], 'active')

function stateCommand(verb: string, summary: string, from: readonly PersonState[], to: PersonState): Command {
  return {
    name: `people ${verb}`,
    summary,
    args: ['PHONE'],
    async run(world, given) {
      await visit(world, async (portero) => {
        const people = await peopleOf(portero, given)
        const chosen = people.filter(({ state }) => from.includes(state))
        if (chosen.length === 0)
          throw new StartupProblem(
            `Nobody with this phone is ${from.join(' or ')}; ${people.map(lineOf).join('; ')}`,
          )
        for (const { id } of chosen) await portero.peopleStore.setState(id, to)
        tell(world, chosen.length, to)
      })
    },
  }
}

function tell(world: CommandWorld, count: number, state: PersonState): void {
  world.print(count === 1 ? `The person is now ${state}.` : `${count} people of this phone are now ${state}.`)
}

function changesOf(given: Given): PersonChanges {
  const name = optionOf(given, 'name')
  const role = optionOf(given, 'role')
  const groups = optionOf(given, 'groups')
  return {
    ...(name === undefined ? {} : { name: parseName(name) }),
    ...(role === undefined ? {} : { role: role.trim() === '' ? undefined : wordOf(role) }),
    ...(groups === undefined
      ? {}
      : { groups: groups.split(',').flatMap((group) => (group.trim() === '' ? [] : wordOf(group))) }),
  }
}

/** Roles and groups travel in headers and stand in lists: short, and on one line. */
function wordOf(typed: string): string {
  const word = typed.trim()
  if (/^[\p{L}\p{N} ._:@/-]{1,60}$/u.test(word)) return word
  throw new UsageProblem('A role or group is at most 60 letters, digits, spaces and . _ : @ / -')
}

function phoneOf({ config }: Portero, { args }: Given) {
  return parsePhoneNumber(args[0]!, { region: config.phone.default_region, source: 'typed' })
}

async function peopleOf(portero: Portero, given: Given): Promise<readonly PersonOnRecord[]> {
  const people = await portero.peopleStore.findByPhone(phoneOf(portero, given))
  if (people.length === 0)
    throw new StartupProblem('Nobody has this phone. `portero people list` shows who is on record.')
  return people
}

async function onlyPersonOf(portero: Portero, given: Given): Promise<PersonOnRecord> {
  const [person, ...others] = await peopleOf(portero, given)
  if (others.length > 0)
    throw new StartupProblem(
      `Several people share this phone: ${[person!, ...others].map(lineOf).join('; ')}`,
    )
  return person!
}

function lineOf(person: PersonOnRecord): string {
  const phones = person.phones.map(({ phone, belongs }) =>
    belongs === 'attested' ? phone : `${phone} (declared)`,
  )
  return [
    person.id,
    person.state,
    person.name ?? '-',
    phones.join(' ') || '-',
    person.role ?? '-',
    person.groups.join(',') || '-',
    person.appEmail ?? '-',
  ].join('\t')
}
