import { describe, expect, test } from 'vitest'
import { checkConfig } from './checks.ts'
import { configSchema, type GivenConfig } from './config.ts'
import { deliveryOrder, type KnownProvider } from './delivery-providers.ts'
import { isDemo } from './demo.ts'

type Setting = Parameters<typeof configSchema.parse>[0]

function given(setting: Setting): GivenConfig {
  return configSchema.parse(setting)
}

/** First keys of what is found wrong. */
function wrong(setting: Setting, providers?: readonly KnownProvider<string>[]): string[] {
  return checkConfig(given(setting), new Set(), providers).map(({ keys }) => keys[0] ?? '')
}

const production = {
  public_url: 'https://portero.example',
  people: { admission: 'open' },
  delivery: { console: true },
}
const long = 'a'.repeat(32)

describe('the demo', () => {
  test.each([
    [{}, { demo: true, asked: false }],
    [{ demo: true }, { demo: true, asked: true }],
    [{ demo: false }, { demo: false, asked: false }],
    [{ delivery: { console: true } }, { demo: false, asked: false }],
    [{ database: { url: 'postgresql://x' } }, { demo: false, asked: false }],
    [{ public_url: 'https://x.example' }, { demo: false, asked: false }],
    [
      { demo: true, public_url: 'https://x.example' },
      { demo: true, asked: true },
    ],
    [
      { upstream: { url: 'http://x' }, tokens: { secret: 'x' } },
      { demo: true, asked: false },
    ],
  ])('%j is %j', (setting, demo) => expect(isDemo(given(setting))).toEqual(demo))

  test('needs nothing, not even a long secret', () => {
    expect(wrong({})).toEqual([])
    expect(wrong({ tokens: { secret: 'short' }, upstream: { url: 'http://x' } })).toEqual([])
  })

  test('goes beyond this machine only when it was asked for', () => {
    expect(wrong({ listen: { host: '0.0.0.0' } })).toEqual(['listen.host'])
    expect(wrong({ listen: { host: '0.0.0.0' }, demo: true })).toEqual([])
    expect(wrong({ listen: { host: '::1' } })).toEqual([])
  })

  test('does not run beside a provider that reaches phones', () => {
    const provider = (isReal: boolean) => ({ name: 'x', key: 'x.account', isReal, isConfigured: () => true })
    expect(wrong({ demo: true }, [provider(true)])).toEqual(['demo'])
    expect(wrong({ demo: true }, [provider(false)])).toEqual([])
  })
})

