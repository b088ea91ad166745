import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isDemo } from '../../src/config/demo.ts'
import { identityHeaderNames } from '../../src/http/identity-headers.ts'
import { composed, environmentFile, readComposeFile } from '../support/compose-files.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { configInContainer, fileNames, folder, root } from './docker-files.ts'

const whole = join(folder, fileNames.whole)

const secret = 'x'.repeat(44)
const filled = {
  PORTERO_PUBLIC_URL: 'https://chat.acme.example',
  PORTERO_PEOPLE__ADMISSION: 'known',
  PORTERO_KEYS__SECRETS: secret,
  POSTGRES_PASSWORD: 'a0b1c2',
  WEBUI_SECRET_KEY: 'd3e4f5',
}

/** Names that Open WebUI 0.12.4 reads, from its env.py and config.py, as far as they concern us. */
const namesOfOpenWebUi = new Set(
  `
    WEBUI_AUTH_TRUSTED_EMAIL_HEADER WEBUI_AUTH_TRUSTED_NAME_HEADER WEBUI_AUTH_TRUSTED_GROUPS_HEADER
    WEBUI_AUTH_TRUSTED_ROLE_HEADER WEBUI_AUTH_SIGNOUT_REDIRECT_URL WEBUI_URL
    WEBUI_SECRET_KEY CORS_ALLOW_ORIGIN JWT_EXPIRES_IN
    FORWARDED_ALLOW_IPS WEBUI_SESSION_COOKIE_SECURE WEBUI_AUTH_COOKIE_SECURE
    WEBUI_SESSION_COOKIE_SAME_SITE WEBUI_AUTH_COOKIE_SAME_SITE ENABLE_SIGNUP
    ENABLE_LOGIN_FORM ENABLE_PASSWORD_AUTH DEFAULT_USER_ROLE
    ENABLE_MFA MFA_ALLOW_TRUSTED_HEADER_BYPASS ENABLE_PERSISTENT_CONFIG
    OPENAI_API_BASE_URL OPENAI_API_KEY OLLAMA_BASE_URL
    ENABLE_API_KEYS DATABASE_URL DATA_DIR
  `
    .trim()
    .split(/\s+/),
)

let temporary: Awaited<ReturnType<typeof temporaryFolder>>
/** `.env.example` as somebody filled it in. */
async function envFile(name: string, change: (text: string) => string = (text) => text): Promise<string> {
  const example = await readFile(join(folder, '.env.example'), 'utf8')
  const text = Object.entries(filled).reduce(
    (so, [key, value]) => so.replace(`\n${key}=\n`, `\n${key}=${value}\n`),
    example,
  )
  const path = join(temporary.path, name)
  await writeFile(path, change(text))
  return path
}
const wholeWith = (path: string) => composed([whole], { ...environmentFile(path), PORTERO_ENV_FILE: path })

beforeAll(async () => {
  temporary = await temporaryFolder()
})
afterAll(() => temporary.remove())

