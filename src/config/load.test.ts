import { describe, expect, test } from 'vitest'
import { configSchema } from './config.ts'
import { isDemo } from './demo.ts'
import { type ConfigInput, loadConfig, loadConfigWithSources } from './load.ts'
import { ConfigProblem } from './problem.ts'

const long = 'a'.repeat(32)

/** A configuration without demo that has nothing wrong. */
const production = {
  PORTERO_PUBLIC_URL: 'https://portero.example',
  PORTERO_PEOPLE__ADMISSION: 'open',
  PORTERO_DELIVERY__CONSOLE: 'true',
}

function input(env: ConfigInput['env'], files: Record<string, string> = {}): ConfigInput {
  return {
    env,
    readFile(path) {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return text
    },
  }
}

/** What is said about a configuration that cannot be used. */
function problemOf(env: ConfigInput['env'], files: Record<string, string> = {}): string[] {
  try {
    loadConfig(input(env, files))
  } catch (thrown) {
    if (thrown instanceof ConfigProblem) return thrown.findings.map(({ text }) => text)
    throw thrown
  }
  throw new Error('nothing was wrong')
}

describe('without anything', () => {
  test('every key has its default, and the demo lets anybody in', () => {
    const config = loadConfig(input({}))
    expect(config.listen).toEqual({
      host: '127.0.0.1',
      port: 8081,
      workers: 1,
      trusted_proxies: [],
      insecure: false,
    })
    expect(config.people.admission).toBe('open')
    expect(config.phone).toEqual({ default_region: 'BR', allowed_regions: ['BR', 'AR'] })
    expect(config.pages.default_locale).toBe('pt-BR')
  })

  test.each([
    ['PY', 'es'],
    ['MX', 'es'],
    ['BR', 'pt-BR'],
    ['MZ', 'pt-BR'],
    ['US', 'en'],
    ['DE', 'en'],
  ])('readers of %s are spoken to in %s', (region, locale) => {
    const config = loadConfig(input({ PORTERO_PHONE__ALLOWED_REGIONS: region }))
    expect(config.phone.default_region).toBe(region)
    expect(config.pages.default_locale).toBe(locale)
    expect(isDemo(config)).toEqual({ demo: true, asked: false })
  })

  test('the keys put together are what the whole schema makes of nothing', () => {
    const whole = configSchema.parse({})
    expect(loadConfig(input({}))).toMatchObject(JSON.parse(JSON.stringify(whole)))
  })
})

