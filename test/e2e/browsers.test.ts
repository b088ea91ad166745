import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiRoutes } from '../../src/api/api.ts'
import { paths } from '../../src/pages/parts.ts'
import { call, cookieHeader } from '../support/call.ts'
import { openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { freshPhone, rowCounts, type SignedInByApi, signInByApi } from '../support/sign-in.ts'

const friend = 'https://app.example.org'

let portero: PorteroInProcess
let person: SignedInByApi
beforeAll(async () => {
  portero = await openPorteroInProcess({ PORTERO_API__ALLOWED_ORIGINS: friend })
  person = await signInByApi(portero.url)
})
afterAll(() => portero.close())

/** Every route that changes something, with a request that would change it. */
function changes() {
  const session = crypto.randomUUID()
  const phone = freshPhone()
  const json: Record<string, object> = {
    '/otp/request': { phone },
    '/otp/verify': { phone, code: '123456' },
    '/_portero/api/token/refresh': { refresh_token: person.refreshToken },
    '/_portero/api/signout': { everywhere: true },
    '/_portero/api/me/switch': { person_id: session },
  }
  const api = apiRoutes
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => ({
      method: method as string,
      path: path.replace(':id', session),
      json: json[path],
    }))
  const { signIn, account, signedOut, handOff, logo, demo, link, ...forms } = paths
  const all = [...Object.values(forms), `${link}/${'x'.repeat(32)}`]
  return { api, pages: all.map((path) => ({ method: 'POST', path, json: undefined })) }
}

const strangers: Record<string, string>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: 'http://localhost.evil.example' },
  { origin: `${friend}.evil.example` },
  { origin: `${friend}:444` },
  { origin: friend.toUpperCase() },
  { origin: 'http://127.0.0.1' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'none', origin: 'https://evil.example' },
  { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
]

describe('a page of somebody else', () => {
  it('changes nothing, on any route, with or without the cookies of the person', async () => {
    const { api, pages } = changes()
    const before = await rowCounts(portero.database)
    for (const { method, path, json } of [...api, ...pages]) {
      for (const headers of strangers) {
        for (const cookie of [undefined, person.cookie]) {
          const answer = await call(`${portero.url}${path}`, {
            method,
            ...(json === undefined
              ? { form: { phone: person.phone, code: '123456', token: person.token } }
              : { json }),
            headers: { ...headers, ...(cookie === undefined ? {} : { cookie }) },
          })
          expect(answer.status, `${method} ${path} ${JSON.stringify(headers)}`).toBe(403)
          expect(answer.cookies).toEqual({})
        }
      }
    }
    expect(await rowCounts(portero.database)).toEqual(before)
  })

  it('changes nothing with a form that calls its JSON plain text', async () => {
    const { api } = changes()
    const before = await rowCounts(portero.database)
    for (const { method, path, json } of api) {
      const body = JSON.stringify(json ?? {})
      for (const type of ['text/plain', 'text/plain; charset=utf-8', 'multipart/form-data']) {
        const headers = { 'content-type': type, origin: 'https://evil.example', cookie: person.cookie }
        expect((await call(`${portero.url}${path}`, { method, body, headers })).status).toBe(403)
        const quiet = await call(`${portero.url}${path}`, { method, body, headers: { 'content-type': type } })
        expect([400, 401], `${method} ${path}`).toContain(quiet.status)
      }
    }
    expect(await rowCounts(portero.database)).toEqual(before)
  })

  it('changes nothing by looking', async () => {
    const { api, pages } = changes()
    const before = await rowCounts(portero.database)
    for (const { path } of [...api, ...pages]) {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        const answer = await call(`${portero.url}${path}`, { method, headers: { cookie: person.cookie } })
        const isSeen =
          [paths.token, paths.name, paths.who, paths.whatsapp, paths.signOut].some((one) => one === path) ||
          path.startsWith(`${paths.link}/`) ||
          method === 'OPTIONS'
        if (!isSeen) expect(answer.status, `${method} ${path}`).toBe(405)
        expect(answer.status).toBeLessThan(500)
      }
    }
    expect(await rowCounts(portero.database)).toEqual(before)
    expect(
      (await call(`${portero.url}/_portero/api/me`, { headers: { cookie: person.cookie } })).status,
    ).toBe(200)
  })

  it('cannot read what the person could', async () => {
    for (const path of ['/_portero/api/me', '/_portero/api/me/sessions']) {
      const answer = await call(`${portero.url}${path}`, {
        headers: { cookie: person.cookie, origin: 'https://evil.example' },
      })
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
    }
  })
})

