import type { Portero } from '../compose/compose.ts'
import { guestEmail, serviceEmail } from '../compose/service-email.ts'
import { parseName } from '../domain/people/parse-name.ts'
import type { PersonChanges, PersonOnRecord } from '../domain/people/people-store.ts'
import { type PersonState, personStates } from '../domain/people/person.ts'
import { plainAddress } from '../domain/people/plain-address.ts'
import { formatPhone } from '../domain/phones/phone-facts.ts'
import { parsePhoneNumber } from '../domain/phones/phone-number.ts'
import { StartupProblem } from '../domain/startup-problem.ts'
import { type Command, type CommandWorld, type Given, hasFlag, optionOf, UsageProblem } from './command.ts'
import { visit } from './visit.ts'

const changeOptions = {
  name: { summary: 'How they are called.' },
  role: { summary: 'Their role in the application behind: admin, user, …; "" for none.' },
  groups: { summary: 'Their groups, separated by commas; "" for none.' },
}

/** For a phone that several people share. */
const personOption = {
  person: { summary: 'Which of the people of this phone: their id, or the beginning of it.' },
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
  options: {
    ...changeOptions,
    beside: { summary: 'Adds one more person to a phone that others have; needs --name.', isFlag: true },
  },
  async run(world, given) {
    const changes = changesOf(given)
    if (hasFlag(given, 'beside')) return addBeside(world, given, changes)
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
  summary: 'Changes name, role or groups of the person with this phone, or how long the bot remembers them.',
  args: ['PHONE'],
  options: {
    ...changeOptions,
    days: {
      summary:
        'For how many days without a message the bot remembers them, 1 to 3650; "" for the usual ones.',
    },
    ...personOption,
  },
  async run(world, given) {
    const changes = changesOf(given)
    const days = daysOf(given)
    if (Object.keys(changes).length === 0 && days === undefined)
      throw new UsageProblem('Say what to change: --name, --role, --groups or --days.')
    await visit(world, async (portero) => {
      const person = await onlyPersonOf(portero, given)
      await portero.peopleStore.changePerson(person.id, changes)
      if (days !== undefined) await portero.recognitionStore.setDays(person.id, days.count)
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
    ...personOption,
    'upstream-email': { summary: 'Address of that account; "" gives them one of their own again.' },
  },
  async run(world, given) {
    const typed = optionOf(given, 'upstream-email')
    const address = plainAddress(typed ?? '')
    if (typed === undefined || (typed.trim() !== '' && address === undefined))
      throw new UsageProblem('--upstream-email is one plain address, such as ana@example.org.')
    await visit(world, async (portero) => {
      if (address === serviceEmail(portero.config) || address === guestEmail(portero.config))
        throw new StartupProblem(
          `${address} is an account of Portero’s own there: nobody may be joined to it.`,
        )
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
    options: personOption,
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

async function addBeside(world: CommandWorld, given: Given, changes: PersonChanges): Promise<void> {
  const { name } = changes
  if (name === undefined)
    throw new UsageProblem('--beside needs --name, by which the people of a phone are told apart.')
  await visit(world, async (portero) => {
    const phone = phoneOf(portero, given)
    const { idle_link_days } = portero.config.people
    const { id, isNew } = await portero.peopleStore.addPersonBeside(
      phone,
      { ...changes, name },
      idle_link_days,
    )
    world.print(
      isNew
        ? `${name} is on record with ${formatPhone(phone)}: ${id}`
        : `Somebody of that name has ${formatPhone(phone)} already; nothing was changed.`,
    )
  })
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

/** Undefined where no days are given; without a count, the usual ones. */
function daysOf(given: Given): { readonly count: number | undefined } | undefined {
  const typed = optionOf(given, 'days')?.trim()
  if (typed === undefined) return undefined
  if (typed === '') return { count: undefined }
  const count = Number(typed)
  if (!/^\d{1,4}$/.test(typed) || count < 1 || count > 3650)
    throw new UsageProblem('--days is a number from 1 to 3650, or "" for the usual ones.')
  return { count }
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
  const id = optionOf(given, 'person')?.trim().toLowerCase()
  if (id === undefined) return people
  const named = id === '' ? [] : people.filter((person) => person.id.startsWith(id))
  if (named.length === 1) return named
  const what = named.length === 0 ? 'is nobody of this phone' : 'could be several of them'
  throw new StartupProblem(`--person "${id}" ${what}: ${people.map(lineOf).join('; ')}`)
}

async function onlyPersonOf(portero: Portero, given: Given): Promise<PersonOnRecord> {
  const [person, ...others] = await peopleOf(portero, given)
  if (others.length > 0)
    throw new StartupProblem(
      `Several people share this phone; name one with --person: ${[person!, ...others].map(lineOf).join('; ')}`,
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
