import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { silentLog } from '../../domain/log.ts'
import { StartupProblem } from '../../domain/startup-problem.ts'
import { type EmbeddedServer, type EmbeddedServerOptions, openEmbeddedServer } from './embedded-server.ts'
import { installedPostgres } from './postgres-binaries.ts'
import { isRoot } from './run-as.ts'
import { findRunningServer, isServerOf } from './running-server.ts'

const ownerScript = fileURLToPath(new URL('../../../test/support/own-embedded-server.ts', import.meta.url))

let seed: Awaited<ReturnType<typeof temporaryFolder>>
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let dataDir: string
let cluster: string
let opened: EmbeddedServer[]
let children: ChildProcess[]

beforeAll(async () => {
  seed = await temporaryFolder()
  await (await openEmbeddedServer({ dataDir: join(seed.path, 'data'), log: silentLog })).close()
})

afterAll(() => seed.remove())

beforeEach(async () => {
  folder = await temporaryFolder()
  dataDir = join(folder.path, 'data')
  cluster = join(dataDir, 'postgres')
  opened = []
  children = []
})

afterEach(async () => {
  for (const child of children) await killed(child)
  for (const server of opened) await server.close()
  // What a killed owner left running.
  if (await findRunningServer(cluster)) await (await openEmbeddedServer({ dataDir, log: silentLog })).close()
  await folder.remove()
})

async function open(options: Partial<EmbeddedServerOptions> = {}): Promise<EmbeddedServer> {
  const server = await openEmbeddedServer({ dataDir, log: silentLog, ...options })
  opened.push(server)
  return server
}

/** For what is not about a first start: a folder in which one has been, with all its owners and modes. */
async function initialised(): Promise<void> {
  await promisify(execFile)('cp', ['-a', join(seed.path, 'data'), dataDir])
}

/** Opens the server in another process. */
async function openElsewhere(): Promise<{
  child: ChildProcess
  answer: { superuserUrl: string; wasAdopted: boolean; refusal?: string }
}> {
  const child = spawn(process.execPath, [ownerScript, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TZ: 'America/Sao_Paulo' },
  })
  children.push(child)
  for await (const line of createInterface({ input: child.stdout! }))
    return { child, answer: JSON.parse(line) }
  throw new Error('the other process said nothing')
}

