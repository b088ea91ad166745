import { request } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type EchoUpstream, openEchoUpstream, valuesOf } from '../../test/support/echo-upstream.ts'
import { type GatewayHouse, openGatewayHouse } from '../../test/support/gateway-house.ts'
import { Refusal } from '../domain/errors.ts'
import type { AskedInPlace } from './in-place.ts'
import type { AnswerInPlace, KnownApp, PlaceOfApp } from './known-app.ts'

const places = new Map<string, PlaceOfApp>([
  ['POST /enter', 'sign_in'],
  ['POST /leave', 'sign_out'],
  ['GET /static/extra.js', 'loader'],
])

/** A small app of which a few things are known. */
const small: KnownApp = {
  isClosed: (path) => path.toLowerCase().startsWith('/register'),
  placeOf: (method, path) => places.get(`${method} ${path}`),
  isApiKey: (authorization) => authorization.startsWith('Bearer sk-'),
  sessionCookie: 'app_session',
}

let upstream: EchoUpstream
let house: GatewayHouse
let known: () => KnownApp | undefined | Promise<KnownApp | undefined>
let asked: { place: PlaceOfApp; by: AskedInPlace }[] = []
let answer: () => Promise<AnswerInPlace>

beforeAll(async () => {
  upstream = await openEchoUpstream()
  house = await openGatewayHouse({
    upstream: { url: upstream.url, timeoutMs: 600 },
    publicPaths: ['/static/*', '/enter', '/register'],
    app: {
      known: () => known(),
      apiKeyPaths: ['/api/models', '/api/chat/*', '/leave'],
      answer(place, by) {
        asked.push({ place, by })
        return answer()
      },
    },
  })
})
beforeEach(() => {
  known = () => small
  answer = async () => ({
    status: 200,
    headers: [
      ['Content-Type', 'application/json'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ],
    body: '{"in":"place"}',
  })
})
afterEach(() => {
  asked = []
  upstream.requests.length = 0
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})

const signedIn = { cookie: 'portero=s1; app_session=x' }
type Asked = { method?: string; headers?: Record<string, string>; body?: string }

/** Not by `fetch`, which writes Fetch Metadata of its own. */
async function ask(path: string, { method = 'GET', headers = signedIn, body }: Asked = {}) {
  const answered = await request(`http://127.0.0.1:${house.port}${path}`, {
    method,
    headers,
    body: body ?? null,
  })
  const all = new Headers()
  for (const [name, value] of Object.entries(answered.headers))
    for (const one of [value ?? []].flat()) all.append(name, one)
  return new Response(answered.statusCode === 304 ? null : await answered.body.text(), {
    status: answered.statusCode,
    headers: all,
  })
}
const codeOf = async (answered: Response) => ((await answered.json()) as { code: string }).code
const navigation = { 'sec-fetch-mode': 'navigate', accept: 'text/html' }

describe('a path that is closed from outside', () => {
  it.each(['GET', 'POST'])(
    'is refused to everybody, also where a public path is configured: %s',
    async (method) => {
      for (const headers of [signedIn, { cookie: '' }]) {
        const answered = await ask('/Register?x=1', { method, headers })
        if (headers === signedIn)
          expect([answered.status, await codeOf(answered)]).toEqual([403, 'app_closed_path'])
        else expect([401, 403]).toContain(answered.status)
      }
      expect((await ask('/register', { headers: { cookie: '' } })).status).toBe(403)
      expect(upstream.requests).toHaveLength(0)
    },
  )

  it('opens no websocket either', async () => {
    const { WebSocket } = await import('ws')
    const ws = new WebSocket(`ws://127.0.0.1:${house.port}/register`, { headers: { cookie: 'portero=s1' } })
    const status = await new Promise((resolve) => {
      ws.on('unexpected-response', (_, res) => resolve(res.statusCode))
      ws.on('error', () => {})
    })
    expect(status).toBe(403)
    expect(upstream.requests).toHaveLength(0)
  })
})

describe('what Portero answers in the place of the app', () => {
  it('gets the session and the app’s own cookies, and passes repeated headers on', async () => {
    const answered = await ask('/enter', {
      method: 'POST',
      body: '{}',
      headers: { cookie: 'portero=s1; app_session=x', authorization: 'Bearer app-token' },
    })
    expect(await answered.json()).toEqual({ in: 'place' })
    expect(answered.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({
      place: 'sign_in',
      by: {
        cookie: 'app_session=x',
        authorization: 'Bearer app-token',
        session: { phone: '+5511961234567' },
      },
    })
    expect(upstream.requests).toHaveLength(0)
  })

  it('is nothing for a stranger, whatever paths are public or for keys', async () => {
    for (const path of ['/enter', '/leave']) {
      for (const authorization of ['', 'Bearer sk-key']) {
        const answered = await ask(path, { method: 'POST', headers: { cookie: '', authorization } })
        expect([answered.status, answered.headers.get('portero-refusal')]).toEqual([401, 'not_signed_in'])
      }
    }
    expect(asked).toHaveLength(0)
    expect(upstream.requests).toHaveLength(0)
  })

  it('may be fetched by a stranger where it is a public script', async () => {
    const answered = await ask('/static/extra.js', { headers: { cookie: '' } })
    expect(answered.status).toBe(200)
    expect(asked[0]).toMatchObject({ place: 'loader', by: { session: undefined } })
  })

  it('tells a refusal as a problem', async () => {
    answer = () => Promise.reject(new Refusal('app_second_factor'))
    const answered = await ask('/enter', { method: 'POST' })
    expect([answered.status, await codeOf(answered)]).toEqual([503, 'app_second_factor'])
  })

  it('is passed to the app under any other method or spelling', async () => {
    await ask('/enter')
    await ask('/enter/', { method: 'POST' })
    expect(upstream.requests.map(({ target }) => target)).toEqual(['/enter', '/enter/'])
  })
})

describe('a page that somebody without a session there opens', () => {
  const go = (path: string, headers: Record<string, string>) =>
    ask(path, { headers: { ...navigation, ...headers } })

  it('waits for the hand-off, which knows where the person was going', async () => {
    const answered = await go('//c/x?y=1&z=%2F', { cookie: 'portero=s1' })
    expect(answered.status).toBe(303)
    expect(answered.headers.get('location')).toBe(
      `/_portero/handoff?return=${encodeURIComponent('/c/x?y=1&z=%2F')}`,
    )
    expect(upstream.requests).toHaveLength(0)
  })

  it.each([
    ['has one', signedIn],
    ['comes from there', { cookie: 'portero=s1; portero_handed_off=1' }],
    ['shows a frame', { cookie: 'portero=s1', 'sec-fetch-dest': 'iframe' }],
    ['is a script', { cookie: 'portero=s1', 'sec-fetch-mode': 'cors' }],
  ] as const)('is passed when it %s', async (_, headers) => {
    expect((await go('/c/x', headers)).status).toBe(200)
    expect(upstream.requests).toHaveLength(1)
  })

  it('is passed to an app of which nothing is known', async () => {
    known = () => undefined
    expect((await go('/c/x', { cookie: 'portero=s1' })).status).toBe(200)
  })
})

describe('an API key of the app’s own', () => {
  const withKey = (path: string, headers: Record<string, string> = {}) =>
    ask(path, { headers: { authorization: 'Bearer sk-key', ...headers } })

  it('opens the listed paths, alone: no cookie, no other token, no name goes along', async () => {
    const answered = await withKey('/api/chat/completions', {
      cookie: 'app_session=stolen',
      'x-api-key': 'stolen',
      'x-portero-email': 'admin@example.org',
    })
    expect(answered.status).toBe(200)
    const { rawHeaders } = upstream.requests[0]!
    expect(valuesOf(rawHeaders, 'authorization')).toEqual(['Bearer sk-key'])
    for (const name of ['cookie', 'x-api-key', 'x-portero-email', 'x-portero-user'])
      expect(valuesOf(rawHeaders, name), name).toEqual([])
  })

  it.each([
    ['another path', '/api/users', {}],
    ['a path that can be read in two ways', '/api/chat/%2e%2e%2fusers', {}],
    ['a token of the app’s sessions', '/api/models', { authorization: 'Bearer eyJhbGciOi.J9.x' }],
    ['no credential', '/api/models', { authorization: '' }],
    ['a cookie of the app', '/api/models', { authorization: '', cookie: 'app_session=stolen' }],
  ])('does not open %s', async (_, path, headers) => {
    expect([400, 401]).toContain((await withKey(path, headers)).status)
    expect(upstream.requests).toHaveLength(0)
  })

  it('changes nothing for somebody signed in, who keeps their name', async () => {
    await withKey('/api/models', { cookie: 'portero=s1' })
    expect(valuesOf(upstream.requests[0]!.rawHeaders, 'x-portero-email')).toHaveLength(1)
  })
})

describe('an app that has to be asked what it is', () => {
  it('is waited for', async () => {
    known = () => new Promise((resolve) => setTimeout(() => resolve(small), 30))
    expect((await ask('/register')).status).toBe(403)
    expect((await ask('/other')).status).toBe(200)
  })

  it('is away as long as it does not say, and strangers need not wait', async () => {
    known = () => Promise.reject(new Refusal('upstream_unreachable'))
    const answered = await ask('/other')
    expect([answered.status, await codeOf(answered)]).toEqual([502, 'upstream_unreachable'])
    expect(await (await ask('/other', { headers: { ...signedIn, ...navigation } })).text()).toBe(
      '<p>unreachable',
    )
    expect((await ask('/other', { headers: { cookie: '' } })).status).toBe(401)
    expect(upstream.requests).toHaveLength(0)
  })
})