describe('the environment', () => {
  test('sets a key of any kind', () => {
    const config = loadConfig(
      input({
        ...production,
        PORTERO_OTP__TTL_SECONDS: '240',
        PORTERO_OTP__RESEND_AFTER_SECONDS: '10, 20',
        PORTERO_PHONE__ALLOWED_REGIONS: 'AR, UY,',
        PORTERO_LISTEN__INSECURE: 'true',
        PORTERO_PUBLIC_URL: 'http://portero.example',
        PORTERO_PAGES__NAME: 'La Casa, 24 h',
      }),
    )
    expect(config.otp.ttl_seconds).toBe(240)
    expect(config.otp.resend_after_seconds).toEqual([10, 20])
    expect(config.phone).toEqual({ default_region: 'AR', allowed_regions: ['AR', 'UY'] })
    expect(config.pages).toMatchObject({ name: 'La Casa, 24 h', default_locale: 'es' })
    expect(config.listen.insecure).toBe(true)
  })

  test('has other names for some keys', () => {
    const env = {
      ...production,
      PORT: '9000',
      OPENWEBUI_URL: 'http://open-webui:8080',
      OPENWEBUI_JWT_SECRET: long,
      DATABASE_URL: 'postgresql://db/portero',
      PORTERO_KEYS__SECRETS: `${'b'.repeat(32)},${'c'.repeat(40)}`,
    }
    const { config, sources } = loadConfigWithSources(input(env))
    expect(config.listen.port).toBe(9000)
    expect(config.upstream.url).toBe('http://open-webui:8080')
    expect(config.tokens.secret).toBe(long)
    expect(config.database.url).toBe('postgresql://db/portero')
    expect(config.keys.secrets).toEqual(['b'.repeat(32), 'c'.repeat(40)])
    expect(sources.get('listen.port')).toBe('PORT')
  })

  test('wins over the file', () => {
    const { config, sources } = loadConfigWithSources(
      input({ PORTERO_OTP__TRIES: '3' }, { 'portero.yaml': 'otp: { tries: 4, live_challenges: 2 }' }),
    )
    expect(config.otp).toMatchObject({ tries: 3, live_challenges: 2 })
    expect(sources.get('otp.tries')).toBe('PORTERO_OTP__TRIES')
    expect(sources.get('otp.live_challenges')).toBe('portero.yaml')
    expect(sources.has('otp.ttl_seconds')).toBe(false)
  })

  test('counts an empty variable as not set', () => {
    expect(
      loadConfig(input({ OPENWEBUI_JWT_SECRET: '', PORTERO_OTP__TRIES: '', PORTERO_CONFIG: '' })).otp.tries,
    ).toBe(5)
  })

  test.each([
    ['PORTERO_OTP__TRIES', ['5x', '5.0', ' ', '0x5', '1e1', '11', '-1', 'NaN']],
    ['PORTERO_LISTEN__INSECURE', ['yes', 'TRUE', '1']],
    ['PORTERO_PHONE__ALLOWED_REGIONS', ['br', 'BR;AR', 'XX', ',']],
    [
      'PORTERO_PUBLIC_URL',
      ['portero.example', 'https://portero.example/x', 'https://u:p@portero.example', 'ftp://x'],
    ],
    ['OPENWEBUI_URL', ['open-webui:8080', 'http://u:p@open-webui', 'http://open-webui/base']],
    ['PORTERO_LISTEN__TRUSTED_PROXIES', ['10.0.0.0/40', 'proxy']],
    ['PORTERO_LIMITS__NETWORKS', ['10.0.0.0/8', '10.0.0.0/8=0', '10.0.0.0/8=x', 'x=2']],
    ['PORTERO_PAGES__COLOR', ['red', '#12345', '#0f5b66;}']],
    ['PORTERO_ADMIN__PHONES', ['11961234567', '+1', 'x']],
    [
      'PORTERO_UPSTREAM__PUBLIC_PATHS',
      ['static', '//x', '/a/../b', '/a/%2e', '/a?b', '/a*', '/a/*/b', '/a#b'],
    ],
    ['PORTERO_PEOPLE__EMAIL_DOMAIN', ['a@b', 'A.example', '-x', 'x-', 'a b']],
    ['PORTERO_TOKENS__TTL_SECONDS', ['899', '1801']],
  ])('refuses what does not fit %s', (name, texts) => {
    for (const text of texts) {
      const found = problemOf({ ...production, [name]: text })
      expect(found, text).toHaveLength(1)
      expect(found[0]).toMatch(/^[\w.]+ \(PORTERO_\w+( or \w+)?\): must be .+\. It is set by \w+\.$/)
      expect(found[0]).toContain(name)
    }
  })

  test('takes origins with a slash at their end, and keeps them as browsers write them', () => {
    const config = loadConfig(
      input({
        ...production,
        PORTERO_PUBLIC_URL: 'https://portero.example/',
        OPENWEBUI_URL: 'http://open-webui:8080/',
        PORTERO_API__ALLOWED_ORIGINS: 'https://a.example/,http://b.example:3000',
        PORTERO_UPSTREAM__ALLOWED_ORIGINS: 'https://a.example/',
      }),
    )
    expect(config.public_url).toBe('https://portero.example')
    expect(config.upstream.url).toBe('http://open-webui:8080')
    expect(config.api.allowed_origins).toEqual(['https://a.example', 'http://b.example:3000'])
    expect(config.upstream.allowed_origins).toEqual(['https://a.example'])
  })

  test('takes what the examples of the docs show', () => {
    const config = loadConfig(
      input({
        ...production,
        PORTERO_LIMITS__NETWORKS: '200.10.20.0/24=10,::1=0.5',
        PORTERO_UPSTREAM__PUBLIC_PATHS: '/favicon.ico,/static/*,/',
        PORTERO_ADMIN__PHONES: '+54 11 2345-6789',
      }),
    )
    expect(config.upstream.public_paths).toEqual(['/favicon.ico', '/static/*', '/'])
    expect(config.admin.phones).toEqual(['+5491123456789'])
  })
})

