import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { freshPhone, requestCode, rowCounts, wrongCode } from '../support/sign-in.ts'

/** The demo widens what is counted by address a hundredfold. */
const perAddress = 100

let portero: PorteroInProcess
beforeAll(async () => {
  portero = await openPorteroInProcess({
    PORTERO_LIMITS__ADDRESS_SENDS_PER_HOUR: '1',
    PORTERO_LIMITS__ADDRESS_GUESSES_PER_10_MINUTES: '1',
    PORTERO_LIMITS__PREFIX_SENDS_PER_HOUR: '100000',
    PORTERO_LIMITS__SERVICE_WRONG_GUESSES_PER_HOUR: '100000',
    PORTERO_LISTEN__TRUSTED_PROXIES: '127.0.0.7',
  })
})
afterAll(() => portero.close())

const verify = (json: object, options: object = {}) => call(`${portero.url}/otp/verify`, { json, ...options })

/** Moves what is kept of a phone's challenges into the past, as time would. */
async function pass(phone: string, seconds: number): Promise<void> {
  const by = `interval '${seconds} seconds'`
  await portero.database.query(
    `update portero.challenges set created_at = created_at - ${by}, resend_at = resend_at - ${by},
       expires_at = expires_at - ${by}, dies_at = dies_at - ${by} where phone = $1`,
    [phone],
  )
  await portero.database.query(`update portero.sends set at = at - ${by} where phone = $1`, [phone])
  await portero.database.query(`update portero.guesses set at = at - ${by} where phone = $1`, [phone])
}

describe('a code', () => {
  it('is good until five minutes have passed, and not a second longer', async () => {
    const [early, late] = [freshPhone(), freshPhone()]
    const good = await requestCode(portero.url, early)
    const dead = await requestCode(portero.url, late)
    await pass(early, 295)
    await pass(late, 301)
    expect((await verify({ phone: late, code: dead.code })).status).toBe(401)
    expect((await verify({ phone: early, code: good.code })).status).toBe(200)
  })

  it('stays the same when it is sent again, after 30, 60, 120 seconds, and for ten minutes at the most', async () => {
    const phone = freshPhone()
    const first = await requestCode(portero.url, phone)
    for (const wait of [30, 60, 120]) {
      const early = await call(`${portero.url}/otp/request`, { json: { phone } })
      expect(Number(early.headers['retry-after'])).toBeGreaterThan(wait - 5)
      await pass(phone, wait)
      const again = await call(`${portero.url}/otp/request`, { json: { phone } })
      expect(again.headers).not.toHaveProperty('retry-after')
      expect(again.json).toMatchObject({ challenge_id: first.challenge_id, code: first.code })
      expect(again.json.expires_in).toBe(300)
    }
    await pass(phone, 301)
    expect((await verify({ phone, code: first.code })).status).toBe(401)

    const patient = freshPhone()
    const one = await requestCode(portero.url, patient)
    for (const left of [300, 200]) {
      await pass(patient, 200)
      const again = await call(`${portero.url}/otp/request`, { json: { phone: patient } })
      expect(again.json.code).toBe(one.code)
      expect(Math.abs(again.json.expires_in - left)).toBeLessThan(30)
    }
    await pass(patient, 201)
    expect((await verify({ phone: patient, code: one.code })).status).toBe(401)
  })

  it('is answered in one way when it is wrong, used, dead, expired, or of no challenge at all', async () => {
    const answers: Answer[] = []
    const used = freshPhone()
    const one = await requestCode(portero.url, used)
    answers.push(await verify({ phone: used, code: wrongCode(one.code) }))
    expect((await verify({ phone: used, code: one.code })).status).toBe(200)
    answers.push(await verify({ phone: used, code: one.code }))
    answers.push(await verify({ phone: used, code: one.code, challenge_id: one.challenge_id }))
    const burnt = freshPhone()
    const two = await requestCode(portero.url, burnt)
    for (let i = 1; i <= 5; i++) answers.push(await verify({ phone: burnt, code: wrongCode(two.code, i) }))
    answers.push(await verify({ phone: burnt, code: two.code }))
    const expired = freshPhone()
    const three = await requestCode(portero.url, expired)
    await pass(expired, 400)
    answers.push(await verify({ phone: expired, code: three.code }))
    answers.push(await verify({ phone: freshPhone(), code: '123456' }))
    answers.push(await verify({ phone: used, code: '123456', challenge_id: 'AAAAAAAAAAAAAAAAAAAAAA' }))
    answers.push(await verify({ phone: used, code: 'not a code' }))
    answers.push(await verify({ phone: used, code: '1234567' }))
    const shapes = answers.map(({ status, headers, json }) => {
      const { date, ...rest } = headers
      return JSON.stringify({ status, headers: rest, json: { ...json, reference: '' } })
    })
    expect(new Set(shapes).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 401, json: { code: 'invalid_code' } })
  })

  it('is forgiven its spaces and dashes', async () => {
    const phone = freshPhone()
    const { code } = await requestCode(portero.url, phone)
    expect((await verify({ phone, code: ` ${code.slice(0, 3)}-${code.slice(3)} ` })).status).toBe(200)
  })
})