function killed(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  return exited
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
const serverPid = async () => (await findRunningServer(cluster))!.pid

describe('a first start', () => {
  it('makes a database in UTF-8 and UTC that takes connections, in folders that are closed to others', async () => {
    const server = await open()
    const [facts] = await query(
      server.superuserUrl,
      `select current_setting('server_version_num')::int / 10000 as major, current_setting('timezone') as timezone,
        current_setting('log_timezone') as log_timezone, current_setting('listen_addresses') as listens,
        current_setting('password_encryption') as passwords, pg_encoding_to_char(encoding) as encoding,
        datlocale as locale, current_setting('data_checksums') as checksums
      from pg_database where datname = current_database()`,
    )
    expect(facts).toEqual({
      ...{ major: 18, timezone: 'UTC', log_timezone: 'UTC', listens: '', passwords: 'scram-sha-256' },
      ...{ encoding: 'UTF8', locale: 'C.UTF-8', checksums: 'on' },
    })
    expect(server.wasAdopted).toBe(false)
    expect(await modeOf(dataDir)).toBe(isRoot() ? '711' : '700')
    expect(await modeOf(cluster)).toBe('700')
    expect(await modeOf(server.host)).toBe('700')
    expect(await modeOf(join(dataDir, 'superuser.password'))).toBe('600')
    expect(await modeOf(join(dataDir, 'postgres.log'))).toBe('600')
  })

  it('keeps UTC when the process that starts it lives in another time zone', async () => {
    const { answer } = await openElsewhere()
    const rows = await query(
      answer.superuserUrl,
      `select current_setting('timezone') as zone, current_setting('log_timezone') as log_zone,
        '2026-01-01 12:00Z'::timestamptz::text as noon`,
    )
    expect(rows).toEqual([{ zone: 'UTC', log_zone: 'UTC', noon: '2026-01-01 12:00:00+00' }])
    expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).toMatch(/^\S+ \S+ UTC /)
  })

  it('refuses connections without the password', async () => {
    await initialised()
    const server = await open()
    const wrong = server.superuserUrl.replace(/:[^:@]+@/, ':wrong@')
    await expect(query(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  })

  it('works in a folder whose path is too long for a socket', async () => {
    dataDir = join(folder.path, 'a'.repeat(60), 'b'.repeat(60))
    cluster = join(dataDir, 'postgres')
    const server = await open()
    expect(await query(server.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(await modeOf(server.host)).toBe('700')
    await rm(server.host, { recursive: true })
  })

  it('works when npm ran no install scripts, and so made no links between libraries', async () => {
    const binaries = await installedPostgres()
    const links = JSON.parse(await readFile(join(binaries.nativeFolder, 'pg-symlinks.json'), 'utf8'))
    const linkNames = links.map(({ target }: { target: string }) => basename(target))
    const copy = join(folder.path, 'package', 'native')
    await cp(binaries.nativeFolder, copy, {
      recursive: true,
      filter: (source) => !linkNames.includes(basename(source)),
    })
    const server = await open({ binaries: { ...binaries, nativeFolder: copy } })
    expect(await query(server.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it.runIf(isRoot())('works as root out of a folder that only root can enter', async () => {
    const binaries = await installedPostgres()
    const closed = join(folder.path, 'closed')
    await mkdir(closed, { mode: 0o700 })
    await cp(binaries.nativeFolder, join(closed, 'native'), { recursive: true, verbatimSymlinks: true })
    const server = await open({ binaries: { ...binaries, nativeFolder: join(closed, 'native') } })
    expect(await query(server.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it.runIf(isRoot())('is refused as root in a folder that only root can enter', async () => {
    const closed = join(folder.path, 'closed')
    await mkdir(closed, { mode: 0o700 })
    const attempt = openEmbeddedServer({ dataDir: join(closed, 'data'), log: silentLog })
    await expect(attempt).rejects.toThrow(
      /runs as root and its database as .* cannot reach the data folder .* data_dir/,
    )
  })

  it('of three at once exactly one wins, and the others are told why', async () => {
    const answers = await Promise.all([openElsewhere(), openElsewhere(), openElsewhere()])
    const refusals = answers.flatMap(({ answer }) => answer.refusal ?? [])
    const sentence = expect.stringContaining(`Another Portero already uses the data folder ${dataDir}.`)
    expect(refusals).toEqual([sentence, sentence])
    const winners = answers.filter(({ answer }) => answer.refusal === undefined)
    expect(await query(winners[0]!.answer.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

describe('closing', () => {
  beforeEach(initialised)

  it('leaves no process, no socket and no pid file, and keeps the data', async () => {
    const server = await open()
    await query(server.superuserUrl, 'create table kept as select 7 as n')
    const pid = await serverPid()
    await server.close()
    expect(await isServerOf(pid, cluster)).toBe(false)
    await expect(stat(join(cluster, 'postmaster.pid'))).rejects.toThrow('ENOENT')
    await expect(stat(join(server.host, '.s.PGSQL.5432'))).rejects.toThrow('ENOENT')
    const again = await open()
    expect(again.wasAdopted).toBe(false)
    expect(await query(again.superuserUrl, 'select n from kept')).toEqual([{ n: 7 }])
  })

  it('does not wait for connections that are still in use', async () => {
    const server = await open()
    const busy = query(server.superuserUrl, 'select pg_sleep(60)').catch((error) => error)
    await vi.waitFor(async () => {
      const [row] = await query(
        server.superuserUrl,
        `select count(*)::int as n from pg_stat_activity where query ~ '^select pg_sleep'`,
      )
      expect(row).toEqual({ n: 1 })
    }, 15_000)
    await server.close()
    expect(await busy).toMatchObject({ code: '57P01' })
  })
})

describe('a second Portero on the folder', () => {
  beforeEach(initialised)

  it('is refused with a sentence, and does not disturb the first', async () => {
    const server = await open()
    const attempt = open()
    await expect(attempt).rejects.toThrow(StartupProblem)
    await expect(attempt).rejects.toThrow(
      `Another Portero already uses the data folder ${dataDir}. Stop that one first, or give this one a folder of its own with data_dir (PORTERO_DATA_DIR).`,
    )
    expect(await query(server.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

describe('after a kill', () => {
  it('of Portero: the server lives on, is adopted, and what was committed is there', async () => {
    await initialised()
    const { child, answer } = await openElsewhere()
    await query(answer.superuserUrl, 'create table kept as select 7 as n')
    const pid = await serverPid()
    await killed(child)
    const server = await open()
    expect(server.wasAdopted).toBe(true)
    expect(await serverPid()).toBe(pid)
    expect(await query(server.superuserUrl, 'select n from kept')).toEqual([{ n: 7 }])
    await server.close()
    expect(await isServerOf(pid, cluster)).toBe(false)
  })

  it('of Portero and the server: the next start recovers', async () => {
    await initialised()
    const { child, answer } = await openElsewhere()
    await query(answer.superuserUrl, 'create table kept as select 7 as n')
    const pid = await serverPid()
    await killed(child)
    process.kill(pid, 'SIGKILL')
    const server = await open()
    expect(server.wasAdopted).toBe(false)
    expect(await query(server.superuserUrl, 'select n from kept')).toEqual([{ n: 7 }])
  })

  it('of the server alone: it comes back under the same address, still owned', async () => {
    await initialised()
    const server = await open()
    await query(server.superuserUrl, 'create table kept as select 7 as n')
    process.kill(await serverPid(), 'SIGKILL')
    await vi.waitFor(
      async () => expect(await query(server.superuserUrl, 'select n from kept')).toEqual([{ n: 7 }]),
      { interval: 50 },
    )
    await expect(open()).rejects.toThrow('Another Portero')
  })

  it('in the middle of the first start: what was half made is removed', async () => {
    await mkdir(join(dataDir, 'postgres.init-00000000', 'cluster'), { recursive: true })
    const server = await open()
    expect(await query(server.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    await expect(stat(join(dataDir, 'postgres.init-00000000'))).rejects.toThrow('ENOENT')
  })
})

describe('lock files that a dead server left', () => {
  beforeEach(initialised)

  // A process of the very user as whom the server runs: PostgreSQL by itself would take it for a server.
  it('do not keep the next start away when their number belongs to another program now', async () => {
    const server = await open()
    const files = [join(cluster, 'postmaster.pid'), join(server.host, '.s.PGSQL.5432.lock')]
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
    const { uid, gid } = await stat(join(cluster, 'PG_VERSION'))
    await server.close()
    const other = spawn('sleep', ['60'], {
      cwd: '/',
      stdio: 'ignore',
      ...(isRoot() && { uid, gid }),
    })
    children.push(other)
    for (const [n, file] of files.entries())
      await writeFile(file, texts[n]!.replace(/^\d+/, String(other.pid)))
    const again = await open()
    expect(again.wasAdopted).toBe(false)
    expect(await query(again.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(other.exitCode).toBe(null)
  })
})

describe('a folder that cannot be used', () => {
  it('is refused when another major version of PostgreSQL made it, with the way out', async () => {
    await initialised()
    await writeFile(join(cluster, 'PG_VERSION'), '17\n')
    const attempt = open()
    await expect(attempt).rejects.toThrow(StartupProblem)
    await expect(attempt).rejects.toThrow(
      /made by PostgreSQL 17; this Portero brings PostgreSQL 18.*pg_dump.*portero db url.*move the folder away/,
    )
  })

  it('is refused when it holds something else, which stays', async () => {
    await mkdir(cluster, { recursive: true })
    await writeFile(join(cluster, 'letter.txt'), 'mine')
    await expect(open()).rejects.toThrow('holds files, but no PostgreSQL database')
    expect(await readFile(join(cluster, 'letter.txt'), 'utf8')).toBe('mine')
  })

  it('is refused when its password file is another one, and no server is left behind', async () => {
    await initialised()
    await writeFile(join(dataDir, 'superuser.password'), 'another\n')
    await expect(open()).rejects.toThrow('does not take the password in superuser.password')
    expect(await findRunningServer(cluster)).toBe(undefined)
  })

  it('opens again when it was moved as a whole', async () => {
    await initialised()
    await rename(dataDir, join(folder.path, 'elsewhere'))
    dataDir = join(folder.path, 'elsewhere')
    cluster = join(dataDir, 'postgres')
    const server = await open()
    expect(await query(server.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

it('writes no values or statements into the log of the server', async () => {
  await initialised()
  const server = await open()
  await query(server.superuserUrl, 'create table phones (phone text primary key)')
  await query(server.superuserUrl, `insert into phones values ('+5511961234567')`)
  await expect(query(server.superuserUrl, `insert into phones values ('+5511961234567')`)).rejects.toThrow()
  await expect(query(server.superuserUrl, `select '+5511961234567'::uuid`)).rejects.toThrow()
  expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).not.toContain('61234567')
})