describe('the compose files', () => {
  it.each(Object.values(fileNames))('%s is what the Compose Specification allows', async (name) => {
    // schema/compose-spec.json of github.com/compose-spec/compose-go v2.10.1, Apache-2.0, beside its licence.
    const schema = JSON.parse(await readFile(join(root, 'test/vectors/compose-spec.json'), 'utf8'))
    const spec = z.fromJSONSchema({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' })
    const file = readComposeFile(join(folder, name))
    for (const service of Object.values<{ ports?: unknown }>(file.services))
      if (typeof service.ports === 'symbol') delete service.ports
    expect(spec.safeParse(file).error?.issues).toBeUndefined()
    const [service = ''] = Object.keys(file.services)
    const broken = { services: { [service]: { ...file.services[service], enviroment: {} } } }
    expect(spec.safeParse(broken).success).toBe(false)
  })

  it('pin every image to one version, and build on the Node of package.json', async () => {
    const images = [fileNames.whole, fileNames.overlay].flatMap((name) =>
      Object.values<{ image: string }>(readComposeFile(join(folder, name)).services).map(
        ({ image }) => image,
      ),
    )
    expect(images.filter((image) => !/:v?\d+\.\d+/.test(image))).toEqual([])
    const { version, dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    expect(images.filter((image) => image.startsWith('portero:'))).toEqual(
      Array(2).fill(`portero:${version}`),
    )
    const bases = [...(await readFile(join(folder, 'Dockerfile'), 'utf8')).matchAll(/^FROM (\S+)/gm)]
    expect(new Set(bases.map(([, base]) => base))).toEqual(
      new Set([`node:${dependencies.node}-bookworm-slim`]),
    )
  })

  it.each([fileNames.whole, fileNames.overlayOfApp])(
    '%s sets only what Open WebUI reads, to headers that are written',
    (file) => {
      const { environment } = readComposeFile(join(folder, file)).services['open-webui']
      expect(Object.keys(environment).filter((key) => !namesOfOpenWebUi.has(key))).toEqual([])
      const headers = Object.entries<string>(environment).filter(([key]) => key.endsWith('_HEADER'))
      expect(headers).toHaveLength(4)
      expect(headers.filter(([, header]) => !identityHeaderNames.some((known) => known === header))).toEqual(
        [],
      )
      expect(environment).not.toHaveProperty('ENABLE_PASSWORD_AUTH')
    },
  )
})

describe('docker-compose.yml', () => {
  it('gives Portero an environment that it takes', async () => {
    const { services } = wholeWith(await envFile('filled.env'))
    const config = configInContainer(services.portero.environment)
    expect(isDemo(config)).toEqual({ demo: false, asked: false })
    expect(config).toMatchObject({
      public_url: 'https://chat.acme.example',
      upstream: { url: 'http://open-webui:8080', kind: 'open-webui' },
      database: { url: 'postgresql://portero:a0b1c2@postgres:5432/portero' },
      listen: { host: '0.0.0.0', port: 8081, trusted_proxies: ['172.30.81.0/24'] },
      delivery: { console: true },
    })
    expect(services['open-webui'].environment).toMatchObject({
      WEBUI_URL: 'https://chat.acme.example',
      CORS_ALLOW_ORIGIN: 'https://chat.acme.example',
      WEBUI_SECRET_KEY: 'd3e4f5',
      WEBUI_AUTH_COOKIE_SECURE: 'true',
    })
    expect(services.postgres.environment.POSTGRES_PASSWORD).toBe('a0b1c2')
  })

  it('takes every line that .env.example offers', async () => {
    const path = await envFile('everything.env', (text) =>
      text.replace('https://chat.acme.example', 'http://localhost:8081').replaceAll(/^#(?=[A-Z_]+=)/gm, ''),
    )
    const { services } = wholeWith(path)
    expect(configInContainer(services.portero.environment)).toMatchObject({
      listen: { insecure: true },
      admin: { phones: ['+5511961234567'] },
      phone: { allowed_regions: ['BR', 'AR'] },
    })
    expect(services['open-webui'].environment).toMatchObject({
      WEBUI_AUTH_COOKIE_SECURE: 'false',
      OLLAMA_BASE_URL: 'http://ollama.example:11434',
    })
  })

  it.each(Object.keys(filled))('says what to do when %s is not filled in', async (name) => {
    const path = await envFile('missing.env', (text) =>
      text.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=`),
    )
    expect(() => wholeWith(path)).toThrow(
      new RegExp(`^required variable ${name} is missing a value: set it in \\.env to `),
    )
  })

  it('lets Portero say what else is wrong in the file', async () => {
    const without = await envFile('silent.env', (text) => text.replace(/^PORTERO_DELIVERY__CONSOLE=.*$/m, ''))
    expect(() => configInContainer(wholeWith(without).services.portero.environment)).toThrow(
      /delivery\.console/,
    )
    const misspelt = await envFile('misspelt.env', (text) => `${text}PORTERO_PAGES_NAME=Chat\n`)
    expect(() => configInContainer(wholeWith(misspelt).services.portero.environment)).toThrow(
      /PORTERO_PAGES_NAME/,
    )
  })

  it('gives Caddy the shipped file with the two addresses of this network', async () => {
    const { caddy } = wholeWith(await envFile('filled.env')).services
    const shipped = join(folder, '../caddy/Caddyfile.gateway')
    const [program, flag, script] = caddy.command
    const here = script.replace('/etc/caddy/Caddyfile.gateway > /tmp/Caddyfile', `'${shipped}'`)
    const ran = spawnSync(program, [flag, here.replace(/^exec .*$/m, '')], {
      env: { ...process.env, ...caddy.environment },
      encoding: 'utf8',
    })
    expect(caddy.volumes).toContain('../caddy/Caddyfile.gateway:/etc/caddy/Caddyfile.gateway:ro')
    const lines = ran.stdout.replaceAll(/^\s*#.*$/gm, '')
    expect(lines).toMatch(/^https:\/\/chat\.acme\.example \{$/m)
    expect(lines).toMatch(/^\s*reverse_proxy portero:8081 \{$/m)
    expect(lines).not.toMatch(/chat\.example\.org|127\.0\.0\.1/)
  })

  it('publishes Portero on loopback and Caddy for everybody, and nothing else', async () => {
    const { services, networks } = wholeWith(await envFile('filled.env'))
    const published = Object.entries<{ ports?: string[]; profiles?: string[] }>(services).filter(
      ([, { ports }]) => ports !== undefined,
    )
    expect(published.map(([name, { ports, profiles }]) => [name, ports, profiles])).toEqual([
      ['portero', ['127.0.0.1:8081:8081'], undefined],
      ['caddy', ['80:80', '443:443', '443:443/udp'], ['https']],
    ])
    expect(networks.storage.internal).toBe(true)
    expect([services['open-webui'].networks, services.postgres.networks]).toEqual([['private'], ['storage']])
    // Whoever is in the network that Portero trusts can say where a request comes from.
    const trusted = Object.entries<{ networks: string[] }>(services).filter(([, service]) =>
      service.networks.includes('front'),
    )
    expect(trusted.map(([name]) => name)).toEqual(['portero', 'caddy'])
    expect(services.portero.environment.PORTERO_LISTEN__TRUSTED_PROXIES).toBe(
      networks.front.ipam.config[0].subnet,
    )
  })
})
