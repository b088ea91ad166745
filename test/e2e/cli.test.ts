import { type AddressInfo, createServer } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from '../support/call.ts'
import { command } from '../support/command.ts'
import { isMissing, skipReason } from '../support/installed-programs.ts'
import {
  databasePid,
  type Env,
  openPortero,
  type PorteroProcess,
  printedCode,
  runPortero,
} from '../support/portero-process.ts'
import { psql } from '../support/psql.ts'
import { freshPhone } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const secrets = {
  OPENWEBUI_JWT_SECRET: 'hunter2-short',
  PORTERO_KEYS__SECRETS: 'hunter3-short',
  DATABASE_URL: 'postgresql://portero:hunter4@db.example:6543/portero',
}

describe('portero config', () => {
  const broken: Env = {
    ...secrets,
    PORTERO_OTP__TTL_SECONDS: 'soon',
    PORTERO_LISTEN__PROT: '8081',
    PORTERO_PUBLIC_URL: 'http://in.example.org',
    PORTERO_PHONE__ALLOWED_REGIONS: 'BR,Brasil',
    PORTERO_DELIVERY__CONSOLE: 'true',
  }

  it('check tells everything that is wrong at once, with both names and what is allowed, and no secret', async () => {
    const ran = await runPortero(['config', 'check'], broken)
    expect(ran.code).toBe(78)
    for (const told of [
      ...['otp.ttl_seconds (PORTERO_OTP__TTL_SECONDS)', 'PORTERO_LISTEN__PROT', 'PORTERO_LISTEN__PORT'],
      ...[
        'phone.allowed_regions',
        'people.admission (PORTERO_PEOPLE__ADMISSION)',
        'keys.secrets',
        '6543',
        'public_url',
      ],
    ]) {
      expect(ran.stderr).toContain(told)
    }
    expect(ran.stderr).toMatch(/tokens\.secret \(PORTERO_TOKENS__SECRET or OPENWEBUI_JWT_SECRET\)/)
    expect(ran.stdout + ran.stderr).not.toMatch(/hunter| {4}at /)
  })

  it('stops serve in the same way', async () => {
    const ran = await runPortero(['serve'], broken)
    expect(ran.code).toBe(78)
    expect(ran.stderr).toContain('Portero cannot use its configuration: ')
    expect(ran.stdout + ran.stderr).not.toMatch(/hunter| {4}at /)
  })

  it('print shows what is in force and where it comes from, and masks what is secret', async () => {
    const env: Env = {
      OPENWEBUI_JWT_SECRET: 'hunter2-that-is-long-enough-to-be-one',
      PORTERO_KEYS__SECRETS: 'hunter3-that-is-long-enough-to-be-one',
      DATABASE_URL: 'postgresql://portero:hunter4@db.example:5432/portero',
      PORTERO_PUBLIC_URL: 'https://in.example.org',
      PORTERO_PEOPLE__ADMISSION: 'known',
      PORTERO_DELIVERY__CONSOLE: 'true',
      PORT: '9999',
    }
    const [printed, checked] = await Promise.all([
      runPortero(['config', 'print'], env),
      runPortero(['config', 'check'], env),
    ])
    expect([printed.code, checked.code]).toEqual([0, 0])
    expect(printed.stdout).toMatch(/port: 9999 +# PORT/)
    expect(printed.stdout).toMatch(/ttl_seconds: 300 +# default/)
    expect(printed.stdout).toMatch(/secret: ••••/)
    expect(printed.stdout + printed.stderr).not.toContain('hunter')
  })
})

describe('portero', () => {
  it('shows its commands, and says what is wrong with one that it does not know', async () => {
    const typed = (...argv: string[]) => command({}, ...argv)
    const [help, unknown] = await Promise.all([runPortero(['help']), runPortero(['poeple', 'list'])])
    const bare = await typed()
    const one = await typed('keys', 'create', '--help')
    const half = await typed('people')
    const missing = await typed('people', 'add')
    const extra = await typed('people', 'list', 'x')
    const flag = await typed('people', 'list', '--sate', 'x')
    const scope = await typed('keys', 'create', '--name', 'x', '--scope', 'all')
    for (const ran of [help, bare]) {
      expect(ran.code).toBe(0)
      for (const name of ['serve', 'config check', 'db url', 'keys create', 'people approve']) {
        expect(ran.stdout).toContain(`portero ${name}`)
      }
    }
    expect([one.code, one.stdout]).toEqual([0, expect.stringContaining('--scope')])
    for (const ran of [unknown, half, missing, extra, flag, scope]) {
      expect([ran.code, ran.stdout]).toEqual([64, ''])
      expect(ran.stderr).not.toMatch(/ {4}at /)
    }
    expect(unknown.stderr).toContain('There is no command "poeple list"')
    expect(missing.stderr).toContain('PHONE is missing')
    expect(scope.stderr).toContain('There is no scope "all"')
  })
})

describe('beside a Portero that asks for approval', () => {
  let portero: PorteroProcess
  beforeAll(async () => {
    portero = await openPortero({
      PORTERO_PUBLIC_URL: 'http://localhost:8081',
      PORTERO_DELIVERY__CONSOLE: 'true',
      PORTERO_PEOPLE__ADMISSION: 'approval',
    })
  })
  afterAll(() => portero.dispose())

  const here = (...argv: string[]) => command(portero.env, ...argv)
  const request = (phone: string) => call(`${portero.url}/otp/request`, { json: { phone } })
  const verify = (phone: string, code: string) => call(`${portero.url}/otp/verify`, { json: { phone, code } })

  async function tryToEnter(phone: string): Promise<[number, string | undefined]> {
    const after = portero.output().length
    await request(phone)
    const answer = await verify(phone, await printedCode(portero, phone, after))
    return [answer.status, answer.json.code]
  }

  it('db url opens the database for pg', async () => {
    const { code, stdout } = await portero.run('db', 'url')
    expect(code).toBe(0)
    const client = new pg.Client({ connectionString: stdout.trim() })
    await client.connect()
    const { rows } = await client.query(
      'select current_user as owner, count(*)::int as n from public.usuarios',
    )
    expect(rows).toEqual([{ owner: 'portero', n: 0 }])
    await client.end()
  })

  it.skipIf(isMissing('psql'))(`db url opens the database for psql${skipReason('psql')}`, async () => {
    const { stdout } = await portero.run('db', 'url')
    expect(await psql(stdout.trim(), 'select 1 as one from portero.installation')).toContain('(1 row)')
  })

  it('a newcomer waits, is listed, is let in by people approve, and another is turned away by people reject', async () => {
    const [welcome, unwelcome] = [freshPhone(), freshPhone()]
    expect(await tryToEnter(welcome)).toEqual([403, 'approval_pending'])
    expect(await tryToEnter(unwelcome)).toEqual([403, 'approval_pending'])
    const waiting = await here('people', 'list', '--state', 'waiting')
    expect(waiting.stdout).toContain(welcome)
    expect(waiting.stdout).toContain(unwelcome)
    const [approved, rejected, nobody] = await Promise.all([
      portero.run('people', 'approve', welcome),
      portero.run('people', 'reject', unwelcome),
      here('people', 'approve', freshPhone()),
    ])
    expect([approved.code, approved.stdout]).toEqual([0, 'The person is now active.\n'])
    expect([rejected.code, rejected.stdout]).toEqual([0, 'The person is now rejected.\n'])
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('Nobody has this phone')])
    expect(await tryToEnter(welcome)).toEqual([200, undefined])
    expect(await tryToEnter(unwelcome)).toEqual([403, 'person_blocked'])
    const active = await here('people', 'list', '--state', 'active')
    expect(active.stdout).toContain(welcome)
    expect(active.stdout).not.toContain(unwelcome)
  })

  it('people and keys are the same while Portero runs and while it does not', {
    timeout: 60_000,
  }, async () => {
    const phone = freshPhone()
    const added = await here(
      'people',
      'add',
      phone,
      '--name',
      'Juan Pérez',
      '--role',
      'user',
      '--groups',
      'a, b',
    )
    expect(added.code).toBe(0)
    const [again, wrong] = await Promise.all([here('people', 'add', phone), here('people', 'add', '12')])
    expect(again.stdout).toContain('was on record already')
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('not a phone number')])
    expect(await tryToEnter(phone)).toEqual([200, undefined])

    expect(await portero.stop()).toBe(0)
    const created = await portero.run('keys', 'create', '--name', 'bot', '--scope', 'otp')
    expect(created.code).toBe(0)
    const [key = ''] = created.stdout.split('\n')
    expect(key).toMatch(/^portero_key_[\w-]{44}$/)
    const keys = await here('keys', 'list')
    expect(keys.stdout).toContain('never used')
    expect(keys.stdout).not.toContain(key)
    expect((await here('people', 'set', phone, '--role', '', '--name', 'Juan P.')).code).toBe(0)
    expect((await here('people', 'block', phone)).stdout).toBe('The person is now blocked.\n')
    expect(await databasePid(portero.dataDir)).toBeUndefined()

    await portero.restart()
    const headers = { authorization: `Bearer ${key}` }
    const ask = () => call(`${portero.url}/otp/request`, { json: { phone: freshPhone() }, headers })
    expect((await ask()).status).toBe(200)
    expect(await tryToEnter(phone)).toEqual([403, 'person_blocked'])
    const listed = await here('people', 'list')
    const line = listed.stdout.split('\n').find((text) => text.includes(phone))!
    expect(line.split('\t').slice(1)).toEqual(['blocked', 'Juan P.', phone, '-', 'a,b', '-'])
    const id = (await here('keys', 'list')).stdout.split('\t')[0]!
    expect((await here('keys', 'revoke', id)).stdout).toBe('The key is revoked.\n')
    expect((await ask()).json.code).toBe('invalid_api_key')
  })

  it('people join gives a person the account of an address, which nobody else can have, and takes it away again', {
    timeout: 60_000,
  }, async () => {
    const [ana, eva] = [freshPhone(), freshPhone()]
    await here('people', 'add', ana)
    await here('people', 'add', eva)
    const join = (phone: string, address: string) =>
      here('people', 'join', phone, '--upstream-email', address)
    const database = new pg.Client({ connectionString: (await portero.run('db', 'url')).stdout.trim() })
    await database.connect()
    const { rows } = await database.query<{ email_local: string }>(
      'select email_local from portero.people join portero.phone_people on person_id = id where phone = $1',
      [ana],
    )
    await database.end()
    expect(await tryToEnter(ana)).toEqual([200, undefined])

    const joined = await join(ana, ' Ana@Example.ORG ')
    expect(joined.stdout).toBe(
      'From their next sign-in on they have the account of ana@example.org. Ended, so that it is soon: 1 of their sessions.\n',
    )
    expect((await join(ana, 'ana@example.org')).stdout).toContain('nothing was changed')
    const listed = await here('people', 'list')
    expect(listed.stdout).toMatch(new RegExp(`\\${ana}\t.*\tana@example\\.org\n`))
    for (const [address, code, told] of [
      ['ana@example.org', 1, 'is the address of somebody else'],
      ['ANA@EXAMPLE.ORG', 1, 'is the address of somebody else'],
      [`${rows[0]!.email_local}@portero.invalid`, 1, 'is the address of somebody else'],
      ['portero@portero.invalid', 1, 'account of Portero’s own'],
      ['guest@portero.invalid', 1, 'account of Portero’s own'],
      ['Eva <eva@example.org>', 64, 'one plain address'],
      ['eva@example.org,ana@example.org', 64, 'one plain address'],
    ] as const) {
      const refused = await join(eva, address)
      expect([refused.code, refused.stdout]).toEqual([code, ''])
      expect(refused.stderr).toContain(told)
    }
    expect((await here('people', 'join', eva)).code).toBe(64)
    expect((await join(ana, '')).stdout).toContain('an account of their own')
    expect((await join(eva, 'ana@example.org')).code).toBe(0)
  })

  it('a phone can have several people, each of whom can be named by id', { timeout: 60_000 }, async () => {
    const phone = freshPhone()
    const idOf = async (name: string) =>
      (await here('people', 'list')).stdout
        .split('\n')
        .find((line) => line.includes(`\t${name}\t${phone}`))!
        .split('\t')[0]!
    await here('people', 'add', phone, '--name', 'Ana Souza')
    const nameless = await here('people', 'add', phone, '--beside')
    expect([nameless.code, nameless.stderr]).toEqual([64, expect.stringContaining('needs --name')])
    const beside = await here('people', 'add', phone, '--beside', '--name', 'Lucía Souza')
    const lucia = await idOf('Lucía Souza')
    expect(beside.stdout).toMatch(new RegExp(`^Lucía Souza is on record with .*: ${lucia}\n$`))
    const again = await here('people', 'add', phone, '--beside', '--name', 'Lucía Souza')
    expect(again.stdout).toContain('nothing was changed')

    const unnamed = await here('people', 'set', phone, '--role', 'user')
    expect([unnamed.code, unnamed.stderr]).toEqual([1, expect.stringContaining('name one with --person')])
    expect(unnamed.stderr).toContain(lucia)
    const wrong = await here('people', 'set', phone, '--role', 'user', '--person', crypto.randomUUID())
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('is nobody of this phone')])
    const empty = await here('people', 'block', phone, '--person', '')
    expect(empty.code).toBe(1)
    const set = await here(
      'people',
      'set',
      phone,
      '--name',
      'Lucía S.',
      '--person',
      lucia.slice(0, 13).toUpperCase(),
    )
    expect([set.code, set.stdout]).toEqual([0, 'Changed.\n'])
    const blocked = await here('people', 'block', phone, '--person', lucia)
    expect(blocked.stdout).toBe('The person is now blocked.\n')
    const lines = (await here('people', 'list')).stdout.split('\n').filter((line) => line.includes(phone))
    expect(lines.map((line) => line.split('\t').slice(1, 3)).sort()).toEqual([
      ['active', 'Ana Souza'],
      ['blocked', 'Lucía S.'],
    ])
  })

  it('a second one that visits does not disturb the first', async () => {
    const ran = await Promise.all(Array.from({ length: 2 }, () => portero.run('people', 'list')))
    expect(ran.map(({ code }) => code)).toEqual([0, 0])
    expect((await call(`${portero.url}/_portero/ready`)).status).toBe(200)
  })
})

describe('where it cannot listen', () => {
  it('says so in a sentence, and leaves no database running', async () => {
    const folder = await temporaryFolder()
    const other = createServer()
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
    try {
      const dataDir = `${folder.path}/data`
      const { port } = other.address() as AddressInfo
      const ran = await runPortero(['serve'], { PORTERO_DATA_DIR: dataDir, PORT: String(port) })
      expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('another program listens there')])
      expect(await databasePid(dataDir)).toBeUndefined()
    } finally {
      other.close()
      await folder.remove()
    }
  })
})
