import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { command } from '../support/command.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { openPortero, type PorteroProcess, printedCode, productionEnv } from '../support/portero-process.ts'
import { freshPhone, wrongCode } from '../support/sign-in.ts'

/** An answer without what differs each time. */
function shapeOf({ status, headers, json }: Answer): object {
  const { date, ...rest } = headers
  return { status, headers: rest, json: { ...json, challenge_id: 'id', phone: 'phone' } }
}

describe('outside the demo', () => {
  let database: TestDatabase
  let portero: PorteroProcess
  const listed = freshPhone()
  const unlisted = freshPhone()
  const blocked = freshPhone()
  beforeAll(async () => {
    database = await testDatabase()
    portero = await openPortero(
      productionEnv(database.url, {
        PORTERO_PEOPLE__ADMISSION: 'known',
        PORTERO_LIMITS__ADDRESS_SENDS_PER_HOUR: '4',
        PORTERO_LISTEN__TRUSTED_PROXIES: '127.0.0.5',
      }),
    )
    for (const phone of [listed, blocked])
      expect((await command(portero.env, 'people', 'add', phone)).code).toBe(0)
    expect((await command(portero.env, 'people', 'block', blocked)).code).toBe(0)
  })
  afterAll(async () => {
    await portero.dispose()
    await database.close()
  })

  it('answers for a listed, an unlisted and a blocked number byte for byte the same, and sends to the first alone', async () => {
    const ask = async (phone: string, from: string) =>
      shapeOf(await call(`${portero.url}/otp/request`, { json: { phone }, from }))
    const one = await ask(listed, '127.0.1.1')
    expect(one).toMatchObject({ status: 200 })
    expect(JSON.stringify(one)).not.toContain('"code"')
    expect(await ask(unlisted, '127.0.1.2')).toEqual(one)
    expect(await ask(blocked, '127.0.1.3')).toEqual(one)
    const again = await ask(listed, '127.0.1.1')
    expect(await ask(unlisted, '127.0.1.2')).toEqual(again)
    const code = await printedCode(portero, listed)
    expect(portero.output()).not.toContain(unlisted)
    const wrong = await call(`${portero.url}/otp/verify`, {
      json: { phone: listed, code: wrongCode(code) },
      from: '127.0.1.1',
    })
    for (const [phone, from] of [
      [unlisted, '127.0.1.2'],
      [blocked, '127.0.1.3'],
      [freshPhone(), '127.0.1.4'],
    ] as const) {
      const answer = await call(`${portero.url}/otp/verify`, { json: { phone, code: wrongCode(code) }, from })
      expect(shapeOf({ ...answer, json: { ...answer.json, reference: '' } })).toEqual(
        shapeOf({ ...wrong, json: { ...wrong.json, reference: '' } }),
      )
    }
    expect(
      (await call(`${portero.url}/otp/verify`, { json: { phone: listed, code }, from: '127.0.1.1' })).status,
    ).toBe(200)
  })

  it('tells a blocked person only after the right code', async () => {
    const code = await printedCode(portero, blocked)
    const answer = await call(`${portero.url}/otp/verify`, {
      json: { phone: blocked, code },
      from: '127.0.1.3',
    })
    expect([answer.status, answer.json.code]).toEqual([403, 'person_blocked'])
  })

  it('counts by the address of the person whom a program with an API key speaks for', async () => {
    const created = await command(portero.env, 'keys', 'create', '--name', 'bot', '--scope', 'otp')
    const [key = ''] = created.stdout.split('\n')
    const ask = (headers: Record<string, string>, from?: string) =>
      call(`${portero.url}/otp/request`, {
        json: { phone: freshPhone() },
        headers,
        ...(from === undefined ? {} : { from }),
      })
    const authorization = `Bearer ${key}`
    const at = (address: string) => ({ authorization, 'portero-client-address': address })
    for (let i = 0; i < 4; i++) expect((await ask(at('203.0.113.7'))).status).toBe(200)
    const refused = await ask(at('203.0.113.7'))
    expect([refused.status, refused.json.code]).toEqual([429, 'too_many_codes'])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3000)
    expect((await ask(at('203.0.113.8'))).status).toBe(200)
    for (let i = 0; i < 4; i++) expect((await ask(at(`2001:db8::${i + 1}`))).status).toBe(200)
    expect((await ask(at('2001:db8::ffff:0:1'))).status).toBe(429)
    expect((await ask(at('2001:db8:0:1::1'))).status).toBe(200)
    expect((await ask(at('not an address'))).json.code).toBe('invalid_request')
    // Without a key the header says nothing: each of these is counted at the address that it came from.
    const claim = { 'portero-client-address': '203.0.113.99', 'x-forwarded-for': '203.0.113.98' }
    for (let i = 0; i < 4; i++) expect((await ask(claim, '127.0.1.30')).status).toBe(200)
    expect((await ask({}, '127.0.1.30')).status).toBe(429)
    const rows = await database.query(
      `select distinct address_key from portero.sends where address_key like '203.%'`,
    )
    expect(rows.map((row) => row.address_key).sort()).toEqual(['203.0.113.7', '203.0.113.8'])
  })

  it('binds a challenge to the API key that asked for it', async () => {
    const phone = freshPhone()
    expect((await command(portero.env, 'people', 'add', phone)).code).toBe(0)
    const keyOf = async () =>
      (await command(portero.env, 'keys', 'create', '--name', 'one more', '--scope', 'otp')).stdout.split(
        '\n',
      )[0]!
    const [mine, other] = [await keyOf(), await keyOf()]
    const headers = { authorization: `Bearer ${mine}`, 'portero-client-address': '203.0.113.20' }
    expect((await call(`${portero.url}/otp/request`, { json: { phone }, headers })).status).toBe(200)
    const code = await printedCode(portero, phone)
    const verify = (authorization: string | undefined, address: string) =>
      call(`${portero.url}/otp/verify`, {
        json: { phone, code },
        headers: authorization === undefined ? {} : { authorization, 'portero-client-address': address },
      })
    expect((await verify(undefined, '')).status).toBe(401)
    expect((await verify(`Bearer ${other}`, '203.0.113.20')).status).toBe(401)
    const signedIn = await verify(`Bearer ${mine}`, '203.0.113.21')
    expect(signedIn.status).toBe(200)
    const [row] = await database.query(`select address from portero.sessions where phone = $1`, [phone])
    expect(row).toEqual({ address: '203.0.113.21' })
  })

  it('takes no key that is unknown, revoked, or for something else', async () => {
    const [key = ''] = (
      await command(portero.env, 'keys', 'create', '--name', 'old', '--scope', 'otp')
    ).stdout.split('\n')
    const ask = (authorization: string) =>
      call(`${portero.url}/otp/request`, {
        json: { phone: freshPhone() },
        headers: { authorization },
        from: '127.0.1.40',
      })
    expect((await ask(`Bearer ${key}`)).status).toBe(200)
    await database.query(`update portero.api_keys set scopes = '{}' where name = 'old'`)
    expect([(await ask(`Bearer ${key}`)).status, (await ask(`Bearer ${key}`)).json.code]).toEqual([
      403,
      'scope_missing',
    ])
    const { stdout } = await command(portero.env, 'keys', 'list')
    const id = stdout
      .split('\n')
      .find((line) => line.includes('old'))!
      .split('\t')[0]!
    expect((await command(portero.env, 'keys', 'revoke', id)).code).toBe(0)
    for (const authorization of [
      `Bearer ${key}`,
      `Bearer ${key.slice(0, -1)}x`,
      'Bearer portero_key_x',
      'Basic YTpi',
      'x',
    ]) {
      const answer = await ask(authorization)
      expect([answer.status, answer.json.code], authorization).toEqual([401, 'invalid_api_key'])
    }
    expect(
      (await call(`${portero.url}/_portero/api/me`, { headers: { authorization: `Bearer ${key}` } })).status,
    ).toBe(401)
  })

  it('signs nobody in whose code would travel in the clear', async () => {
    const clear = { 'x-forwarded-for': '203.0.113.50', 'x-forwarded-proto': 'http' }
    for (const [path, json] of [
      ['/otp/request', { phone: listed }],
      ['/otp/verify', { phone: listed, code: '123456' }],
      ['/_portero/api/token/refresh', { refresh_token: 'x' }],
    ] as const) {
      const answer = await call(`${portero.url}${path}`, { json, headers: clear, from: '127.0.0.5' })
      expect([answer.status, answer.json.code], path).toEqual([403, 'insecure_transport'])
    }
    const page = await call(`${portero.url}/_portero/signin`, { headers: clear, from: '127.0.0.5' })
    expect(page.status).toBe(403)
    const https = await call(`${portero.url}/otp/request`, {
      json: { phone: listed },
      headers: { ...clear, 'x-forwarded-proto': 'https' },
      from: '127.0.0.5',
    })
    expect(https.status).toBe(200)
  })
})
