import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf } from '../../../test/support/otp-house.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { type Log, silentLog } from '../../domain/log.ts'
import { openEmbeddedServer } from '../postgres/embedded-server.ts'
import { prepareEmbeddedDatabase } from '../postgres/prepare-embedded-database.ts'
import { migrate } from './migrate.ts'
import { type Database, openDatabase } from './open-database.ts'

const timeoutMs = 1000
/** Within the time limit, on a busy machine. */
const limitMs = 3 * timeoutMs
/** Within two seconds, on a busy machine. */
const backMs = 5000

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let server: Awaited<ReturnType<typeof openEmbeddedServer>>
let url: string
let database: Database
let serverPid: number
const logged: string[] = []
const line = (facts: object, text: string) => void logged.push(`${text} ${JSON.stringify(facts)}`)
const log: Log = { info: line, warn: line, error: line }

const one = () => database.rows<{ one: number }>('select $1::int as one', [1])
const viaTables = () =>
  database.run(() => database.tables.selectFrom('portero.installation').select('id').execute())

beforeAll(async () => {
  folder = await temporaryFolder()
  const dataDir = join(folder.path, 'data')
  server = await openEmbeddedServer({ dataDir, log: silentLog, settings: { fsync: 'off' } })
  url = (await prepareEmbeddedDatabase({ superuserUrl: server.superuserUrl, dataDir })).ownerUrl
  await migrate({ adminUrl: url, log: silentLog })
  serverPid = Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
  database = openDatabase({ url, poolSize: 5, timeoutMs, log })
})
afterAll(async () => {
  await database.close()
  await server.close()
  await folder.remove()
})

/** Every process of the server, so that none of its connections answers. */
async function signalServer(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const children = (await readFile(`/proc/${serverPid}/task/${serverPid}/children`, 'utf8')).trim().split(' ')
  for (const pid of [serverPid, ...children.map(Number)]) {
    try {
      process.kill(pid, signal)
    } catch {
      // A connection that has ended meanwhile.
    }
  }
}

async function asSuperuser(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.superuserUrl })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

async function untilBack(): Promise<number> {
  const began = performance.now()
  while ((await refusalOf(one())) !== 'ok') {
    if (performance.now() - began > 20_000) return Number.POSITIVE_INFINITY
    await sleep(20)
  }
  return performance.now() - began
}

const timed = async (work: () => Promise<unknown>) => {
  const began = performance.now()
  const refusal = await refusalOf(work())
  return { refusal, ms: performance.now() - began }
}

describe('a lost connection', () => {
  test.each([
    ['idle', () => Promise.resolve()],
    ['at work for a statement', () => database.rows('select pg_sleep($1)', [5])],
    [
      'at work for the query builder',
      () =>
        database.run(() =>
          database.tables.selectNoFrom((eb) => eb.fn('pg_sleep', [eb.val(5)]).as('x')).execute(),
        ),
    ],
  ])('ends neither the process nor more than its own call: %s', async (_what, work) => {
    expect(await untilBack()).toBeLessThan(20_000)
    await Promise.all(Array.from({ length: 5 }, one))
    const lost = refusalOf(work())
    await sleep(100)
    await asSuperuser(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'portero'`,
    )
    expect(['ok', 'database_unavailable']).toContain(await lost)
    await sleep(100)
    expect(await untilBack()).toBeLessThan(backMs)
  })
})

describe('a connection that is lost between two statements', () => {
  test('refuses the transaction, and does not end the process', async () => {
    expect(await untilBack()).toBeLessThan(20_000)
    const work = database.run(() =>
      database.tables.transaction().execute(async (trx) => {
        await trx.selectFrom('portero.installation').select('id').execute()
        await asSuperuser(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'portero'`,
        )
        await sleep(100)
        return await trx.selectFrom('portero.installation').select('id').execute()
      }),
    )
    expect(await refusalOf(work)).toBe('database_unavailable')
    expect(await untilBack()).toBeLessThan(backMs)
  })
})

describe('a way to the database that swallows everything', () => {
  test('is given up for a new one, also by the query builder', async () => {
    const socketPath = `${server.host}/.s.PGSQL.5432`
    const swallowed = new Set<Socket>()
    let isSwallowing = false
    const proxy = createServer((client) => {
      const upstream = connect(socketPath)
      client.on('data', (chunk) =>
        isSwallowing && swallowed.has(client) ? undefined : upstream.write(chunk),
      )
      upstream.on('data', (chunk) => client.write(chunk))
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const)
        one.on('error', () => {}).on('close', () => other.destroy())
      if (!isSwallowing) swallowed.add(client)
    })
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
    const { port } = proxy.address() as AddressInfo
    const there = openDatabase({
      ...{
        url: url.replace(/@.*$/, `@127.0.0.1:${port}/portero`),
        poolSize: 3,
        timeoutMs: 300,
        log: silentLog,
      },
    })
    const look = () => there.run(() => there.tables.selectFrom('portero.installation').select('id').execute())
    try {
      await Promise.all([look(), look(), look()])
      expect(swallowed.size).toBe(3)
      isSwallowing = true
      expect(await Promise.all([refusalOf(look()), refusalOf(look()), refusalOf(look())])).toEqual(
        Array(3).fill('database_unavailable'),
      )
      await sleep(700)
      for (let i = 0; i < 10; i += 1) expect(await refusalOf(look())).toBe('ok')
    } finally {
      await there.close()
      proxy.close()
      for (const socket of swallowed) socket.destroy()
    }
  })
})

