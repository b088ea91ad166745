import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { call } from '../support/call.ts'
import { command } from '../support/command.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type EchoUpstream, openEchoUpstream } from '../support/echo-upstream.ts'
import { type FaultyLink, openFaultyLink } from '../support/faulty-link.ts'
import { demoEnv } from '../support/portero-in-process.ts'
import { openPortero, type PorteroProcess, runPortero } from '../support/portero-process.ts'
import { freshPhone, rowCounts, type SignedInByApi, signInByApi } from '../support/sign-in.ts'

let database: TestDatabase
let upstream: EchoUpstream
let a: PorteroProcess
let b: PorteroProcess
beforeAll(async () => {
  database = await testDatabase()
  upstream = await openEchoUpstream()
  const env = demoEnv(database, { OPENWEBUI_URL: upstream.url.href })
  ;[a, b] = await Promise.all([openPortero(env), openPortero(env)])
})
afterAll(async () => {
  await Promise.all([a.dispose(), b.dispose()])
  await upstream.close()
  await database.close()
})

/** A websocket through a replica, and how it ends. */
async function openSocket(portero: PorteroProcess, person: SignedInByApi) {
  const socket = new WebSocket(`ws://127.0.0.1:${portero.port}/ws`, { headers: { cookie: person.cookie } })
  const closed = new Promise<{ code: number; at: number }>((resolve) => {
    socket.on('close', (code) => resolve({ code, at: performance.now() }))
  })
  await new Promise((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
  })
  const echoed = new Promise((resolve) => socket.on('message', (data) => resolve(String(data))))
  socket.send('hello')
  expect(await echoed).toBe('hello')
  return { closed }
}

/** A second is what is promised; a busy machine adds to it. */
const secondMs = 2500
const doors = ['/_portero/auth', '/_portero/api/me', '/kilobyte']

async function statusesAt(portero: PorteroProcess, person: SignedInByApi): Promise<number[]> {
  const headers = { cookie: person.cookie }
  const answers = await Promise.all(doors.map((path) => call(`${portero.url}${path}`, { headers })))
  return answers.map(({ status }) => status)
}

/** Milliseconds until every door of a replica is shut to somebody who was let in before. */
async function untilRefused(portero: PorteroProcess, person: SignedInByApi, since: number): Promise<number> {
  for (;;) {
    const statuses = await statusesAt(portero, person)
    if (statuses.every((status) => status === 401)) return performance.now() - since
    if (performance.now() - since > 5000) return Number.POSITIVE_INFINITY
    await sleep(10)
  }
}

const endings: [string, (person: SignedInByApi) => Promise<unknown>][] = [
  [
    'is signed out on the other replica',
    (person) => call(`${a.url}/_portero/api/signout`, { json: {}, headers: { cookie: person.cookie } }),
  ],
  [
    'signs out everywhere',
    async (person) => {
      const { token } = await signInByApi(a.url, person.phone)
      const headers = { authorization: `Bearer ${token}` }
      return call(`${a.url}/_portero/api/signout`, { json: { everywhere: true }, headers })
    },
  ],
  [
    'is deleted from the people by SQL',
    (person) => database.query('delete from public.usuarios where id = $1', [person.personId]),
  ],
  ['is deleted from the people within a longer transaction', async (person) => deleteSlowly(person.personId)],
]

async function deleteSlowly(id: string): Promise<void> {
  await database.query(
    `do $$ begin
       delete from public.usuarios where id = '${id}';
       perform pg_sleep(0.7);
     end $$`,
  )
}

describe('a person who is known to one replica', () => {
  for (const [what, end] of endings) {
    it(`and ${what} is refused there within a second, and their websocket is closed`, async () => {
      const person = await signInByApi(a.url)
      expect(await statusesAt(b, person)).toEqual([200, 200, 200])
      const socket = await openSocket(b, person)
      // Another revocation in between must not hide this one.
      await call(`${a.url}/_portero/api/signout`, {
        json: {},
        headers: { cookie: (await signInByApi(a.url)).cookie },
      })
      await end(person)
      const endedAt = performance.now()
      expect(await untilRefused(b, person, endedAt)).toBeLessThan(secondMs)
      expect(await untilRefused(a, person, endedAt)).toBeLessThan(secondMs)
      const { code, at } = await socket.closed
      expect(code).toBe(1008)
      expect(at - endedAt).toBeLessThan(5000)
    })
  }

  it('and is blocked by the command line is refused by both, signs in no more, and does again when unblocked', async () => {
    const person = await signInByApi(a.url)
    expect(await statusesAt(b, person)).toEqual([200, 200, 200])
    const sockets = [await openSocket(a, person), await openSocket(b, person)]
    expect((await command(a.env, 'people', 'block', person.phone)).code).toBe(0)
    const endedAt = performance.now()
    expect(await untilRefused(a, person, endedAt)).toBeLessThan(secondMs)
    expect(await untilRefused(b, person, endedAt)).toBeLessThan(secondMs)
    for (const { closed } of sockets) expect((await closed).code).toBe(1008)
    const again = await signInByApi(b.url, person.phone).catch((error: Error) => error.message)
    expect(again).toContain('person_blocked')
    expect((await command(a.env, 'people', 'unblock', person.phone)).code).toBe(0)
    const back = await signInByApi(b.url, person.phone)
    expect(back.personId).toBe(person.personId)
    expect(await statusesAt(a, person)).toEqual([401, 401, 401])
  })

  it('and gets another role or name has it on the other within a second, without signing in again', async () => {
    const person = await signInByApi(a.url)
    expect(await statusesAt(b, person)).toEqual([200, 200, 200])
    expect(
      (
        await command(
          a.env,
          'people',
          'set',
          person.phone,
          '--name',
          'Ana Souza',
          '--role',
          'editor',
          '--groups',
          'x,y',
        )
      ).code,
    ).toBe(0)
    await sleep(1000)
    for (const portero of [a, b]) {
      const { headers } = await call(`${portero.url}/_portero/auth`, { headers: { cookie: person.cookie } })
      expect(headers).toMatchObject({
        'x-portero-name': 'Ana%20Souza',
        'x-portero-role': 'editor',
        'x-portero-groups': 'x,y',
      })
    }
  })
})

