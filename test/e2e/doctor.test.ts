import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Finding, Group } from '../../src/compose/doctor/finding.ts'
import { command } from '../support/command.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { freePort } from '../support/open-webui/free-ports.ts'
import type { OpenWebuiSettings } from '../support/open-webui/settings.ts'
import { type OpenWebuiStandIn, openOpenWebuiStandIn } from '../support/open-webui/stand-in.ts'
import {
  databasePid,
  type Env,
  openPortero,
  type PorteroProcess,
  productionEnv,
  type Ran,
  runPortero,
} from '../support/portero-process.ts'

type Examined<Of = Ran> = { ran: Of; groups: Group[] }

async function doctor(env: Env): Promise<Examined> {
  return read(await runPortero(['doctor', '--json'], env))
}

/** The same without a process of its own. */
async function doctorHere(env: Env): Promise<Examined<Omit<Ran, 'ms'>>> {
  return read(await command(env, 'doctor', '--json'))
}

function read<Of extends Omit<Ran, 'ms'>>(ran: Of): Examined<Of> {
  expect(ran.stderr).toBe('')
  return { ran, groups: JSON.parse(ran.stdout) }
}

const findingsOf = ({ groups }: Pick<Examined, 'groups'>, name: string): readonly Finding[] =>
  groups.find((group) => group.name === name)?.findings ?? []
/** What is not as it should be, as one text each. */
const wrongIn = (examined: Pick<Examined, 'groups'>, name: string) =>
  findingsOf(examined, name)
    .filter(({ status }) => status === 'fault' || status === 'warning')
    .map(({ status, what, cure }) => `${status}: ${what} ${cure}`)