describe('outside the demo', () => {
  test('address, admission and delivery have to be chosen', () => {
    expect(wrong({ demo: false })).toEqual(['public_url', 'people.admission', 'delivery.console'])
    expect(wrong(production)).toEqual([])
  })

  test('a secret shared with the application has 32 bytes', () => {
    expect(wrong({ ...production, tokens: { secret: 'a'.repeat(31) } })).toEqual(['tokens.secret'])
    expect(wrong({ ...production, tokens: { secret: 'ñ'.repeat(16) } })).toEqual([])
  })

  test('a database needs keys, which are not those of the application', () => {
    const database = { url: 'postgresql://x/y' }
    expect(wrong({ ...production, database })).toEqual(['keys.secrets'])
    expect(wrong({ ...production, database, keys: { secrets: [long] } })).toEqual([])
    expect(
      wrong({ ...production, keys: { secrets: ['b'.repeat(32), long] }, tokens: { secret: long } }),
    ).toEqual(['keys.secrets'])
  })

  test('an account at Meta or Twilio is given whole or not at all, and Twilio with the address that it signs', () => {
    const whatsapp = {
      ...{ phone_number_id: '106540352242922', access_token: 'x'.repeat(8) },
      ...{ app_secret: ['y'.repeat(16)], verify_token: 'z'.repeat(16) },
    }
    const twilio = { account_sid: `AC${'0'.repeat(32)}`, auth_token: ['y'.repeat(16)], from: '+14155238886' }
    expect(wrong({ ...production, whatsapp, twilio })).toEqual([])
    for (const key of Object.keys(whatsapp))
      expect(wrong({ ...production, whatsapp: { ...whatsapp, [key]: undefined } })).toEqual([
        `whatsapp.${key}`,
      ])
    for (const key of Object.keys(twilio))
      expect(wrong({ ...production, twilio: { ...twilio, [key]: undefined } })).toEqual([`twilio.${key}`])
    expect(new Set(wrong({ twilio }))).toEqual(new Set(['public_url', 'people.admission']))
  })

  test('where people can write to the organisation, nothing has to be able to write to them', () => {
    const whatsapp = {
      ...{ phone_number_id: '106540352242922', access_token: 'x'.repeat(8) },
      ...{ app_secret: ['y'.repeat(16)], verify_token: 'z'.repeat(16) },
    }
    const without = { ...production, delivery: {} }
    expect(wrong({ ...without, whatsapp })).toEqual(['delivery.console'])
    expect(wrong({ ...without, whatsapp: { ...whatsapp, number: '+5491123456789' } })).toEqual([])
  })

  test('no demo where real people write to its bot, and an account ends one that nobody asked for', () => {
    const whatsapp = {
      ...{ phone_number_id: '106540352242922', access_token: 'x'.repeat(8) },
      ...{ app_secret: ['y'.repeat(16)], verify_token: 'z'.repeat(16) },
    }
    expect(wrong({ demo: true, whatsapp })).toEqual(['demo'])
    expect(wrong({ demo: true, whatsapp: { ...whatsapp, base_url: 'http://127.0.0.1:9000' } })).toEqual([])
    expect(isDemo(given({ whatsapp }))).toEqual({ demo: false, asked: false })
  })

  test('an agent is given with its kind, and with all that this kind needs', () => {
    const secret = `whsec_${Buffer.alloc(32).toString('base64')}`
    const webhook = { kind: 'webhook', url: 'https://desk.example/ask', secret } as const
    const openai = { kind: 'openai', base_url: 'http://127.0.0.1:11434/v1', model: 'small' } as const
    const openWebui = { kind: 'open-webui', model: 'eco' } as const
    const wrongAgent = (agent: object, more: object = {}) => wrong({ ...production, ...more, bot: { agent } })
    for (const agent of [{}, webhook, openai, { ...openai, api_key: 'sk-1', system: 'Be brief.' }])
      expect(wrongAgent(agent)).toEqual([])
    expect(wrongAgent({ kind: 'webhook' })).toEqual(['bot.agent.url', 'bot.agent.secret'])
    expect(wrongAgent({ kind: 'openai', model: 'small' })).toEqual(['bot.agent.base_url'])
    expect(wrongAgent({ ...webhook, ...openai })).toEqual([])
    const url = 'http://127.0.0.1:8080'
    for (const agent of [openWebui, { ...openWebui, guest: true }, { ...openWebui, guest: false }])
      expect(wrongAgent(agent, { upstream: { url } })).toEqual([])
    expect(wrongAgent({ kind: 'open-webui' }, { upstream: { url } })).toEqual(['bot.agent.model'])
    expect(wrongAgent(openWebui)).toEqual(['upstream.url'])
    expect(wrongAgent(openWebui, { upstream: { url, kind: 'generic' } })).toEqual(['upstream.kind'])
    expect(wrongAgent({ guest: true })).toEqual(['bot.agent.kind'])
    expect(wrongAgent({ url: webhook.url, secret })).toEqual(['bot.agent.kind'])
    const [finding] = checkConfig(given({ ...production, bot: { agent: { model: 'small' } } }), new Set())
    expect(finding?.text).toMatch(/is none, so that bot\.agent\.model means nothing\. Set it to/)
    for (const odd of [
      { kind: 'shell' },
      ...['ftp://x', 'x', 'https://u:p@desk.example'].map((url) => ({ ...webhook, url })),
      ...['short', 'a'.repeat(40), `${secret}x`].map((text) => ({ ...webhook, secret: text })),
      ...['https://x/v1?key=1', 'https://x/v1#a'].map((base_url) => ({ ...openai, base_url })),
      ...['two words', ''].map((api_key) => ({ ...openai, api_key })),
    ])
      expect(configSchema.safeParse({ bot: { agent: odd } }).success).toBe(false)
  })

  test('the people table may be anybody’s, by names alone', () => {
    const wrongPeople = (people: object) =>
      wrong({ ...production, people: { ...production.people, ...people } } as Setting)
    for (const people of [
      {},
      { table: 'academico.Alumnos Regulares', columns: { last_name: '-', document: 'N° documento' } },
      { active_column: 'deleted_at' },
      { active_column: 'estado', active_values: ["o'x", 'regular'] },
    ])
      expect(wrongPeople(people)).toEqual([])
    expect(wrongPeople({ active_values: ['regular'] })).toEqual(['people.active_column'])
    expect(wrongPeople({ columns: { first_name: 'nombre', last_name: 'nombre' } })).toEqual([
      'people.columns.last_name',
    ])
    for (const people of [
      ...['', 'a.b.c', '"a"', 'a b"; drop', '.a', 'a.', `${'a'.repeat(64)}`].map((table) => ({ table })),
      ...['-', '', 'a.b', ' a', 'a"'].map((id) => ({ columns: { id } })),
    ])
      expect(configSchema.safeParse({ people }).success, JSON.stringify(people)).toBe(false)
  })

  test('the bot asks for a DNI, as long as nobody names other documents', () => {
    expect(given({}).bot).toEqual({
      ...{ documents: ['dni'], first_contact: 'declared' },
      ...{ step_up: 'code', remember_days: 30, documents_a_day: 5, people_per_phone: 5, handover_hours: 12 },
      llm_countries: ['BR'],
      agent: { kind: 'none' },
    })
    const cedula = {
      name: 'cédula',
      pattern: '[VE]\\d{6,8}',
      example: 'V-12.345.678',
      normalise: 'upper',
    } as const
    expect(given({ bot: { documents: ['cpf', cedula] } }).bot.documents).toEqual(['cpf', cedula])
    for (const bot of [
      { documents: [] },
      { documents_a_day: 0 },
      { first_contact: 'trust' },
      { step_up: 'proof' },
      { remember_days: 0 },
      { agent: 'none' },
    ])
      expect(configSchema.safeParse({ bot }).success).toBe(false)
  })

  test('what follows from a doubtful key is not told', () => {
    const config = given({ public_url: 'https://x.example' })
    expect(checkConfig(config, new Set(['demo']))).toEqual([])
    expect(checkConfig(config, new Set(['people.admission'])).map(({ keys }) => keys[0])).toEqual([
      'delivery.console',
    ])
    expect(checkConfig(given({}), new Set(['public_url'])).map(({ keys }) => keys[0])).toEqual([
      'people.admission',
      'delivery.console',
    ])
  })
})

