import { noColumn } from '../domain/people/people-config.ts'
import { isLoopbackHost } from '../lib/web-url.ts'
import { inboundNumber, realChatAccounts } from './chat-accounts.ts'
import type { GivenConfig } from './config.ts'
import { deliveryOrder, type KnownProvider, knownProviders } from './delivery-providers.ts'
import { isDemo } from './demo.ts'
import { configKeys } from './keys.ts'
import type { Finding } from './problem.ts'

/** Keys that end a demo which nobody asked for, however they are set. */
const demoEnders = [
  'public_url',
  'database.url',
  'delivery.console',
  'whatsapp.phone_number_id',
  'twilio.account_sid',
]

/**
 * What several keys together must not be. `doubtful` are keys that are wrong by themselves: what they would mean together
 * with others cannot be told, so nothing is said about it.
 */
export function checkConfig(
  config: GivenConfig,
  doubtful: ReadonlySet<string>,
  providers: readonly KnownProvider<string>[] = knownProviders,
): Finding[] {
  const isEnded = config.demo === undefined && demoEnders.some((key) => doubtful.has(key))
  const checkMode = isDemo(config).demo && !isEnded ? checkDemo : checkProduction
  return [
    ...(doubtful.has('demo') ? [] : checkMode(config, providers)),
    ...checkAddresses(config),
    ...checkDatabase(config),
    ...checkTimes(config),
    ...checkPhones(config),
    ...checkSecrets(config),
    ...checkDelivery(config),
    ...checkVendors(config),
    ...checkAgent(config),
    ...checkWhole('events', config.events, ['url', 'secret']),
    ...checkPeople(config),
  ].filter(({ keys }) => !keys.some((key) => doubtful.has(key)))
}

function checkDemo(config: GivenConfig, providers: readonly KnownProvider<string>[]): Finding[] {
  const real = providers.find((provider) => provider.isReal && provider.isConfigured(config))
  const accounts = realChatAccounts(config)
  return [
    when(
      real !== undefined,
      ['demo', real?.key ?? 'demo'],
      'the demo shows codes to everybody, so it does not run beside a real provider. Set demo to false, or remove the provider.',
    ),
    when(
      accounts.length > 0,
      ['demo', ...accounts],
      'the demo is full of people who do not exist, so it does not run where real people write to its bot. Set demo to false, or remove the account.',
    ),
    when(
      !isDemo(config).asked && !isLoopbackHost(config.listen.host),
      ['listen.host', 'demo'],
      'without any configuration Portero shows its demo, for this machine alone. Set demo to true to show it to others, ' +
        'or configure public_url and a delivery.',
    ),
    when(
      config.listen.workers > 1,
      ['listen.workers', 'demo'],
      'the phones of the demo live in one process. Set it to 1, or set demo to false.',
    ),
  ].flat()
}

function checkProduction(config: GivenConfig): Finding[] {
  const { people, delivery, database, keys, tokens } = config
  return [
    when(
      config.public_url === undefined,
      ['public_url'],
      'has to be set outside the demo: cookies, links and tokens depend on the address that people open. ' +
        'On this machine alone it can be http://localhost:8081.',
    ),
    when(
      people.admission === undefined,
      ['people.admission'],
      'must be chosen: open lets anybody in whose number proves itself, known only people on record, approval lets newcomers wait for you.',
    ),
    when(
      deliveryOrder({ delivery }).length === 0 && inboundNumber(config) === undefined,
      ['delivery.console'],
      'nothing is configured that could bring codes out, nor can people write to you to get one (whatsapp.number, twilio.from). Set it to true to print them to the terminal, or set demo to true to look around.',
    ),
    when(
      database.url !== undefined && keys.secrets === undefined,
      ['keys.secrets'],
      'must be set together with database.url, because keys live outside the database. Take 32 random bytes, such as from: openssl rand -base64 32',
    ),
    when(
      tokens.secret !== undefined && Buffer.byteLength(tokens.secret) < 32,
      ['tokens.secret'],
      'must have at least 32 bytes (RFC 7518 §3.2), here and in the application. Take 32 random bytes, such as from: openssl rand -base64 32',
    ),
  ].flat()
}

function checkAddresses({ public_url, listen }: GivenConfig): Finding[] {
  const url = public_url === undefined ? undefined : new URL(public_url)
  return when(
    url?.protocol === 'http:' && !isLoopbackHost(url.hostname) && !listen.insecure,
    ['public_url', 'listen.insecure'],
    'sign-in over plain http can be read along the way. Use https, or set listen.insecure for a test.',
  )
}

function checkDatabase({ database }: GivenConfig): Finding[] {
  return (['url', 'admin_url'] as const).flatMap((name) =>
    when(
      usesPort6543(database[name]),
      [`database.${name}`],
      'names port 6543, where poolers lend a connection for one transaction only. Use the session pooler (port 5432 at Supabase) or the database itself.',
    ),
  )
}