describe('the budget of an address', () => {
  it('lets exactly as many through as it holds when twice as many come at once, and charges no refusal', async () => {
    const answers = await Promise.all(
      Array.from({ length: 2 * perAddress }, () =>
        call(`${portero.url}/otp/request`, { json: { phone: freshPhone() }, from: '127.0.4.1' }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(perAddress)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(perAddress)
    const { 'portero.access_log': _, ...before } = await rowCounts(portero.database)
    const refused = await call(`${portero.url}/otp/request`, {
      json: { phone: freshPhone() },
      from: '127.0.4.1',
    })
    expect([refused.status, refused.json.code]).toEqual([429, 'too_many_codes'])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3000)
    const {
      'portero.access_log': __,
      'portero.phone_guards': guards,
      ...after
    } = await rowCounts(portero.database)
    expect({ ...after, 'portero.phone_guards': before['portero.phone_guards'] }).toEqual(before)
    expect(guards).toBeLessThanOrEqual(before['portero.phone_guards']! + 1)
  })

  it('is given back by those who verify', async () => {
    const phone = freshPhone()
    await portero.database.query(
      `update portero.sends set verified_at = clock_timestamp()
        where ctid = (select ctid from portero.sends where address_key = '127.0.4.1' limit 1)`,
    )
    const { code } = await requestCode(portero.url, phone, { from: '127.0.4.1' })
    const more = () =>
      call(`${portero.url}/otp/request`, { json: { phone: freshPhone() }, from: '127.0.4.1' })
    expect((await more()).status).toBe(429)
    expect((await verify({ phone, code }, { from: '127.0.4.1' })).status).toBe(200)
    expect((await more()).status).toBe(200)
  })

  it('is one budget whatever a stranger writes into forwarding headers, and one for each client of a proxy that is trusted', async () => {
    const ask = (from: string, address: string) =>
      call(`${portero.url}/otp/request`, {
        json: { phone: freshPhone() },
        from,
        headers: {
          'x-forwarded-for': address,
          ...{ 'x-real-ip': address, forwarded: `for=${address}`, 'cf-connecting-ip': address },
          ...{ 'true-client-ip': address, 'portero-client-address': address },
        },
      })
    for (let i = 0; i < 3; i++) expect((await ask('127.0.4.1', `203.0.113.${i}`)).status).toBe(429)
    for (let i = 0; i < 3; i++) expect((await ask('127.0.0.7', `203.0.113.${i}`)).status).toBe(200)
    expect((await ask('127.0.0.7', '127.0.4.1')).status).toBe(429)
    // What a client wrote in front of what the proxy saw says nothing.
    expect((await ask('127.0.0.7', '198.51.100.1, 127.0.4.1')).status).toBe(429)
    const rows = await portero.database.query(
      `select distinct address_key from portero.sends where address_key not like '127.%' order by 1`,
    )
    expect(rows.map((row) => row.address_key)).toEqual(['203.0.113.0', '203.0.113.1', '203.0.113.2'])
  })

  it('of wrong codes is exact as well, and says when to come back', async () => {
    const phone = freshPhone()
    const answers = await Promise.all(
      Array.from({ length: 2 * perAddress }, () => verify({ phone, code: '123456' }, { from: '127.0.4.2' })),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(perAddress)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(perAddress)
    expect(refused[0]!.json.code).toBe('too_many_tries')
    expect(Number(refused[0]!.headers['retry-after'])).toBeGreaterThan(500)
    const { code } = await requestCode(portero.url, phone, { from: '127.0.4.3' })
    expect((await verify({ phone, code }, { from: '127.0.4.3' })).status).toBe(200)
  })
})