describe('a challenge', () => {
  it('that our own page asked for is held by its browser: nobody else can try it', async () => {
    const phone = freshPhone()
    const own = { origin: portero.url, 'sec-fetch-site': 'same-origin' }
    const asked = await call(`${portero.url}/otp/request`, { json: { phone }, headers: own })
    expect(asked.status).toBe(200)
    const { code, challenge_id } = asked.json
    expect(Object.keys(asked.cookies)).toEqual(['portero_flow'])
    expect(asked.cookies.portero_flow).not.toBe(`${challenge_id}.${challenge_id}`)
    const forged = { cookie: `portero_flow=${challenge_id}.${challenge_id}` }
    for (const [json, headers] of [
      [{ phone, code }, {}],
      [{ phone, code, challenge_id }, {}],
      [{ phone, code, challenge_id }, own],
      [
        { phone, code, challenge_id },
        { ...own, ...forged },
      ],
      [{ phone, code, challenge_id }, { origin: friend }],
    ] as [object, Record<string, string>][]) {
      const answer = await call(`${portero.url}/otp/verify`, { json, headers, from: '127.0.0.9' })
      expect([answer.status, answer.json.code]).toEqual([401, 'invalid_code'])
    }
    const held = await call(`${portero.url}/otp/verify`, {
      json: { phone, code },
      headers: { ...own, cookie: cookieHeader(asked.cookies) },
    })
    expect(held.status).toBe(200)
  })

  it('that a program asked for is no browser’s', async () => {
    const phone = freshPhone()
    const asked = await call(`${portero.url}/otp/request`, { json: { phone } })
    expect(asked.cookies).toEqual({})
    const { code, challenge_id } = asked.json
    const elsewhere = await call(`${portero.url}/otp/verify`, { json: { phone, code }, from: '127.0.0.8' })
    expect(elsewhere.status).toBe(401)
    const here = await call(`${portero.url}/otp/verify`, { json: { phone, code } })
    expect(here.status).toBe(200)
    const again = await call(`${portero.url}/otp/verify`, { json: { phone, code, challenge_id } })
    expect([again.status, again.json.code]).toEqual([401, 'invalid_code'])
  })

  it('that a page of an allowed origin asked for is held by its id, after a preflight', async () => {
    const phone = freshPhone()
    const headers = { origin: friend, 'sec-fetch-site': 'cross-site' }
    const preflight = await call(`${portero.url}/otp/verify`, {
      method: 'OPTIONS',
      headers: {
        ...headers,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers).toMatchObject({ 'access-control-allow-origin': friend, vary: 'Origin' })
    expect(preflight.headers['access-control-allow-headers']?.toLowerCase()).toContain('content-type')
    expect(preflight.headers).not.toHaveProperty('access-control-allow-credentials')
    const asked = await call(`${portero.url}/otp/request`, { json: { phone }, headers })
    expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([200, friend])
    expect(asked.headers['access-control-expose-headers']).toContain('Retry-After')
    expect(asked.cookies).toEqual({})
    const { code, challenge_id } = asked.json
    const early = await call(`${portero.url}/otp/request`, { json: { phone, challenge_id }, headers })
    expect(early.json.challenge_id).toBe(challenge_id)
    expect(Number(early.headers['retry-after'])).toBeGreaterThan(0)
    const without = await call(`${portero.url}/otp/verify`, { json: { phone, code }, headers })
    expect(without.status).toBe(401)
    expect(without.headers['access-control-allow-origin']).toBe(friend)
    const verified = await call(`${portero.url}/otp/verify`, { json: { phone, code, challenge_id }, headers })
    expect(verified.status).toBe(200)
    const me = await call(`${portero.url}/_portero/api/me`, {
      headers: { ...headers, authorization: `Bearer ${verified.json.token}` },
    })
    expect([me.status, me.headers['access-control-allow-origin']]).toEqual([200, friend])
    const stranger = await call(`${portero.url}/otp/verify`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example' },
    })
    expect(stranger.headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('takes no code of another phone or of another challenge', async () => {
    const [one, other] = [freshPhone(), freshPhone()]
    const a = (await call(`${portero.url}/otp/request`, { json: { phone: one } })).json
    const b = (await call(`${portero.url}/otp/request`, { json: { phone: other } })).json
    for (const json of [
      { phone: other, code: a.code, challenge_id: a.challenge_id },
      { phone: one, code: a.code, challenge_id: b.challenge_id },
    ]) {
      expect((await call(`${portero.url}/otp/verify`, { json })).status).toBe(401)
    }
    expect((await call(`${portero.url}/otp/verify`, { json: { phone: one, code: a.code } })).status).toBe(200)
  })
})

describe('the cookies', () => {
  it('are host-only, HttpOnly, Lax, for every path, small, and all of them end with sign-out but the device', async () => {
    const asked = (await call(`${portero.url}/otp/request`, { json: { phone: freshPhone() } })).json
    const verified = await call(`${portero.url}/otp/verify`, {
      json: { phone: asked.phone, code: asked.code },
    })
    const lines = verified.headers['set-cookie']!
    expect(lines).toHaveLength(2)
    for (const line of lines) {
      expect(line).toMatch(/; Path=\/;.*HttpOnly; SameSite=Lax$/)
      expect(line).not.toMatch(/domain/i)
      expect(line.split(';')[0]!.length).toBeLessThanOrEqual(4096)
    }
    const out = await call(`${portero.url}/_portero/api/signout`, {
      json: {},
      headers: { cookie: cookieHeader(verified.cookies) },
    })
    expect([out.status, out.json]).toEqual([200, { ended: 1 }])
    expect(out.headers['clear-site-data']).toBe('"storage"')
    const ended = out.headers['set-cookie']!.map((line) => line.split('=', 1)[0])
    expect(ended.sort()).toEqual([
      '__Host-portero',
      '__Host-portero_flow',
      'portero',
      'portero_flow',
      'x-auth-phone',
    ])
    for (const line of out.headers['set-cookie']!) expect(line).toContain('Max-Age=0')
    const after = await call(`${portero.url}/_portero/api/me`, {
      headers: { cookie: cookieHeader(verified.cookies) },
    })
    expect(after.status).toBe(401)
  })

  it('are Secure and carry the prefix where the public address is https', async () => {
    const secure = await openPorteroInProcess({
      PORTERO_PUBLIC_URL: 'https://in.example.org',
      PORTERO_LISTEN__TRUSTED_PROXIES: '127.0.0.1',
    })
    try {
      const { cookies } = await signInByApi(secure.url)
      expect(Object.keys(cookies).sort()).toEqual(['__Host-portero', 'x-auth-phone'])
      const own = { origin: 'https://in.example.org' }
      const asked = await call(`${secure.url}/otp/request`, { json: { phone: freshPhone() }, headers: own })
      const [line] = asked.headers['set-cookie']!
      expect(line).toMatch(/^__Host-portero_flow=.*; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/)
      const direct = await call(`${secure.url}/otp/request`, {
        json: { phone: freshPhone() },
        headers: { origin: secure.url },
      })
      expect(direct.status).toBe(403)
    } finally {
      await secure.close()
    }
  })
})
