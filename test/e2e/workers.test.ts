import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from '../support/call.ts'
import {
  databasePid,
  isAlive,
  openPortero,
  type PorteroProcess,
  printedCode,
  runPortero,
} from '../support/portero-process.ts'
import { freshPhone } from '../support/sign-in.ts'
import { until } from '../support/until.ts'

/** A second is what is promised; a busy machine adds to it. */
const secondMs = 2500

const workersEnv = {
  PORTERO_LISTEN__WORKERS: '2',
  PORTERO_DELIVERY__CONSOLE: 'true',
  PORTERO_PEOPLE__ADMISSION: 'open',
  PORTERO_PUBLIC_URL: 'http://localhost:8081',
}

let portero: PorteroProcess
beforeAll(async () => {
  portero = await openPortero(workersEnv)
})
afterAll(() => portero.dispose())

/** The living processes that Portero has started, its database apart. */
function workerPids(): number[] {
  const pids = readFileSync(`/proc/${portero.pid}/task/${portero.pid}/children`, 'utf8').trim().split(/\s+/)
  return pids.map(Number).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('serve'))
}

/** A browser's one connection; workers take new connections in turn. */
function connection() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let isOpen = true
  const ask = (method: string, path: string, cookie: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = request(`${portero.url}${path}`, { method, agent, headers: { cookie } }, (res) => {
        res.resume().on('end', () => resolve(res.statusCode!))
      })
      asked.on('socket', (socket) => {
        if (socket.listenerCount('close', gone) === 0) socket.on('close', gone)
      })
      asked.on('error', reject)
      asked.end()
    })
  function gone(): void {
    isOpen = false
  }
  return { ask, isOpen: () => isOpen, close: () => agent.destroy() }
}

async function signIn(): Promise<string> {
  const phone = freshPhone()
  const mark = portero.output().length
  await call(`${portero.url}/otp/request`, { json: { phone } })
  const code = await printedCode(portero, phone, mark)
  const { cookies } = await call(`${portero.url}/otp/verify`, { json: { phone, code } })
  return Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
}

describe('two workers', () => {
  it('are two processes behind one port, without a secret in their command line', () => {
    const pids = workerPids()
    expect(pids).toHaveLength(2)
    for (const pid of pids) {
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toMatch(/postgres|secret/)
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('postgresql://')
    }
  })

  it('both know a session that one of them started, and refuse it within a second after one of them ended it', async () => {
    const cookie = await signIn()
    const connections = Array.from({ length: 6 }, connection)
    for (const { ask } of connections) expect(await ask('GET', '/_portero/auth', cookie)).toBe(200)
    expect(await connections[0]!.ask('POST', '/_portero/api/signout', cookie)).toBeLessThan(300)
    const endedAt = performance.now()
    await until(async () => {
      const statuses = await Promise.all(connections.map(({ ask }) => ask('GET', '/_portero/auth', cookie)))
      return statuses.every((status) => status === 401)
    })
    expect(performance.now() - endedAt).toBeLessThan(secondMs)

    // The connections really were with both: one worker takes only its own along when it is killed.
    process.kill(workerPids()[0]!, 'SIGKILL')
    await until(() => connections.some(({ isOpen }) => !isOpen()))
    await sleep(100)
    const left = connections.filter(({ isOpen }) => isOpen()).length
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(6)
    for (const { close } of connections) close()
  })

  it('are two again soon after one was killed, and let in whoever was in', async () => {
    const cookie = await signIn()
    const listened = (): number => portero.output().split('a worker listens').length - 1
    // The one that was killed before this is replaced first.
    await until(() => listened() === 3)
    const [killed] = workerPids()
    process.kill(killed!, 'SIGKILL')
    await until(() => listened() === 4)
    expect(workerPids().filter((pid) => pid !== killed)).toHaveLength(2)
    const connections = Array.from({ length: 4 }, connection)
    for (const { ask, close } of connections) {
      expect(await ask('GET', '/_portero/auth', cookie)).toBe(200)
      close()
    }
  })

  it('let what is under way finish at SIGTERM, and leave no process behind', async () => {
    const pids = workerPids()
    expect(await portero.stop()).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
    expect(await databasePid(portero.dataDir)).toBeUndefined()
  })

  it('die with the process that started them, whose database is adopted by the next', async () => {
    await portero.restart()
    const pids = workerPids()
    const database = await databasePid(portero.dataDir)
    await portero.kill9()
    await until(() => !pids.some(isAlive))
    await portero.restart()
    expect(await databasePid(portero.dataDir)).toBe(database)
    expect(portero.output()).toContain('adopted the embedded database')
  })
})

describe('the number of workers', () => {
  it('is one in a demo, and more are refused with a sentence', async () => {
    const ran = await runPortero(['config', 'check'], {
      PORTERO_LISTEN__WORKERS: '2',
      PORTERO_DEMO: 'true',
    })
    expect(ran.code).toBe(78)
    expect(ran.stderr).toContain('listen.workers')
    expect(ran.stderr).toContain('live in one process')
  })

  it('does not hide that the port is taken', async () => {
    const ran = await runPortero(['serve'], {
      ...workersEnv,
      DATABASE_URL: '',
      PORTERO_DATA_DIR: `${portero.dataDir}-second`,
      PORT: String(portero.port),
    })
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain('another program listens there')
  })
})
