import { spawnSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isDemo } from '../../src/config/demo.ts'
import { composed, readComposeFile } from '../support/compose-files.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { configInContainer, fileNames, folder } from './docker-files.ts'

const overlay = join(folder, fileNames.overlay)
const overlayOfApp = join(folder, fileNames.overlayOfApp)
const secret = 'x'.repeat(44)

describe('the overlay for a stack that is there', () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>
  let stack: string
  let files: string[]
  let secrets: string
  beforeAll(async () => {
    temporary = await temporaryFolder()
    stack = join(temporary.path, 'ai_gateway')
    await mkdir(stack)
    const inStack: Record<string, string> = {
      'docker-compose.stack.yml':
        'services:\n  open-webui:\n    image: open-webui\n    ports: ["3000:8080"]\n' +
        '    environment: [WEBUI_SECRET_KEY=stays]\n    volumes: [data:/app/backend/data]\nvolumes: { data: {} }\n',
      'docker-compose.pins.yml': 'services: { open-webui: { image: "open-webui:v0.12.4" } }\n',
      'docker-compose.health.yml': 'services: { open-webui: { healthcheck: { test: [CMD, "true"] } } }\n',
      'docker-compose.env.yml': 'services: { open-webui: { environment: { ENV: prod } } }\n',
      'docker-compose.auth.sms.yml': await readFile(overlay, 'utf8'),
    }
    for (const [name, text] of Object.entries(inStack)) await writeFile(join(stack, name), text)
    // The list of the overlay's own first lines: what people copy.
    const listed = [...inStack['docker-compose.auth.sms.yml']!.matchAll(/^#\s+-f (\S+)/gm)]
    files = listed.map(([, name]) => join(stack, name!))
    secrets = join(temporary.path, 'secrets.env')
    await writeFile(
      secrets,
      `OPENWEBUI_JWT_SECRET=${secret}\nDATABASE_URL=postgresql://other/one\nPORT=3000\n`,
    )
  })
  afterAll(() => temporary.remove())

  it('merges with the list of files that it names, and leaves the stack as it is', () => {
    expect(files).toHaveLength(5)
    const { services } = composed(files, { PORTERO_ENV_FILE: secrets })
    const before = composed(files.slice(0, 4)).services
    expect(services['open-webui']).toEqual(before['open-webui'])
    expect(Object.keys(services)).toEqual(['open-webui', 'auth_sms'])
    expect(services.auth_sms.ports).toEqual(['127.0.0.1:8081:8081'])
    expect(services.auth_sms.build).toEqual({
      context: resolve(stack, '../portero'),
      dockerfile: 'deploy/docker/Dockerfile',
    })
  })

  it('starts the demo in front of the Open WebUI of the stack, with the secret and without what other programs keep there', () => {
    const { auth_sms } = composed(files, { PORTERO_ENV_FILE: secrets }).services
    const config = configInContainer(auth_sms.environment)
    expect(isDemo(config)).toEqual({ demo: true, asked: true })
    expect(config).toMatchObject({
      tokens: { secret },
      upstream: { url: 'http://open-webui:8080' },
      listen: { host: '0.0.0.0', port: 8081 },
      data_dir: '/var/lib/portero',
    })
    expect(config.database.url).toBeUndefined()
  })

  it('takes other values from the environment that it is started in', () => {
    const env = {
      PORTERO_ENV_FILE: secrets,
      OPENWEBUI_URL: 'http://webui:3000',
      PORTERO_SOURCE: '/srv/portero',
    }
    const { auth_sms } = composed(files, env).services
    expect(configInContainer(auth_sms.environment).upstream.url).toBe('http://webui:3000')
    expect(auth_sms.build.context).toBe('/srv/portero')
  })

  it('looks for the secrets in /data/stack/secrets/.env, and does not start without that file', () => {
    const env = readComposeFile(overlay).services.auth_sms.env_file
    expect(env).toBe('$' + '{PORTERO_ENV_FILE:-/data/stack/secrets/.env}')
    expect(() => composed(files, { PORTERO_ENV_FILE: join(temporary.path, 'nowhere') })).toThrow(/nowhere/)
  })

  it('with its second file, makes Open WebUI believe Portero and takes its port away', () => {
    const { services } = composed([...files, overlayOfApp], { PORTERO_ENV_FILE: secrets })
    const app = services['open-webui']
    expect(app.ports).toBeUndefined()
    expect(app.volumes).toEqual(['data:/app/backend/data'])
    expect(app.environment).toMatchObject({
      WEBUI_SECRET_KEY: 'stays',
      ENV: 'prod',
      WEBUI_AUTH_TRUSTED_EMAIL_HEADER: 'X-Portero-Email',
      CORS_ALLOW_ORIGIN: 'http://127.0.0.1:8081;http://localhost:8081',
    })
  })

  const compose = spawnSync('docker', ['compose', 'version']).status === 0
  it.skipIf(!compose)(
    `is merged by Docker Compose as here${compose ? '' : ' (skipped: docker compose is not installed)'}`,
    () => {
      const args = [...files, overlayOfApp].flatMap((file) => ['-f', file])
      const ran = spawnSync('docker', ['compose', ...args, 'config', '--format', 'json'], {
        encoding: 'utf8',
        env: { ...process.env, PORTERO_ENV_FILE: secrets },
      })
      expect(ran.stderr).toBe('')
      const ours = composed([...files, overlayOfApp], { PORTERO_ENV_FILE: secrets }).services
      const theirs = JSON.parse(ran.stdout).services
      for (const name of Object.keys(ours)) {
        expect(theirs[name].environment).toEqual(ours[name].environment)
        expect(theirs[name].image).toBe(ours[name].image)
      }
      expect(theirs['open-webui'].ports ?? []).toEqual([])
    },
  )
})
