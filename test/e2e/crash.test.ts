import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { type EchoUpstream, openEchoUpstream } from '../support/echo-upstream.ts'
import {
  databasePid,
  isAlive,
  openPortero,
  type PorteroProcess,
  printedCode,
  runPortero,
} from '../support/portero-process.ts'
import { freshPhone } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const rounds = 3
const peoplePerRound = 30

let upstream: EchoUpstream
let portero: PorteroProcess
let databaseUrl: string | undefined
beforeAll(async () => {
  upstream = await openEchoUpstream()
  portero = await openPortero({
    PORTERO_PUBLIC_URL: 'http://localhost:8081',
    PORTERO_DELIVERY__CONSOLE: 'true',
    PORTERO_PEOPLE__ADMISSION: 'open',
    PORTERO_LIMITS__PREFIX_SENDS_PER_HOUR: '100000',
    PORTERO_LIMITS__REGION_SENDS_PER_HOUR: '100000',
    OPENWEBUI_URL: upstream.url.href,
  })
})
afterAll(async () => {
  await portero.dispose()
  await upstream.close()
})

async function query(sql: string, params: unknown[] = []): Promise<Record<string, unknown>[]> {
  databaseUrl ??= (await portero.run('db', 'url')).stdout.trim()
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return (await client.query(sql, params)).rows
  } finally {
    await client.end()
  }
}

/** Each person calls from an address of their own, as people do. */
const addressOf = (phone: string) => `127.1.${Number(phone.slice(-4, -2))}.${Number(phone.slice(-2)) + 1}`

const request = (phone: string) =>
  call(`${portero.url}/otp/request`, { json: { phone }, from: addressOf(phone) }).catch(() => undefined)

const verify = (phone: string, code: string) =>
  call(`${portero.url}/otp/verify`, { json: { phone, code }, from: addressOf(phone) }).catch(() => undefined)

const me = (token: string) =>
  call(`${portero.url}/_portero/api/me`, { headers: { authorization: `Bearer ${token}` } })

/** How often the terminal got a message for this phone, and which codes stood in them. */
function messagesTo(phone: string): string[] {
  return portero
    .output()
    .split(`to ${phone}\n`)
    .slice(1)
    .map((text) => /\d{6}/.exec(text)![0])
}

async function newcomers(): Promise<{ phone: string; code: string }[]> {
  const phones = Array.from({ length: peoplePerRound }, freshPhone)
  await Promise.all(phones.map(request))
  return await Promise.all(phones.map(async (phone) => ({ phone, code: await printedCode(portero, phone) })))
}

describe('Portero killed in the middle of its work', () => {
  it(`keeps every session that it acknowledged, each once, over ${rounds} kills`, {
    timeout: 60_000,
  }, async () => {
    const acknowledged: { phone: string; token: string }[] = []
    const all: string[] = []
    let unanswered = 0
    for (let round = 0; round < rounds; round++) {
      const people = await newcomers()
      const asking = Array.from({ length: 20 }, freshPhone)
      all.push(...people.map(({ phone }) => phone), ...asking)
      // Killed as soon as so many have been told that they are in: each round at another moment of the storm.
      const enough = 1 + round * 9
      let told = 0
      let killed: Promise<void> | undefined
      const noting = (answer: Answer | undefined) => {
        if (answer?.status === 200 && ++told === enough) killed = portero.kill9()
        return answer
      }
      // Every code comes twice, as from a person who taps again, between people who only now ask for theirs.
      const attempts = people.flatMap(({ phone, code }) =>
        [verify(phone, code), verify(phone, code)].map((attempt) => attempt.then(noting)),
      )
      const requests = asking.map(request)
      const answers = (await Promise.all(attempts)).map((answer, i) => ({
        answer,
        phone: people[i >> 1]!.phone,
      }))
      await Promise.all(requests)
      await killed
      unanswered += answers.filter(({ answer }) => answer === undefined).length
      for (const { phone, answer } of answers) {
        if (answer?.status === 200) acknowledged.push({ phone, token: answer.json.token })
        else expect([401, undefined], answer?.text).toContain(answer?.status)
      }
      const restartedAt = portero.output().length
      expect(await databasePid(portero.dataDir)).toBeDefined()
      await portero.restart()
      expect(portero.output().slice(restartedAt)).toContain('adopted the embedded database that was running')
      for (const { phone, token } of acknowledged) {
        const seen = await me(token)
        expect([seen.status, seen.json.phone]).toEqual([200, phone])
      }
    }
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(unanswered, 'nothing was interrupted, so nothing was proved').toBeGreaterThan(0)
    expect(new Set(acknowledged.map(({ phone }) => phone)).size).toBe(acknowledged.length)

    const sessions = await query(
      `select c.phone, c.used_at is not null as is_used, count(s.id)::int as sessions
         from portero.challenges c left join portero.sessions s on s.challenge_id = c.id group by c.id`,
    )
    for (const row of sessions) expect(row.sessions).toBe(row.is_used ? 1 : 0)
    const people = await query(
      `select phone, count(*)::int as n from portero.phone_people group by phone having count(*) > 1`,
    )
    expect(people).toEqual([])

    // What was about to be sent when Portero died goes out once more, with the same code.
    await query(`update portero.deliveries set calling_until = clock_timestamp() where state = 'calling'`)
    for (let i = 0; i < 100; i++) {
      const [open] = await query(`select count(*)::int as n from portero.deliveries where state = 'calling'`)
      if (open!.n === 0) break
      await sleep(100)
    }
    for (const phone of all) {
      const codes = messagesTo(phone)
      expect(codes.length).toBeLessThanOrEqual(2)
      expect(new Set(codes).size).toBeLessThanOrEqual(1)
    }
    const [states] = await query(
      `select count(*) filter (where attempts > 2)::int as often, count(*) filter (where state = 'calling')::int as open
         from portero.deliveries`,
    )
    expect(states).toEqual({ often: 0, open: 0 })
  })

  it('sends once more, and only once, what was in the hands of a process that died', async () => {
    const phone = freshPhone()
    await request(phone)
    const code = await printedCode(portero, phone)
    await sleep(50)
    const orphan = `update portero.deliveries set state = 'calling', settled_at = null, calling_until = clock_timestamp()
                     where phone = $1`
    await query(orphan, [phone])
    for (let i = 0; i < 120 && messagesTo(phone).length < 2; i++) await sleep(50)
    expect(messagesTo(phone)).toEqual([code, code])
    await query(orphan, [phone])
    const stateOf = async () =>
      (await query('select state from portero.deliveries where phone = $1', [phone]))[0]!.state
    for (let i = 0; i < 80 && (await stateOf()) === 'calling'; i++) await sleep(100)
    expect(await stateOf()).toBe('unknown')
    expect(messagesTo(phone)).toEqual([code, code])
    expect((await verify(phone, code))?.status).toBe(200)
  })
})