describe('a code', () => {
  it('asked for at one replica is good at the other, once', async () => {
    const phone = freshPhone()
    const { code } = (await call(`${a.url}/otp/request`, { json: { phone } })).json
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        call(`${(i % 2 ? a : b).url}/otp/verify`, { json: { phone, code } }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await database.query('select from portero.sessions where phone = $1', [phone])).toHaveLength(1)
  })
})

describe('a replica with other keys', () => {
  it('refuses to start, and names what to do', async () => {
    const before = await rowCounts(database)
    const ran = await runPortero(['serve'], {
      ...demoEnv(database),
      PORTERO_KEYS__SECRETS: 'another secret that is quite long enough as well',
    })
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain('Give it the same secrets (keys.secrets')
    expect(ran.stderr).not.toMatch(/ {4}at |another secret/)
    expect(await rowCounts(database)).toEqual(before)
  })
})

describe('the database away', () => {
  let link: FaultyLink
  let portero: PorteroProcess
  let person: SignedInByApi
  beforeAll(async () => {
    const [, folder, port] = /host=([^&]+)&port=(\d+)/.exec(database.url)!
    link = await openFaultyLink({ path: `${decodeURIComponent(folder!)}/.s.PGSQL.${port}` })
    const url = database.url.replace('@/', `@127.0.0.1:${link.port}/`).replace(/\?.*/, '')
    portero = await openPortero(demoEnv({ url }))
    person = await signInByApi(portero.url)
  })
  afterAll(async () => {
    await link.mend()
    await portero.dispose()
    await link.close()
  })

  const ask = () => call(`${portero.url}/otp/request`, { json: { phone: freshPhone() } })

  async function untilBack(since: number): Promise<number> {
    for (;;) {
      const statuses = [(await ask()).status, (await call(`${portero.url}/_portero/ready`)).status]
      const auth = await call(`${portero.url}/_portero/auth`, { headers: { cookie: person.cookie } })
      if ([...statuses, auth.status].every((status) => status === 200)) return performance.now() - since
      if (performance.now() - since > 10_000) return Number.POSITIVE_INFINITY
      await sleep(20)
    }
  }

  for (const [how, go] of [
    ['gone', () => link.cut()],
    ['silent', async () => link.silence()],
  ] as const) {
    it(`and ${how}: a plain 503 within a second, then at once, then shut for everybody, and back within two`, async () => {
      await go()
      const first = await ask()
      expect([first.status, first.json.code]).toEqual([503, 'database_unavailable'])
      expect(first.ms).toBeLessThan(secondMs)
      expect(Number(first.headers['retry-after'])).toBeGreaterThan(0)
      const later: number[] = []
      for (let i = 0; i < 20; i++) {
        const answer = await ask()
        expect(answer.status).toBe(503)
        later.push(answer.ms)
      }
      // None of them waits as the first one may.
      expect(later.toSorted((x, y) => x - y)[10]).toBeLessThan(secondMs / 10)
      expect((await call(`${portero.url}/_portero/ready`)).status).toBe(503)
      expect((await call(`${portero.url}/_portero/health`)).status).toBe(200)
      // Who was known before is let in for as long as revocations can still be known, and not for longer.
      await sleep(3200)
      const auth = await call(`${portero.url}/_portero/auth`, { headers: { cookie: person.cookie } })
      expect([auth.status, auth.json.code]).toEqual([503, 'revocations_unknown'])
      const stranger = await call(`${portero.url}/_portero/auth`)
      expect(stranger.status).toBe(401)
      await link.mend()
      expect(await untilBack(performance.now())).toBeLessThan(2 * secondMs)
    })
  }
})