describe('secrets in files', () => {
  const path = '/run/secrets/jwt'

  test('are read under every name of the key, without the newline at their end', () => {
    for (const name of ['OPENWEBUI_JWT_SECRET_FILE', 'PORTERO_TOKENS__SECRET_FILE'])
      for (const end of ['', '\n', '\r\n'])
        expect(loadConfig(input({ ...production, [name]: path }, { [path]: long + end })).tokens.secret).toBe(
          long,
        )
  })

  test('can hold a list, one on each line', () => {
    const text = `${'b'.repeat(32)}\n${'c'.repeat(32)}\n`
    const config = loadConfig(input({ PORTERO_KEYS__SECRETS_FILE: path }, { [path]: text }))
    expect(config.keys.secrets).toEqual(['b'.repeat(32), 'c'.repeat(32)])
  })

  test('are refused when there is no file, when it is empty, and beside the secret itself', () => {
    expect(problemOf({ OPENWEBUI_JWT_SECRET_FILE: path })).toEqual([
      'tokens.secret: OPENWEBUI_JWT_SECRET_FILE names a file that cannot be read (ENOENT).',
    ])
    expect(problemOf({ OPENWEBUI_JWT_SECRET_FILE: path }, { [path]: '\n' })[0]).toMatch(/names an empty file/)
    expect(
      problemOf({ OPENWEBUI_JWT_SECRET_FILE: path, OPENWEBUI_JWT_SECRET: long }, { [path]: long })[0],
    ).toMatch(/OPENWEBUI_JWT_SECRET and OPENWEBUI_JWT_SECRET_FILE are both set/)
  })

  test('are not looked for where a key is no secret', () => {
    expect(problemOf({ PORTERO_OTP__TRIES_FILE: path })[0]).toMatch(
      /^PORTERO_OTP__TRIES_FILE .* Did you mean PORTERO_OTP__TRIES\?/,
    )
  })
})

describe('names', () => {
  test('two of one key may agree, but not differ', () => {
    expect(loadConfig(input({ PORT: '80', PORTERO_LISTEN__PORT: '80' })).listen.port).toBe(80)
    expect(problemOf({ PORT: '80', PORTERO_LISTEN__PORT: '81' })).toEqual([
      'listen.port: PORTERO_LISTEN__PORT and PORT are set to different values, and both mean listen.port. Keep one of them.',
    ])
  })

  test('that nothing is known by are refused, with the one that was probably meant', () => {
    expect(problemOf({ PORTERO_OTP_TRIES: '3' })).toEqual([
      'PORTERO_OTP_TRIES (environment) is nothing that Portero knows. Did you mean PORTERO_OTP__TRIES?',
    ])
    expect(problemOf({}, { 'portero.yaml': 'otp:\n  trys: 3\nhsten: {}\nx: 1' })).toEqual([
      'otp.trys (portero.yaml) is nothing that Portero knows. Did you mean otp.tries?',
      'hsten (portero.yaml) is nothing that Portero knows. Remove it.',
      'x (portero.yaml) is nothing that Portero knows. Remove it.',
    ])
  })

  test('of others are left alone: those that Kubernetes makes for a service, and those without our prefix', () => {
    const injected = {
      PORTERO_PORT: 'tcp://10.0.0.1:8081',
      PORTERO_PORT_8081_TCP_ADDR: '10.0.0.1',
      PORTERO_SERVICE_HOST: '10.0.0.1',
      PORTERO_SERVICE_PORT_HTTP: '8081',
      PORTERO_DB_SERVICE_HOST: '10.0.0.2',
      PORTERO_DB_PORT: 'tcp://10.0.0.2:5432',
      PORTERO_DB_PORT_5432_TCP_PROTO: 'tcp',
      PORTERO_ENV_FILE: '/data/stack/secrets/.env',
      PORTEROS: '3',
      OTP__TRIES: '3',
    }
    expect(loadConfig(input(injected)).listen.port).toBe(8081)
    expect(problemOf({ PORTERO_LISTEN_PORT: '80' })).toHaveLength(1)
  })
})

