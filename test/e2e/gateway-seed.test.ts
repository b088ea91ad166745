import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, cookieHeader } from '../support/call.ts'
import { openPortero, type PorteroProcess } from '../support/portero-process.ts'

const secret = 'the secret that the seed puts into its file'
const phone = '+5511961234567'
const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

const curlIsMissing = (() => {
  try {
    execFileSync('curl', ['--version'])
    return undefined
  } catch {
    return 'curl is not installed here'
  }
})()

/** The commands of the seed, a shell reading them; only the port is another one, and no jq makes the answer pretty. */
async function shell(command: string, port: number): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', command.replaceAll(':8081', `:${port}`)])
  return stdout
}

describe('the gateway seed, followed step by step', () => {
  let portero: PorteroProcess
  beforeAll(async () => {
    portero = await openPortero({ OPENWEBUI_JWT_SECRET: secret })
  })
  afterAll(() => portero.dispose())

  it.skipIf(curlIsMissing)(
    `leads with its own three commands into the app behind${curlIsMissing ? ` (skipped: ${curlIsMissing})` : ''}`,
    async () => {
      const asked = JSON.parse(
        await shell(`curl -s -X POST -d 'phone=${phone}' http://127.0.0.1:8081/otp/request`, portero.port),
      )
      expect(Object.keys(asked).sort()).toEqual(
        ['challenge_id', 'channel', 'code', 'digits', 'expires_in', 'phone', 'resend_in'].sort(),
      )
      expect(asked).toMatchObject({ phone, digits: 6, expires_in: 300, resend_in: 30 })
      expect(asked.code).toMatch(/^\d{6}$/)

      const verified = JSON.parse(
        await shell(
          `curl -s -X POST http://127.0.0.1:8081/otp/verify \\
            -H 'Content-Type: application/json' \\
            -d '{"phone":"${phone}","code":"${asked.code}"}'`,
          portero.port,
        ),
      )
      expect(verified).toMatchObject({ token_type: 'Bearer', expires_in: 900 })
      expect(Object.keys(verified).sort()).toEqual(
        ['expires_in', 'refresh_token', 'token', 'token_type', 'user'].sort(),
      )
      expect(verified.user).toEqual({
        id: expect.stringMatching(uuid),
        ...{ phone, name: null, level: 'confirmed', role: null, others: [] },
      })

      const app = await shell(
        `curl -s -L -c - -A 'Mozilla/5.0' 'http://127.0.0.1:8081/signin?token=${verified.token}'`,
        portero.port,
      )
      expect(app).toContain('</html>')
      expect(app).toContain(verified.user.id)
      expect(app).toContain('x-auth-phone')
    },
  )

  it('reads a form in which the plus sign has become a space, and JSON that holds the same number', async () => {
    const form = await call(`${portero.url}/otp/request`, {
      body: 'phone=+5521961234567',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    const encoded = await call(`${portero.url}/otp/request`, { form: { phone: '+5521961234567' } })
    const json = await call(`${portero.url}/otp/request`, { json: { phone: '+55 (21) 96123-4567' } })
    expect([form.status, encoded.status, json.status]).toEqual([200, 200, 200])
    expect(form.json.phone).toBe('+5521961234567')
    expect([encoded.json.challenge_id, json.json.challenge_id]).toEqual([
      form.json.challenge_id,
      form.json.challenge_id,
    ])
    const asForm = await call(`${portero.url}/otp/verify`, {
      body: `phone=+5521961234567&code=${form.json.code}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(asForm.status).toBe(200)
  })

  it('gives a JWT with exactly the promised claims, which whoever has the secret can check', async () => {
    const { token, cookies, user } = await signIn(portero.url, '+5531961234567')
    expect(cookies['x-auth-phone']).toBe(token)
    const { payload, protectedHeader } = await jwtVerify(token, new TextEncoder().encode(secret), {
      audience: 'portero',
      algorithms: ['HS256'],
    })
    expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'at+jwt' })
    const now = Date.now() / 1000
    expect(payload).toEqual({
      iss: expect.stringMatching(/^urn:portero:/),
      aud: 'portero',
      sub: user.id,
      sid: expect.stringMatching(uuid),
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: payload.iat! + 900,
      auth_time: expect.any(Number),
      acr: 'verified',
      amr: ['otp', expect.stringMatching(/^(whatsapp|sms|voice)$/)],
      phone_number: '+5531961234567',
      phone_number_verified: true,
    })
    expect(Math.abs(now - payload.iat!)).toBeLessThan(60)
    expect(Math.abs(now - (payload.auth_time as number))).toBeLessThan(60)
    await expect(jwtVerify(token, new TextEncoder().encode(`${secret}.`))).rejects.toThrow()
  })

  it('puts the name into tokens as soon as the person has one', async () => {
    const first = await signIn(portero.url, '+5541961234567')
    expect(decodeJwt(first.token)).not.toHaveProperty('name')
    const named = await call(`${portero.url}/_portero/signin/name`, {
      form: { name: 'Ana Souza' },
      headers: { cookie: cookieHeader(first.cookies), origin: portero.url },
    })
    expect(named.status).toBe(303)
    const refreshed = await call(`${portero.url}/_portero/api/token/refresh`, {
      json: { refresh_token: first.refreshToken },
    })
    expect(decodeJwt(refreshed.json.token).name).toBe('Ana Souza')
    expect(decodeJwt(refreshed.json.token).sub).toBe(first.user.id)
  })

  it('opens the app by a link with a token for anybody but those who only look', async () => {
    const { token } = await signIn(portero.url, '+5551961234567')
    const link = `${portero.url}/signin?token=${token}`
    const opened = await call(`${link}&return=/there?x=1`)
    expect(opened.status).toBe(303)
    expect(opened.headers.location).toBe('/there?x=1')
    expect(opened.headers['referrer-policy']).toBe('no-referrer')
    expect(Object.keys(opened.cookies).sort()).toEqual(['portero', 'x-auth-phone'])
    const inside = await call(portero.url, { headers: { cookie: cookieHeader(opened.cookies) } })
    expect(inside.status).toBe(200)
    for (const options of [
      { method: 'HEAD' },
      { headers: { 'sec-purpose': 'prefetch' } },
      { headers: { 'user-agent': 'WhatsApp/2.23.20' } },
      { headers: { 'user-agent': 'facebookexternalhit/1.1' } },
    ]) {
      const looked = await call(link, options)
      expect([looked.status, looked.cookies]).toEqual([200, {}])
    }
    const abroad = await call(`${link}&return=//evil.example/`)
    expect(abroad.headers.location).toBe('/')
    const other = await signIn(portero.url, '+5561961234567')
    const asked = await call(link, { headers: { cookie: cookieHeader(other.cookies) } })
    expect([asked.status, asked.cookies]).toEqual([200, {}])
    expect(asked.text).toContain('<button')
    const fromElsewhere = await call(link, { headers: { 'sec-fetch-site': 'cross-site' } })
    expect([fromElsewhere.status, fromElsewhere.cookies]).toEqual([200, {}])
    const noToken = await call(`${portero.url}/signin`)
    expect(noToken.text).toContain('type="tel"')
  })
})

describe('a demo that nobody asked for by name', () => {
  let portero: PorteroProcess
  beforeAll(async () => {
    portero = await openPortero()
  })
  afterAll(() => portero.dispose())

  it('answers this machine alone, on every path', async () => {
    const paths = [
      '/',
      '/_portero/signin',
      '/_portero/demo',
      '/otp/request',
      '/_portero/auth',
      '/_portero/ready',
    ]
    for (const path of paths) {
      for (const headers of [
        { host: 'in.example.org' },
        { host: '192.168.0.7:8081' },
        { host: 'localhost.evil.example' },
        { host: '127.0.0.1.nip.io' },
        { 'x-forwarded-for': '203.0.113.7' },
        { 'x-forwarded-host': 'localhost' },
        { forwarded: 'for=127.0.0.1' },
        { via: '1.1 proxy' },
        { 'x-real-ip': '127.0.0.1' },
        { 'cf-connecting-ip': '127.0.0.1' },
      ]) {
        const answer = await call(`${portero.url}${path}`, { headers: { accept: 'text/html', ...headers } })
        expect([answer.status, answer.json.code], `${path} ${JSON.stringify(headers)}`).toEqual([
          403,
          'demo_is_local',
        ])
      }
    }
    for (const host of [
      'localhost',
      `localhost:${portero.port}`,
      '127.0.0.1',
      '[::1]:8081',
      'app.localhost',
    ]) {
      expect((await call(`${portero.url}/_portero/ready`, { headers: { host } })).status, host).toBe(200)
    }
  })

  it('signs tokens, without a shared secret, with a key that anybody can look up', async () => {
    const { token } = await signIn(portero.url, phone)
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', kid: expect.any(String) })
    const keys = createRemoteJWKSet(new URL(`${portero.url}/_portero/jwks.json`))
    const { payload } = await jwtVerify(token, keys, { audience: 'portero' })
    expect(payload.phone_number).toBe(phone)
    const published = await call(`${portero.url}/_portero/jwks.json`)
    expect(published.text).not.toContain('"d"')
  })
})

async function signIn(url: string, to: string) {
  const asked = await call(`${url}/otp/request`, { json: { phone: to } })
  const verified = await call(`${url}/otp/verify`, { json: { phone: to, code: asked.json.code } })
  expect(verified.status).toBe(200)
  const { token, refresh_token, user } = verified.json
  return { token: token as string, refreshToken: refresh_token as string, user, cookies: verified.cookies }
}