describe('a slow statement', () => {
  test('is refused within the time limit, and nobody else is', async () => {
    expect(await untilBack()).toBeLessThan(20_000)
    const slow = timed(() => database.rows('select pg_sleep($1)', [5]))
    await sleep(50)
    expect(await refusalOf(one())).toBe('ok')
    const { refusal, ms } = await slow
    expect(refusal).toBe('database_unavailable')
    expect(ms).toBeLessThan(limitMs)
    expect(database.isAway).toBe(false)
    expect((await timed(one)).refusal).toBe('ok')
  })

  test('that waits for a lock is refused like one', async () => {
    const holder = new pg.Client({ connectionString: server.superuserUrl.replace('/postgres?', '/portero?') })
    await holder.connect()
    await holder.query('begin; lock table portero.api_keys in access exclusive mode')
    const { refusal, ms } = await timed(() =>
      database.rows('select from portero.api_keys where name = $1', ['x']),
    )
    await holder.query('rollback')
    await holder.end()
    expect([refusal, database.isAway]).toEqual(['database_unavailable', false])
    expect(ms).toBeLessThan(limitMs)
  })
})

describe('more work than the pool can do', () => {
  test('is refused to those who waited too long, and the others are served', async () => {
    expect(await untilBack()).toBeLessThan(20_000)
    const busy = Array.from({ length: 5 }, () => refusalOf(database.rows('select pg_sleep($1)', [0.8])))
    const late = Array.from({ length: 10 }, () => refusalOf(database.rows('select pg_sleep($1)', [0.5])))
    expect(await Promise.all(busy)).toEqual(Array(5).fill('ok'))
    const outcomes = await Promise.all(late)
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(5)
    expect(outcomes.filter((outcome) => outcome === 'database_unavailable')).toHaveLength(5)
    expect(database.isAway).toBe(false)
  })
})

const cannotFreeze = !existsSync(`/proc/self/task/${process.pid}/children`)

describe.skipIf(cannotFreeze)(
  `a database that does not answer${cannotFreeze ? ' (skipped: there is no /proc to find its processes in)' : ''}`,
  () => {
    test('is refused within the time limit, then at once, and is back within two seconds', async () => {
      expect(await untilBack()).toBeLessThan(20_000)
      await Promise.all(Array.from({ length: 5 }, one))
      await signalServer('SIGSTOP')
      try {
        const first = await Promise.all([
          ...Array.from({ length: 8 }, () => timed(one)),
          timed(viaTables),
          timed(viaTables),
        ])
        for (const { refusal, ms } of first) {
          expect(refusal).toBe('database_unavailable')
          expect(ms).toBeLessThan(limitMs)
        }
        expect(database.isAway).toBe(true)
        for (let i = 0; i < 50; i += 1) {
          const { refusal, ms } = await timed(one)
          expect(refusal).toBe('database_unavailable')
          expect(ms).toBeLessThan(timeoutMs / 4)
        }
        await sleep(2500)
        expect((await timed(one)).ms).toBeLessThan(timeoutMs / 4)
      } finally {
        await signalServer('SIGCONT')
      }
      expect(await untilBack()).toBeLessThan(backMs)
      expect(await refusalOf(viaTables())).toBe('ok')
      expect(await Promise.all(Array.from({ length: 20 }, one))).toHaveLength(20)
    })
  },
)

describe('a database that was stopped', () => {
  test('is refused at once, and is back within two seconds of its own return', async () => {
    expect(await untilBack()).toBeLessThan(20_000)
    process.kill(serverPid, 'SIGINT')
    await sleep(30)
    const during = await timed(one)
    expect(['ok', 'database_unavailable']).toContain(during.refusal)
    expect(during.ms).toBeLessThan(limitMs)
    // The embedded server is started again by its keeper; from outside there is no telling when.
    let isUp = false
    while (!isUp) {
      isUp = await asSuperuser('select 1').then(
        () => true,
        () => sleep(20).then(() => false),
      )
    }
    expect(await untilBack()).toBeLessThan(backMs)
    expect(logged.join()).not.toContain(new URL(url.replace('@/', '@x/')).password)
  })
})
