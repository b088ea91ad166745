import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from '../support/call.ts'
import { openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { freshPhone, requestCode, rowCounts, signInByApi } from '../support/sign-in.ts'

describe('the API', () => {
  let portero: PorteroInProcess
  beforeAll(async () => {
    portero = await openPorteroInProcess()
  })
  afterAll(() => portero.close())

  it('tells who is signed in, where, and ends one session or all', async () => {
    const phone = freshPhone()
    const first = await signInByApi(portero.url, phone)
    const headers = { authorization: `Bearer ${first.token}` }
    const me = await call(`${portero.url}/_portero/api/me`, { headers })
    expect(me.json).toEqual({ id: first.personId, phone, name: null, level: 'confirmed', role: null })
    const second = await signInByApi(portero.url, phone)
    expect(second.personId).toBe(first.personId)
    const listed = await call(`${portero.url}/_portero/api/me/sessions`, { headers })
    expect(listed.json.sessions).toHaveLength(2)
    expect(listed.json.sessions.filter(({ current }: { current: boolean }) => current)).toHaveLength(1)
    const other = listed.json.sessions.find(({ current }: { current: boolean }) => !current).id
    const end = () => call(`${portero.url}/_portero/api/me/sessions/${other}`, { method: 'DELETE', headers })
    expect((await end()).json).toEqual({ ended: 1 })
    expect([(await end()).status, (await end()).json.code]).toEqual([404, 'session_not_found'])
    const seen = await call(`${portero.url}/_portero/api/me`, {
      headers: { authorization: `Bearer ${second.token}` },
    })
    expect(seen.status).toBe(401)
    const stranger = await signInByApi(portero.url)
    const foreign = await call(`${portero.url}/_portero/api/me/sessions/${listed.json.sessions[0].id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${stranger.token}` },
    })
    expect(foreign.status).toBe(404)
    await signInByApi(portero.url, phone)
    const all = await call(`${portero.url}/_portero/api/signout`, { json: { everywhere: true }, headers })
    expect(all.json).toEqual({ ended: 2 })
    expect((await call(`${portero.url}/_portero/api/me`, { headers })).status).toBe(401)
  })

  it('writes the code in the language that is asked for, else in the reader’s, else in that of the number’s country', async () => {
    const english = { headers: { 'accept-language': 'en-GB' } }
    for (const [phone, locale, options, expected] of [
      ['+5491161234501', undefined, {}, 'es'],
      ['+5511980999001', undefined, {}, 'pt-BR'],
      ['+5491161234502', undefined, english, 'en'],
      ['+5491161234503', 'pt-BR', english, 'pt-BR'],
      ['+5491161234504', undefined, { headers: { 'accept-language': '*, fr' } }, 'es'],
    ] as const) {
      await requestCode(portero.url, phone, { json: { phone, locale }, ...options })
      const [row] = await portero.database.query('select locale from portero.challenges where phone = $1', [
        phone,
      ])
      expect(row, phone).toEqual({ locale: expected })
    }
  })

  it('answers nobody who is not signed in', async () => {
    for (const [method, path] of [
      ['GET', '/_portero/api/me'],
      ['GET', '/_portero/api/me/sessions'],
      ['DELETE', `/_portero/api/me/sessions/${crypto.randomUUID()}`],
      ['POST', '/_portero/api/signout'],
      ['GET', '/_portero/auth'],
      ['GET', '/'],
    ]) {
      const answer = await call(`${portero.url}${path}`, { method: method! })
      expect([answer.status, answer.json.code], path).toEqual([401, 'not_signed_in'])
    }
  })

  it('lets nothing that it answers be kept or sniffed', async () => {
    const { token } = await signInByApi(portero.url)
    const headers = { authorization: `Bearer ${token}` }
    for (const path of [
      '/_portero/api/me',
      '/_portero/api/me/sessions',
      '/_portero/health',
      '/_portero/ready',
      '/_portero/api/nothing',
      '/_portero/auth',
    ]) {
      const answer = await call(`${portero.url}${path}`, { headers })
      expect(answer.headers['cache-control'], path).toBe('no-store')
      if (path !== '/_portero/auth') expect(answer.headers['x-content-type-options'], path).toBe('nosniff')
    }
    const keys = await call(`${portero.url}/_portero/jwks.json`)
    expect([keys.status, keys.headers['cache-control']]).toEqual([200, 'public, max-age=300'])
    for (const path of ['/otp/request', '/otp/verify', '/_portero/api/token/refresh']) {
      const answer = await call(`${portero.url}${path}`, {
        json: { phone: freshPhone(), code: '123456', refresh_token: 'x' },
      })
      expect([answer.headers['cache-control'], answer.headers['x-content-type-options']]).toEqual([
        'no-store',
        'nosniff',
      ])
    }
  })

  it('says that it lives and is ready, and nothing else', async () => {
    for (const path of ['/_portero/health', '/_portero/ready']) {
      const answer = await call(`${portero.url}${path}`)
      expect([answer.status, answer.json]).toEqual([200, { status: 'ok' }])
      expect(Object.keys(answer.headers).filter((name) => /server|powered|version/.test(name))).toEqual([])
    }
  })

  it('describes itself, for programs and for people', async () => {
    const document = await call(`${portero.url}/_portero/api/openapi.json`)
    expect([document.status, document.json.openapi]).toEqual([200, '3.1.0'])
    for (const path of [
      '/otp/request',
      '/otp/verify',
      '/_portero/api/token/refresh',
      '/_portero/jwks.json',
    ]) {
      expect(document.json.paths).toHaveProperty([path])
    }
    const docs = await call(`${portero.url}/_portero/api/docs`)
    const page = docs.status === 302 ? await call(new URL(docs.headers.location!, portero.url).href) : docs
    expect(page.status).toBe(200)
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.headers['content-security-policy']).not.toContain('https:')
  })

  it('sends nothing when it is asked again too early, and says when it will', async () => {
    const phone = freshPhone()
    const first = await call(`${portero.url}/otp/request`, { json: { phone } })
    const before = await rowCounts(portero.database)
    const second = await call(`${portero.url}/otp/request`, { json: { phone } })
    expect(second.status).toBe(200)
    expect(first.headers).not.toHaveProperty('retry-after')
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(25)
    expect(second.json).toEqual({
      ...first.json,
      resend_in: second.json.resend_in,
      expires_in: second.json.expires_in,
    })
    expect(await rowCounts(portero.database)).toEqual(before)
  })

  it('refuses a phone above its budget, says for how long, and charges nobody for it', async () => {
    const phone = freshPhone()
    for (const from of ['127.0.0.21', '127.0.0.22', '127.0.0.23']) {
      expect((await call(`${portero.url}/otp/request`, { json: { phone }, from })).status).toBe(200)
    }
    const { 'portero.access_log': _, ...before } = await rowCounts(portero.database)
    const refused = await call(`${portero.url}/otp/request`, { json: { phone }, from: '127.0.0.24' })
    expect([refused.status, refused.json.code]).toEqual([429, 'too_many_codes'])
    expect(Number(refused.headers['retry-after'])).toBe(refused.json.retry_after)
    expect(refused.json.retry_after).toBeGreaterThan(60)
    const { 'portero.access_log': __, ...after } = await rowCounts(portero.database)
    expect(after).toEqual(before)
  })
})
