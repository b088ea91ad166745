import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatPhone } from '../../src/domain/phones/phone-facts.ts'
import { canonicalPhone } from '../../src/domain/phones/phone-number.ts'
import { type Answer, call, cookieHeader } from '../support/call.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { demoEnv } from '../support/portero-in-process.ts'
import { openPortero, type PorteroProcess } from '../support/portero-process.ts'
import { freshPhone, requestCode, signInByApi, wrongCode } from '../support/sign-in.ts'

let database: TestDatabase
let portero: PorteroProcess
beforeAll(async () => {
  database = await testDatabase()
  portero = await openPortero(
    // The whole service would have longer codes after so many wrong ones.
    demoEnv(database, { PORTERO_LIMITS__SERVICE_WRONG_GUESSES_PER_HOUR: '100000' }),
  )
})
afterAll(async () => {
  await portero.dispose()
  await database.close()
})

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))

function tally(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

const verify = (json: object, options: object = {}) => call(`${portero.url}/otp/verify`, { json, ...options })

async function sessionsOf(phone: string): Promise<number> {
  return (await database.query(`select from portero.sessions where phone = $1`, [phone])).length
}

describe('a hundred at once', () => {
  // From as many addresses: what one address does is put in a row by its budget already.
  const from = (i: number) => ({ from: `127.0.5.${i + 1}` })

  it('with the right code open one session', async () => {
    const phone = freshPhone()
    const { code, challenge_id } = await requestCode(portero.url, phone)
    const answers = await Promise.all(times(100, (i) => verify({ phone, code, challenge_id }, from(i))))
    expect(tally(answers)).toEqual({ 200: 1, 401: 99 })
    expect(await sessionsOf(phone)).toBe(1)
    const people = await database.query(`select from portero.phone_people where phone = $1`, [phone])
    expect(people).toHaveLength(1)
    const late = await verify({ phone, code })
    expect([late.status, late.json.code]).toEqual([401, 'invalid_code'])
  })

  it('with wrong codes are compared five times, and the right one is dead afterwards', async () => {
    const phone = freshPhone()
    const { code, challenge_id } = await requestCode(portero.url, phone)
    const answers = await Promise.all(
      times(100, (i) => verify({ phone, code: wrongCode(code, i + 1), challenge_id }, from(i))),
    )
    expect(tally(answers)).toEqual({ 401: 100 })
    const [row] = await database.query(
      `select tries_left, (select count(*)::int from portero.guesses g where g.phone = c.phone) as compared
         from portero.challenges c where phone = $1`,
      [phone],
    )
    expect(row).toEqual({ tries_left: 0, compared: 5 })
    expect((await verify({ phone, code })).status).toBe(401)
    expect(await sessionsOf(phone)).toBe(0)
  })

  it('with all sorts of codes among them the right one open at most one session, and compare at most six', async () => {
    const phone = freshPhone()
    const { code, challenge_id } = await requestCode(portero.url, phone)
    const answers = await Promise.all(
      times(100, (i) =>
        verify({ phone, code: i % 20 === 3 ? code : wrongCode(code, i + 1), challenge_id }, from(i)),
      ),
    )
    const { 200: right = 0, ...rest } = tally(answers)
    expect(right).toBeLessThanOrEqual(1)
    expect(rest).toEqual({ 401: 100 - right })
    expect(await sessionsOf(phone)).toBe(right)
    const compared = await database.query(`select from portero.guesses where phone = $1`, [phone])
    expect(compared.length).toBeLessThanOrEqual(5)
  })

  it('that ask for a code from as many addresses get three challenges, and the rest are told to wait', async () => {
    const phone = freshPhone()
    const answers = await Promise.all(
      times(100, (i) => call(`${portero.url}/otp/request`, { json: { phone }, from: `127.0.2.${i + 1}` })),
    )
    expect(tally(answers)).toEqual({ 200: 3, 429: 97 })
    expect(new Set(answers.flatMap(({ json }) => json.challenge_id ?? [])).size).toBe(3)
  })

  it('that ask for one person’s first code from one place get one code', async () => {
    const phone = freshPhone()
    const answers = await Promise.all(
      times(100, () => call(`${portero.url}/otp/request`, { json: { phone } })),
    )
    expect(tally(answers)).toEqual({ 200: 100 })
    expect(new Set(answers.map(({ json }) => json.code)).size).toBe(1)
    expect(await database.query(`select from portero.deliveries where phone = $1`, [phone])).toHaveLength(1)
  })

  it('that end one session end it once', async () => {
    const { token } = await signInByApi(portero.url)
    const headers = { authorization: `Bearer ${token}` }
    const answers = await Promise.all(
      times(50, () => call(`${portero.url}/_portero/api/signout`, { json: {}, headers })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.every(({ status }) => [200, 401, 404].includes(status))).toBe(true)
  })
})

describe('refresh tokens', () => {
  const refresh = (token: string) =>
    call(`${portero.url}/_portero/api/token/refresh`, { json: { refresh_token: token } })

  it('presented fifty times at once give one next generation, the same to everybody', async () => {
    const person = await signInByApi(portero.url)
    const answers = await Promise.all(times(50, () => refresh(person.refreshToken)))
    expect(tally(answers)).toEqual({ 200: 50 })
    expect(new Set(answers.map(({ json }) => json.refresh_token)).size).toBe(1)
    const { sid } = decodeJwt(person.token)
    expect(await database.query('select generation from portero.sessions where id = $1', [sid])).toEqual([
      { generation: 2 },
    ])
    const next = await refresh(answers[0]!.json.refresh_token)
    expect(next.json.refresh_token).not.toBe(answers[0]!.json.refresh_token)
  })

  it('that are two generations old end the whole family, here and after a restart', async () => {
    const person = await signInByApi(portero.url)
    const second = (await refresh(person.refreshToken)).json
    const third = (await refresh(second.refresh_token)).json
    expect((await refresh(person.refreshToken)).status).toBe(401)
    for (const token of [third.refresh_token, second.refresh_token])
      expect((await refresh(token)).status).toBe(401)
    for (const token of [person.token, second.token, third.token]) {
      const me = await call(`${portero.url}/_portero/api/me`, {
        headers: { authorization: `Bearer ${token}` },
      })
      expect(me.status).toBe(401)
    }
  })

  it('whose answer was lost give it again, until something of it was used', async () => {
    const person = await signInByApi(portero.url)
    const { sid } = decodeJwt(person.token)
    const next = (await refresh(person.refreshToken)).json
    const old = () =>
      database.query(
        `update portero.sessions set refreshed_at = refreshed_at - interval '1 hour' where id = $1`,
        [sid],
      )
    await old()
    const again = await refresh(person.refreshToken)
    expect([again.status, again.json.refresh_token]).toEqual([200, next.refresh_token])
    const me = await call(`${portero.url}/_portero/api/me`, {
      headers: { authorization: `Bearer ${next.token}` },
    })
    expect(me.status).toBe(200)
    await seen(String(sid))
    expect((await refresh(person.refreshToken)).status).toBe(401)
  })

  /** That a generation was seen is written in the background. */
  async function seen(sid: string): Promise<void> {
    for (let i = 0; i < 100; i++) {
      const [row] = await database.query(
        'select is_generation_seen as is from portero.sessions where id = $1',
        [sid],
      )
      if (row!.is === true) return
      await new Promise((next) => setTimeout(next, 10))
    }
    throw new Error('nobody noted that the generation was used')
  }
})

describe('what strangers do to a phone', () => {
  it('does not keep the owner’s known browser out, survives a restart, and lengthens the codes of strangers', async () => {
    const phone = freshPhone()
    const browser = await signInByPages(portero.url, phone)
    expect(browser.portero_device).toBeDefined()

    // Strangers use up every try and every send that strangers have.
    let guesses = 0
    for (let i = 0; i < 12; i++) {
      const from = `127.0.3.${i + 1}`
      const asked = await call(`${portero.url}/otp/request`, { json: { phone }, from })
      if (asked.status === 429) {
        // What holds them back is moved into the past, but not out of the day.
        await database.query(`update portero.sends set at = at - interval '61 minutes' where phone = $1`, [
          phone,
        ])
        await database.query(
          `update portero.challenges set expires_at = clock_timestamp() where phone = $1`,
          [phone],
        )
        i -= 1
        if (
          (await database.query(`select from portero.sends where phone = $1 and device_id is null`, [phone]))
            .length >= 12
        )
          break
        continue
      }
      expect(asked.status).toBe(200)
      expect(asked.json.digits, `after ${guesses} guesses`).toBe(guesses >= 15 ? 8 : 6)
      const { code } = asked.json
      const answers = await Promise.all(
        times(6, (n) => verify({ phone, code: wrongCode(code, n + 1) }, { from })),
      )
      expect(tally(answers)).toEqual({ 401: 6 })
      guesses += 5
    }
    expect(guesses).toBeGreaterThanOrEqual(50)
    const stranger = () => call(`${portero.url}/otp/request`, { json: { phone }, from: '127.0.3.99' })
    expect((await stranger()).status).toBe(429)

    await portero.stop()
    await portero.restart()

    const still = await stranger()
    expect([still.status, still.json.code]).toEqual([429, 'too_many_codes'])
    const { n } = (
      await database.query<{ n: number }>(`select count(*)::int as n from portero.guesses where phone = $1`, [
        phone,
      ])
    )[0]!
    expect(n).toBe(guesses)
    const back = await signInByPages(portero.url, phone, { portero_device: browser.portero_device! })
    expect(back.portero).toBeDefined()
  })
})

/** Signs in as a browser without script does, with the cookies that it has already; answers those that it has then. */
async function signInByPages(url: string, phone: string, known: Record<string, string> = {}) {
  const jar = { ...known }
  const post = async (path: string, form: Record<string, string>) => {
    const headers = { cookie: cookieHeader(jar), origin: url, 'sec-fetch-site': 'same-origin' }
    const answer = await call(`${url}${path}`, { form, headers })
    Object.assign(jar, answer.cookies)
    return answer
  }
  const asked = await post('/_portero/signin/phone', { phone, country: 'BR' })
  expect(asked.status, asked.text.slice(0, 300)).toBe(303)
  const code = await codeOnPhone(url, phone)
  const entered = await post('/_portero/signin/code', { code })
  expect(entered.status, `${code} ${entered.text.slice(0, 200)}`).toBe(303)
  return jar
}

/** The code on the simulated phone, a moment after it was asked for: messages go out after the answer. */
async function codeOnPhone(url: string, phone: string): Promise<string> {
  for (let tries = 0; tries < 40; tries++) {
    const page = await call(`${url}/_portero/demo?phone=${encodeURIComponent(phone)}`)
    const [, code] = /data-code="?(\d{6,8})"?/.exec(page.text) ?? []
    // Until the first one arrives, the page shows those of everybody.
    if (code !== undefined && page.text.includes(formatPhone(canonicalPhone(phone)))) return code
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('no code arrived on the phone')
}