function usesPort6543(url: string | undefined): boolean {
  return /^\w+:\/\/[^/?#]*:6543(?=[/?#,]|$)|[?&]port=6543(?=&|$)/.test(url ?? '')
}

function checkTimes({ otp, sessions }: GivenConfig): Finding[] {
  const isLonger = (path: string, other: string, difference: number) =>
    when(difference > 0, [path, other], `must not be longer than ${other}.`)
  return [
    isLonger('otp.ttl_seconds', 'otp.life_max_seconds', otp.ttl_seconds - otp.life_max_seconds),
    isLonger('sessions.idle_days', 'sessions.life_days', sessions.idle_days - sessions.life_days),
    isLonger(
      'sessions.shared_idle_minutes',
      'sessions.shared_life_hours',
      sessions.shared_idle_minutes - sessions.shared_life_hours * 60,
    ),
  ].flat()
}

function checkPhones({ phone }: GivenConfig): Finding[] {
  return when(
    phone.default_region !== undefined && !phone.allowed_regions.includes(phone.default_region),
    ['phone.default_region', 'phone.allowed_regions'],
    'must be one of phone.allowed_regions, or nobody could sign in with a number as it is written at home.',
  )
}

function checkSecrets({ tokens, keys }: GivenConfig): Finding[] {
  return when(
    tokens.secret !== undefined && keys.secrets?.includes(tokens.secret) === true,
    ['keys.secrets', 'tokens.secret'],
    'must not hold tokens.secret, which the application knows too. Take another one.',
  )
}

function checkDelivery({ delivery }: GivenConfig): Finding[] {
  const configured = deliveryOrder({ delivery })
  const missing = delivery.order.filter((name) => !configured.includes(name))
  return when(missing.length > 0, ['delivery.order'], `names ${missing.join(', ')}, which is not configured.`)
}

function checkVendors({ whatsapp, twilio, public_url }: GivenConfig): Finding[] {
  return [
    ...checkWhole('whatsapp', whatsapp, ['phone_number_id', 'access_token', 'app_secret', 'verify_token']),
    ...when(
      whatsapp.number !== undefined && whatsapp.phone_number_id === undefined,
      ['whatsapp.phone_number_id', 'whatsapp.number'],
      'has to be set together with whatsapp.number: without the account, messages to that number reach nobody here.',
    ),
    ...(['notice_template', 'document_notice_template'] as const).flatMap((key) =>
      when(
        whatsapp[key] !== undefined && whatsapp.phone_number_id === undefined,
        [`whatsapp.${key}`, 'whatsapp.phone_number_id'],
        'belongs to an account of WhatsApp, which is not configured. Set whatsapp.phone_number_id and its neighbours as well.',
      ),
    ),
    ...checkWhole('twilio', twilio, ['account_sid', 'auth_token', 'from']),
    ...when(
      twilio.account_sid !== undefined && public_url === undefined,
      ['public_url', 'twilio.account_sid'],
      'has to be set together with twilio.account_sid: Twilio signs the address that it was given.',
    ),
  ]
}

/** What each kind of agent cannot do without. Keys of another kind may stay, so that one can go back to it. */
const agentNeeds = {
  none: [],
  webhook: ['url', 'secret'],
  openai: ['base_url', 'model'],
  'open-webui': ['model'],
} as const

function checkAgent({ bot: { agent }, upstream }: GivenConfig): Finding[] {
  const { kind, ...others } = agent
  const given = Object.entries(others).flatMap(([key, value]) => (value === undefined ? [] : [key]))
  const missing = agentNeeds[kind].filter((key) => !given.includes(key))
  return [
    ...missing.flatMap((key) =>
      when(
        true,
        [`bot.agent.${key}`, 'bot.agent.kind'],
        `has to be set as well, because bot.agent.kind is ${kind}.`,
      ),
    ),
    ...when(
      kind === 'open-webui' && upstream.url === undefined,
      ['upstream.url', 'bot.agent.kind'],
      'has to be set as well, because bot.agent.kind is open-webui: it is the application behind that is asked.',
    ),
    ...when(
      kind === 'open-webui' && upstream.kind === 'generic',
      ['upstream.kind', 'bot.agent.kind'],
      'is generic, so that people have no accounts there to ask with. Set it to open-webui or auto, or bot.agent.kind to something else.',
    ),
    ...when(
      kind === 'none' && given.length > 0,
      ['bot.agent.kind', ...given.map((key) => `bot.agent.${key}`)],
      `is none, so that bot.agent.${given[0]} means nothing. Set it to webhook, openai or open-webui, or take the other key away.`,
    ),
  ]
}

function checkPeople({ people }: GivenConfig): Finding[] {
  const { active_column, active_values, columns } = people
  const named = Object.values(columns).filter((name) => name !== noColumn)
  return [
    ...when(
      active_values !== undefined && active_column === undefined,
      ['people.active_column', 'people.active_values'],
      'has to be set as well: people.active_values are what it says of people who count.',
    ),
    ...when(
      new Set(named).size < named.length,
      [
        'people.columns.last_name',
        'people.columns.first_name',
        'people.columns.id',
        'people.columns.document',
      ],
      `names a column that means something else already. Where one column has the whole name, set it to ${noColumn}.`,
    ),
  ]
}

/** An account is told whole or not at all. */
function checkWhole<Slice extends object>(
  name: string,
  slice: Slice,
  needed: readonly (keyof Slice & string)[],
): Finding[] {
  const missing = needed.filter((key) => slice[key] === undefined).map((key) => `${name}.${key}`)
  const [first] = missing
  if (first === undefined || missing.length === needed.length) return []
  const others = needed.map((key) => `${name}.${key}`).filter((path) => path !== first)
  return when(
    true,
    [first, ...others],
    `has to be set as well: ${name}.* takes ${needed.join(', ')}, or none of them.`,
  )
}

/** A finding about the first of the keys, and in the light of the others. */
function when(isWrong: boolean, keys: readonly [string, ...string[]], text: string): Finding[] {
  return isWrong ? [{ keys, text: `${nameOf(keys[0])}: ${text}` }] : []
}

/** A key with its names in the environment. */
export function nameOf(path: string): string {
  const key = configKeys.find((candidate) => candidate.path === path)
  return key === undefined ? path : `${path} (${[key.env, ...key.aliases].join(' or ')})`
}