describe('portero doctor, beside a Portero that runs', () => {
  const phone = '+5511961234567'
  let database: TestDatabase
  let portero: PorteroProcess
  let env: Env
  let publicUrl: string
  beforeAll(async () => {
    database = await testDatabase()
    const port = await freePort()
    publicUrl = `http://localhost:${port}`
    env = productionEnv(database.url, { PORT: String(port), PORTERO_PUBLIC_URL: publicUrl })
    portero = await openPortero(env)
    await portero.run('people', 'add', phone, '--name', 'Ana Souza', '--groups', 'staff')
  })
  afterAll(async () => {
    await portero.dispose()
    await database.close()
  })

  /** Set up as the guide says, but for what is given. */
  async function openApp(given: OpenWebuiSettings = {}): Promise<OpenWebuiStandIn> {
    const right = { JWT_EXPIRES_IN: '180d', WEBUI_URL: publicUrl, CORS_ALLOW_ORIGIN: publicUrl }
    const app = await openOpenWebuiStandIn({ ...right, ...given })
    app.accounts.createGroup('staff', '')
    return app
  }

  async function examineApp(given: OpenWebuiSettings): Promise<Awaited<ReturnType<typeof doctorHere>>> {
    const app = await openApp(given)
    try {
      const examined = await doctorHere({ ...env, OPENWEBUI_URL: app.url.href })
      const strangers = app.accounts.accounts.filter(({ email }) => email !== 'portero@portero.invalid')
      expect(strangers).toEqual([])
      return examined
    } finally {
      await app.close()
    }
  }

  it('finds nothing wrong where nothing is, and keeps secrets and people to itself', async () => {
    const examined = await examineApp({})
    expect(wrongIn(examined, 'Portero')).toEqual([expect.stringMatching(/^warning: No code reaches a phone/)])
    expect(wrongIn(examined, 'Database')).toEqual([])
    expect(wrongIn(examined, 'Open WebUI')).toEqual([])
    expect(examined.ran.code).toBe(0)
    for (const [name, what] of [
      ['Portero', `${publicUrl} leads to this Portero.`],
      ['Database', 'The keys are those that the database was used with.'],
      ['Open WebUI', 'Open WebUI reads the header X-Portero-Role.'],
      ['Open WebUI', 'Open WebUI reads the header X-Portero-Groups.'],
    ] as const) {
      expect(findingsOf(examined, name)).toContainEqual({ status: 'ok', what })
    }
    const password = /:([^:@]+)@/.exec(database.url)![1]!
    for (const hidden of [password, env.PORTERO_KEYS__SECRETS!, phone.slice(3), 'Ana', 'portero@', 'eyJ']) {
      expect(examined.ran.stdout).not.toContain(hidden)
    }
  })

  const wrongs: [what: string, settings: OpenWebuiSettings, told: RegExp][] = [
    [
      'the trusted header is off',
      { WEBUI_AUTH_TRUSTED_EMAIL_HEADER: '' },
      /^fault: .*no sign-ins by header.*WEBUI_AUTH_TRUSTED_EMAIL_HEADER=X-Portero-Email$/,
    ],
    [
      'the trusted header has another name',
      { WEBUI_AUTH_TRUSTED_EMAIL_HEADER: 'X-Forwarded-Email' },
      /^fault: .*another name.*WEBUI_AUTH_TRUSTED_EMAIL_HEADER=X-Portero-Email$/,
    ],
    [
      'password sign-in is off',
      { ENABLE_PASSWORD_AUTH: 'false' },
      /^fault: ENABLE_PASSWORD_AUTH=false.*ENABLE_PASSWORD_AUTH=true/,
    ],
    [
      'a second factor is in the way',
      { ENABLE_MFA: 'true' },
      /^fault: .*second factor.*MFA_ALLOW_TRUSTED_HEADER_BYPASS=true/,
    ],
    [
      'the role header is not read',
      { WEBUI_AUTH_TRUSTED_ROLE_HEADER: '' },
      /^fault: .*X-Portero-Role.*WEBUI_AUTH_TRUSTED_ROLE_HEADER=X-Portero-Role$/,
    ],
    [
      'the groups header is not read',
      { WEBUI_AUTH_TRUSTED_GROUPS_HEADER: '' },
      /^fault: .*X-Portero-Groups.*WEBUI_AUTH_TRUSTED_GROUPS_HEADER=X-Portero-Groups$/,
    ],
    [
      'the name header is not read',
      { WEBUI_AUTH_TRUSTED_NAME_HEADER: '' },
      /^warning: .*X-Portero-Name.*WEBUI_AUTH_TRUSTED_NAME_HEADER=X-Portero-Name/,
    ],
    [
      'there is no sign-out address',
      { WEBUI_AUTH_SIGNOUT_REDIRECT_URL: '' },
      /^warning: .*no sign-out address.*WEBUI_AUTH_SIGNOUT_REDIRECT_URL=\/_portero\/signout$/,
    ],
    [
      'the sign-out leads elsewhere',
      { WEBUI_AUTH_SIGNOUT_REDIRECT_URL: 'https://elsewhere.example/_portero/signout' },
      /^warning: .*elsewhere.*WEBUI_AUTH_SIGNOUT_REDIRECT_URL=\/_portero\/signout$/,
    ],
    [
      'its sessions are short',
      { JWT_EXPIRES_IN: '12h' },
      /^warning: .*12 hours.*180 days.*JWT_EXPIRES_IN=180d/,
    ],
    ['every site may read it', { CORS_ALLOW_ORIGIN: '*' }, /^warning: .*CORS.*CORS_ALLOW_ORIGIN=http:/],
    [
      'it takes another address for its own',
      { WEBUI_URL: 'https://elsewhere.example' },
      /^warning: .*another address.*WEBUI_URL=http:\/\/localhost/,
    ],
    [
      'new accounts are administrators',
      { DEFAULT_USER_ROLE: 'admin' },
      /^warning: .*administrator.*DEFAULT_USER_ROLE=user/,
    ],
    [
      'its cookie is Secure, and people come by plain http',
      { WEBUI_AUTH_COOKIE_SECURE: 'true' },
      /^warning: .*cookie.*WEBUI_AUTH_COOKIE_SECURE=false/,
    ],
  ]
  it.each(wrongs)(
    'tells what is wrong, how to mend it, and nothing else: %s',
    async (_what, settings, told) => {
      const examined = await examineApp(settings)
      const wrong = wrongIn(examined, 'Open WebUI')
      // While nobody can get in, the first who opens it becomes its administrator: that follows, and is told too.
      expect(wrong.filter((line) => !line.startsWith('warning: Open WebUI has no account yet'))).toEqual([
        expect.stringMatching(told),
      ])
      expect(examined.ran.code).toBe(wrong.some((line) => line.startsWith('fault')) ? 1 : 0)
    },
  )

  it('tells whom it cannot end where somebody else was there first', async () => {
    const app = await openApp()
    app.accounts.createAccount('owner@example.org', 'Owner')
    // Open WebUI knows of accounts in which second they were made.
    await sleep(1000)
    const examined = await doctorHere({ ...env, OPENWEBUI_URL: app.url.href })
    await app.close()
    expect(wrongIn(examined, 'Open WebUI')).toEqual([expect.stringMatching(/^warning: The first account/)])
    expect(examined.ran.stdout).not.toContain('owner@')
  })

  it('tells of groups that Open WebUI lacks only where Portero does not make them', async () => {
    const app = await openOpenWebuiStandIn()
    const inEnv = { ...env, OPENWEBUI_URL: app.url.href }
    const making = await doctorHere(inEnv)
    const reporting = await doctorHere({ ...inEnv, PORTERO_UPSTREAM__CREATE_GROUPS: 'false' })
    await app.close()
    const about = (examined: Pick<Examined, 'groups'>) =>
      wrongIn(examined, 'Open WebUI').filter((line) => /staff/.test(line))
    expect(about(making)).toEqual([])
    expect(about(reporting)).toEqual([
      expect.stringMatching(/^warning: .*staff.*upstream\.create_groups: true/),
    ])
  })

  it('says that nothing answers, and that what answers is no Open WebUI', async () => {
    const down = await doctorHere({ ...env, OPENWEBUI_URL: `http://127.0.0.1:${await freePort()}` })
    expect(wrongIn(down, 'Application')).toEqual([expect.stringMatching(/^fault: .*cannot be reached/)])
    const other = { ...env, OPENWEBUI_URL: portero.url }
    expect(wrongIn(await doctorHere(other), 'Application')).toEqual([])
    const named = await doctorHere({ ...other, PORTERO_UPSTREAM__KIND: 'open-webui' })
    expect(wrongIn(named, 'Open WebUI')).toEqual([expect.stringMatching(/^fault: .*no Open WebUI.*generic/)])
  })

  it('does not wait for ever for what takes the connection and says nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}))
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
    const { port } = silent.address() as AddressInfo
    const examined = await doctor({
      ...env,
      DATABASE_URL: `postgresql://portero:hunter2@127.0.0.1:${port}/portero`,
      PORTERO_PUBLIC_URL: `http://localhost:${port}`,
      OPENWEBUI_URL: `http://127.0.0.1:${port}`,
    })
    silent.close()
    expect(examined.ran.ms).toBeLessThan(30_000)
    expect(examined.ran.code).toBe(1)
    expect(wrongIn(examined, 'Database')).toEqual([
      expect.stringMatching(/^fault: .*does not answer in time/),
    ])
    expect(wrongIn(examined, 'Application')).toEqual([
      expect.stringMatching(/^fault: .*does not answer in time/),
    ])
    expect(examined.ran.stdout).not.toContain('hunter2')
  })

  it('knows another Portero by its keys', async () => {
    const examined = await doctor({
      ...env,
      PORTERO_KEYS__SECRETS: 'other keys of the tests that are long enough too',
    })
    const wrong = [...wrongIn(examined, 'Portero'), ...wrongIn(examined, 'Database')]
    expect(wrong.filter((line) => line.startsWith('fault'))).toEqual([
      expect.stringMatching(/^fault: Not this Portero but one with other keys answers/),
      expect.stringMatching(/^fault: .*leads to a Portero with other keys/),
      expect.stringMatching(/^fault: The database was last used with other keys/),
    ])
  })
})