describe('the file', () => {
  const yaml = 'demo: true\npages: { name: Casa }\n'

  test('is the one that is named, or that PORTERO_CONFIG names, or portero.yaml', () => {
    const files = { 'portero.yaml': yaml, 'a.yaml': 'pages: { name: A }', 'b.yaml': 'pages: { name: B }' }
    expect(loadConfig(input({}, files)).pages.name).toBe('Casa')
    expect(loadConfig(input({ PORTERO_CONFIG: 'a.yaml' }, files)).pages.name).toBe('A')
    expect(loadConfig({ ...input({ PORTERO_CONFIG: 'a.yaml' }, files), file: 'b.yaml' }).pages.name).toBe('B')
    expect(problemOf({ PORTERO_CONFIG: 'c.yaml' }, files)).toEqual([
      'The file c.yaml cannot be read (ENOENT).',
    ])
  })

  test('may be empty, have empty sections, and write phones as people do', () => {
    expect(loadConfig(input({}, { 'portero.yaml': '' })).demo).toBeUndefined()
    expect(loadConfig(input({}, { 'portero.yaml': '# nothing\notp:\nlisten:\n  port:\n' })).listen.port).toBe(
      8081,
    )
    const phones = {
      'portero.yaml':
        'admin:\n  phones: [+5511961234567, "+54 9 11 2345-6789"]\nphone: { allowed_regions: [BR, NO] }',
    }
    expect(loadConfig(input({}, phones)).admin.phones).toEqual(['+5511961234567', '+5491123456789'])
    expect(loadConfig(input({}, phones)).phone.allowed_regions).toEqual(['BR', 'NO'])
  })

  test.each([
    [
      'otp: { tries: "5" }',
      /^otp\.tries .* must be a whole number from 1 to 10\. It is set by portero\.yaml\.$/,
    ],
    ['phone: { allowed_regions: BR }', /^phone\.allowed_regions .* must be a list of ISO 3166 countries/],
    ['listen: 8081', /^listen \(portero\.yaml\) must be a mapping/],
    ['- a', /^The whole \(portero\.yaml\) must be a mapping/],
    ['__proto__: { admin: 1 }', /^__proto__ /],
    ['otp: { toString: 1 }', /^otp\.toString /],
    ['demo: true\ndemo: false', /^portero\.yaml, line 2: this is not YAML .*DUPLICATE_KEY/],
  ])('%j is refused', (text, finding) => expect(problemOf({}, { 'portero.yaml': text })[0]).toMatch(finding))

  test('that is not YAML is refused without a word of what stands in it', () => {
    const found = problemOf({}, { 'portero.yaml': `tokens:\n  secret: "${long}\nx: [` })
    expect(found.join()).toMatch(/^portero\.yaml, line \d/)
    expect(found.join()).not.toContain(long)
  })
})

test('everything that is wrong is told at once, and no value of it', () => {
  const secret = 'hunter2-hunter2'
  const env = {
    PORTERO_OTP__TTL_SECONDS: 'soon',
    PORTERO_OTP__TTL_SECOND: '1',
    PORTERO_KEYS__SECRETS: secret,
    OPENWEBUI_JWT_SECRET: secret,
    DATABASE_URL: `postgresql://u:${secret}@aws.pooler.supabase.com:6543/postgres`,
    PORTERO_DATABASE__ADMIN_URL: `mysql://u:${secret}@x`,
    PORTERO_PUBLIC_URL: `https://u:${secret}@x.example`,
  }
  const found = problemOf(env)
  expect(found.map((text) => text.split(' ')[0])).toEqual([
    'PORTERO_OTP__TTL_SECOND',
    'public_url',
    'database.admin_url',
    'keys.secrets',
    'otp.ttl_seconds',
    'people.admission',
    'delivery.console',
    'tokens.secret',
    'database.url',
  ])
  const problem = new ConfigProblem([{ keys: [], text: found.join('\n') }])
  expect(problem.message).not.toContain(secret)
})