describe('the data folder', () => {
  it('is refused to a second Portero with a sentence and exit code 1', async () => {
    const second = await runPortero(['serve'], { ...portero.env, PORT: '0' })
    expect(second.code).toBe(1)
    expect(second.stderr).toContain('Another Portero already uses the data folder')
    expect(second.stderr).not.toMatch(/ {4}at |Error:/)
    expect((await call(`${portero.url}/_portero/ready`)).status).toBe(200)
  })
})

describe('Portero told to stop', () => {
  it('while it still starts stops as well, and leaves no database behind', async () => {
    const folder = await temporaryFolder()
    const dataDir = `${folder.path}/data`
    let pid: number | undefined
    const ran = await runPortero(['serve'], { PORTERO_DATA_DIR: dataDir, PORT: '0' }, (output, child) => {
      if (pid !== undefined || !output.includes('started the embedded database')) return
      pid = child.pid!
      child.kill('SIGTERM')
    })
    expect(ran.code).toBe(0)
    expect(pid).toBeDefined()
    expect(await databasePid(dataDir)).toBeUndefined()
    await folder.remove()
  })

  it('finishes what it has accepted, loses no session, and leaves nothing running', async () => {
    const people = await newcomers()
    const [first, ...others] = people
    const signedIn = (await verify(first!.phone, first!.code))!
    const headers = { authorization: `Bearer ${signedIn.json.token}` }
    const slow = Array.from({ length: 20 }, () => call(`${portero.url}/slow?ms=700`, { headers }))
    while (upstream.requests.filter(({ target }) => target.startsWith('/slow')).length < 20) await sleep(5)
    const attempts = others.map(({ phone, code }) => verify(phone, code))
    await sleep(8)
    const pid = (await databasePid(portero.dataDir))!
    const code = await portero.stop()
    expect(code).toBe(0)
    expect(isAlive(pid)).toBe(false)
    expect(await databasePid(portero.dataDir)).toBeUndefined()
    expect((await Promise.all(slow)).map(({ status, text }) => `${status} ${text}`)).toEqual(
      Array(20).fill('200 late'),
    )
    const answered = (await Promise.all(attempts)).filter((answer): answer is Answer => answer !== undefined)
    expect(answered.length).toBeGreaterThan(0)
    expect(answered.map(({ status }) => status)).toEqual(answered.map(() => 200))

    await portero.restart()
    const phones = others.map(({ phone }) => phone)
    const rows = await query('select from portero.sessions where phone = any($1)', [phones])
    // A session that nobody was told of would be an accepted request that was dropped.
    expect(rows).toHaveLength(answered.length)
    for (const { json } of answered) expect((await me(json.token)).status).toBe(200)
    expect(portero.output()).not.toMatch(/"level":(40|50|60)/)
  })
})