describe('portero doctor, without a Portero', () => {
  it('tells everything that is wrong with a configuration as faults, and no secret', async () => {
    const { ran, groups } = await doctor({
      DATABASE_URL: 'postgresql://portero:hunter4@db.example:6543/portero',
      PORTERO_OTP__TTL_SECONDS: 'soon',
    })
    expect(ran.code).toBe(1)
    expect(groups.map(({ name }) => name)).toEqual(['Portero'])
    expect(ran.stdout).toContain('otp.ttl_seconds (PORTERO_OTP__TTL_SECONDS): must be')
    expect(ran.stdout).toContain('6543')
    expect(ran.stdout).not.toContain('hunter4')
  })

  it('looks at an installation with a database of its own while it runs, when it is stopped, and before it was', async () => {
    const portero = await openPortero()
    const inEnv = { ...portero.env, PORT: String(portero.port) }
    try {
      const beside = await doctor(inEnv)
      expect(wrongIn(beside, 'Database')).toEqual([])
      expect(beside.ran.code).toBe(0)
      await portero.stop()
      const after = await doctor(inEnv)
      expect(findingsOf(after, 'Database')).toEqual(findingsOf(beside, 'Database'))
      expect(wrongIn(after, 'Portero')).toContainEqual(
        expect.stringMatching(/^warning: Portero does not answer/),
      )
      expect(await databasePid(portero.dataDir)).toBeUndefined()
      const before = await doctor({ ...inEnv, PORTERO_DATA_DIR: `${portero.dataDir}/../untouched` })
      expect(wrongIn(before, 'Database')).toEqual([])
      expect(before.ran.code).toBe(0)
    } finally {
      await portero.dispose()
    }
  })

  it('prints a list for people, in plain ASCII', async () => {
    const ran = await runPortero(['doctor'])
    expect(ran.stdout).toMatch(/^Portero\n {2}! {3}This is the demo.*\n {6}Set demo to false/)
    expect(ran.stdout).toMatch(/\n\nDatabase\n {2}ok {2}/)
    expect(ran.stdout).toMatch(/^[\x20-\x7e\n]*$/)
    expect(ran.code).toBe(0)
  })
})