describe('always', () => {
  test.each([
    'postgresql://u:p@aws-0-sa-east-1.pooler.supabase.com:6543/postgres',
    'postgres://x:6543',
    'postgres://x:6543?sslmode=require',
    'postgresql://a:5432,b:6543/y',
    'postgresql:///y?host=x&port=6543',
  ])('%s is refused for its transaction pooler', (url) => {
    const keys = { secrets: [long] }
    expect(wrong({ ...production, keys, database: { url } })).toEqual(['database.url'])
    expect(wrong({ ...production, keys, database: { url: 'postgresql://x', admin_url: url } })).toEqual([
      'database.admin_url',
    ])
  })

  test.each([
    'postgresql://u:6543@x:5432/y',
    'postgresql://x:16543/y',
    'postgresql://x:65431/y',
    'postgresql://x/:6543',
  ])('%s is not', (url) =>
    expect(wrong({ ...production, keys: { secrets: [long] }, database: { url } })).toEqual([]),
  )

  test('plain http beyond this machine has to be wanted', () => {
    expect(wrong({ ...production, public_url: 'http://portero.example' })).toEqual(['public_url'])
    expect(
      wrong({ ...production, public_url: 'http://portero.example', listen: { insecure: true } }),
    ).toEqual([])
    for (const public_url of ['http://localhost:8081', 'http://[::1]:8081', 'https://portero.example'])
      expect(wrong({ ...production, public_url })).toEqual([])
  })

  test('a shorter time is not longer than the longer one', () => {
    expect(wrong({ otp: { ttl_seconds: 400, life_max_seconds: 300 } })).toEqual(['otp.ttl_seconds'])
    expect(wrong({ sessions: { idle_days: 31, life_days: 30 } })).toEqual(['sessions.idle_days'])
    expect(wrong({ sessions: { shared_idle_minutes: 61, shared_life_hours: 1 } })).toEqual([
      'sessions.shared_idle_minutes',
    ])
  })

  test('the default region is allowed', () => {
    expect(wrong({ phone: { default_region: 'PY' } })).toEqual(['phone.default_region'])
    expect(wrong({ phone: { default_region: 'PY', allowed_regions: ['PY'] } })).toEqual([])
  })

  test('a provider in the order is configured', () => {
    expect(wrong({ delivery: { order: ['console'] } })).toEqual(['delivery.order'])
    expect(deliveryOrder(given({ delivery: { order: ['console', 'console'], console: true } }))).toEqual([
      'console',
    ])
    expect(deliveryOrder(given(production))).toEqual(['console'])
  })
})
