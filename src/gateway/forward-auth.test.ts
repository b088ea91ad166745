import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GatewayHouse, openGatewayHouse, sessionOf } from '../../test/support/gateway-house.ts'
import { rawRequest, sendRaw, statusesOf } from '../../test/support/raw-http.ts'
import { Refusal } from '../domain/errors.ts'
import { trustedProxies } from '../http/client-address.ts'
import { identityHeaderNames } from '../http/identity-headers.ts'
import type { KnownApp } from './known-app.ts'

let house: GatewayHouse
beforeAll(async () => {
  house = await openGatewayHouse({ freshTokenCookie: () => 'x-auth-phone=fresh' })
})
afterAll(() => house.close())

const signedIn = ['Host: app', 'Cookie: portero=s1', 'Connection: close']
const nobody = ['Host: app', 'Connection: close']

async function ask(line: string, headers: readonly string[], in_ = house) {
  const answer = await sendRaw(in_.port, rawRequest(line, headers))
  const [head = '', body = ''] = answer.text.split('\r\n\r\n')
  const names = head
    .split('\r\n')
    .slice(1)
    .map((row) => row.slice(0, row.indexOf(':')).toLowerCase())
  return { status: statusesOf(answer)[0], head, body, names }
}

describe('allowed', () => {
  it('is 200 with every identity header once, nothing to keep, and no body', async () => {
    const { status, head, body, names } = await ask('GET /_portero/auth', signedIn)
    expect([status, body]).toEqual([200, ''])
    for (const name of identityHeaderNames) {
      expect(
        names.filter((other) => other === name.toLowerCase()),
        name,
      ).toHaveLength(1)
    }
    expect(head).toContain(`X-Portero-User: ${sessionOf(1).person.id}\r\n`)
    expect(head).toContain('Cache-Control: no-store\r\n')
    expect(head).toContain('Vary: Cookie, Authorization, X-Forwarded-Uri\r\n')
    expect(names).not.toContain('set-cookie')
  })

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND'])(
    'by %s alike',
    async (method) => expect((await ask(`${method} /_portero/auth?x=1`, signedIn)).status).toBe(200),
  )

  it('empty headers stay, and a client’s own never show', async () => {
    house.sessions.set('bare', sessionOf(2, { name: undefined, role: undefined, groups: [] }))
    const { head } = await ask('GET /_portero/auth', [
      'Host: app',
      'Cookie: portero=bare',
      'X-Portero-Role: admin',
    ])
    expect(head).toMatch(/X-Portero-Role: ?\r\n/)
    expect(head).not.toContain('admin')
  })

  it('an upgrade request is answered plainly', async () => {
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: eA==',
    ]
    expect((await ask('GET /_portero/auth', ['Host: app', 'Cookie: portero=s1', ...upgrade])).status).toBe(
      200,
    )
    expect((await ask('GET /_portero/auth', ['Host: app', ...upgrade])).status).toBe(401)
  })
})

describe('refused', () => {
  it('is 401 problem+json, never a redirect, never a cookie', async () => {
    const { status, head, body, names } = await ask('GET /_portero/auth', [
      ...nobody,
      'Accept: text/html',
      'Sec-Fetch-Mode: navigate',
    ])
    expect(status).toBe(401)
    expect(JSON.parse(body).code).toBe('not_signed_in')
    expect(head).toContain('cache-control: no-store')
    expect(head).toContain('vary: Cookie, Authorization, X-Forwarded-Uri\r\n')
    expect(head).toContain('portero-refusal: not_signed_in')
    expect(names).not.toContain('set-cookie')
    expect(names).not.toContain('location')
  })

  it.each([
    '?cookie=portero=s1',
    '?access_token=s1',
    '?redirect=1&rd=https://evil.example',
    '?x-portero-user=a',
  ])('whatever its query says: %s', async (query) =>
    expect((await ask(`GET /_portero/auth${query}`, nobody)).status).toBe(401),
  )

  it.each([
    'X-Forwarded-Uri: /public',
    'X-Original-URL: /public',
    'X-Forwarded-Method: OPTIONS',
    'X-Forwarded-Host: other',
    'X-Forwarded-Prefix: /public',
    'X-Portero-User: somebody',
    'User-Agent: kube-probe/1.30',
    'Authorization: Basic czE6',
    'X-Api-Key: s1',
  ])('whatever a header says: %s', async (header) =>
    expect((await ask('GET /_portero/auth', [...nobody, header])).status).toBe(401),
  )

  it.each(['CONNECT /_portero/auth', 'TRACE /_portero/auth'])('%s is 405', async (line) =>
    expect((await ask(line, signedIn)).status).toBe(405),
  )

  it.each(['GET /_portero/auth/', 'GET /_portero/auth/x', 'GET /_portero/authx'])(
    '%s is another path',
    async (line) => expect((await ask(line, signedIn)).body).toMatch(/^(?:own|[\da-f]+\r\nown) /),
  )
})

it('is 503 while nobody can tell who is signed in, at once or after a look-up', async () => {
  for (const code of ['revocations_unknown', 'database_unavailable'] as const) {
    for (const identify of [
      () => {
        throw new Refusal(code)
      },
      () => Promise.reject(new Refusal(code)),
    ]) {
      const shut = await openGatewayHouse({ identify })
      const { status, body, head } = await ask('GET /_portero/auth', signedIn, shut)
      expect([status, JSON.parse(body).code]).toEqual([503, code])
      expect(head).toContain('retry-after: ')
      await shut.close()
    }
  }
})

it('a person whom no app may be told is a bug, not somebody else', async () => {
  house.sessions.set('odd', sessionOf(3, { email: 'a@evil@corp.example' }))
  const { status, body } = await ask('GET /_portero/auth', [
    'Host: app',
    'Cookie: portero=odd',
    'Connection: close',
  ])
  expect([status, JSON.parse(body).code]).toEqual([500, 'internal_error'])
  expect(body).not.toContain('corp.example')
})

const app: KnownApp = {
  isClosed: (path) => path.toLowerCase().replace(/\/+/g, '/').startsWith('/api/v1/auths/signup'),
  placeOf: () => undefined,
  isApiKey: () => false,
  sessionCookie: 'token',
}
const behindProxy = {
  trustedProxies: trustedProxies(['127.0.0.1']),
  publicUrl: new URL('https://chat.example'),
  publicPaths: ['/public/*', '/favicon.ico', '/all/*'],
  app: { known: () => app, answer: () => Promise.reject(new Error('not asked')), apiKeyPaths: [] },
}
const navigation = ['Sec-Fetch-Mode: navigate', 'Accept: text/html']
const handshake = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: eA==']

describe('asked by a trusted proxy', () => {
  let proxied: GatewayHouse
  beforeAll(async () => {
    proxied = await openGatewayHouse(behindProxy)
  })
  afterAll(() => proxied.close())
  const about = (uri: string, headers: readonly string[] = [], path = '/_portero/auth') =>
    ask(`GET ${path}`, [...nobody, `X-Forwarded-Uri: ${uri}`, ...headers], proxied)

  it.each(['/public/a', '/public/a?x=/b', '/favicon.ico', '/public/caf%C3%A9'])(
    'a stranger may have %s, and is nobody there',
    async (uri) => {
      const { status, head } = await about(uri, ['X-Portero-User: evil'])
      expect(status).toBe(200)
      for (const name of identityHeaderNames) expect(head).toMatch(new RegExp(`\r\n${name}: ?(?:\r\n|$)`))
      expect(head).not.toContain('evil')
    },
  )

  it('a signed-in person is told there too', async () => {
    const { head } = await about('/public/a', ['Cookie: portero=s1'])
    expect(head).toContain(`X-Portero-User: ${sessionOf(1).person.id}\r\n`)
  })

  it.each([
    '/a',
    '/public',
    '/public/../a',
    '/public/%2e%2e/a',
    '/public%2f..%2fa',
    '//public/a',
    '/public//a',
    '/public;/../a',
    '/public/a;v=1',
    '/PUBLIC/a',
    '/a?x=/public/a',
    '/a#/public/a',
    '/public\\..\\a',
    '/%70ublic/a',
    '/public/%2570',
    '/public/..;/a',
    '/public/%c0%ae%c0%ae/a',
    '/public/a.',
    '/public/a%20',
    'http://chat.example/public/a',
    'public/a',
    '/public/a, /public/b',
    '',
    '/_portero/auth',
  ])('%s is private', async (uri) => {
    expect((await about(uri)).status).toBe(401)
    expect((await about(uri, ['Cookie: portero=s1'])).status).toBe(200)
  })

  it('two paths are none', async () => {
    expect((await about('/public/a', ['X-Forwarded-Uri: /public/b'])).status).toBe(401)
  })

  it('a websocket is private on every path, also where the proxy drops its Upgrade', async () => {
    expect((await about('/public/ws', handshake)).status).toBe(401)
    expect((await about('/public/ws', handshake.slice(1))).status).toBe(401)
    expect((await about('/public/ws', [...handshake, 'Cookie: portero=s1'])).status).toBe(200)
  })

  it('a websocket from a page of another site is 403, from one of ours 200', async () => {
    const from = (origin: string) =>
      about('/ws', ['Cookie: portero=s1', 'Sec-WebSocket-Key: eA==', `Origin: ${origin}`])
    expect((await from('https://chat.example')).status).toBe(200)
    for (const origin of [
      'https://evil.example',
      'null',
      'https://chat.example.evil',
      'http://chat.example',
    ]) {
      const { status, body } = await from(origin)
      expect([status, JSON.parse(body).code], origin).toEqual([403, 'origin_not_allowed'])
    }
  })

  it.each([
    '/api/v1/auths/signup',
    '/API/v1/auths/signup?x',
    '/api/v1/auths//signup',
    '//api/v1/auths/signup',
  ])('%s is closed for everybody', async (uri) => {
    for (const headers of [[], ['Cookie: portero=s1'], navigation]) {
      const { status, body } = await about(uri, headers, '/_portero/auth/redirect')
      expect([status, JSON.parse(body).code]).toEqual([403, 'app_closed_path'])
    }
  })

  it('a public path stays open while nobody can tell who is signed in', async () => {
    const shut = await openGatewayHouse({
      ...behindProxy,
      identify: () => Promise.reject(new Refusal('database_unavailable')),
    })
    const open = await ask('GET /_portero/auth', [...nobody, 'X-Forwarded-Uri: /public/a'], shut)
    const closed = await ask('GET /_portero/auth', [...nobody, 'X-Forwarded-Uri: /a'], shut)
    expect([open.status, closed.status]).toEqual([200, 503])
    await shut.close()
  })

  it('waits to know the app, and refuses while it cannot be known', async () => {
    const later = await openGatewayHouse({
      ...behindProxy,
      app: { ...behindProxy.app, known: () => Promise.resolve(app) },
    })
    const away = await openGatewayHouse({
      ...behindProxy,
      app: { ...behindProxy.app, known: () => Promise.reject(new Refusal('upstream_unreachable')) },
    })
    const statusIn = async (in_: GatewayHouse, uri: string) =>
      (await ask('GET /_portero/auth', [...signedIn, `X-Forwarded-Uri: ${uri}`], in_)).status
    expect([await statusIn(later, '/a'), await statusIn(later, '/api/v1/auths/signup')]).toEqual([200, 403])
    expect(await statusIn(away, '/a')).toBe(502)
    await later.close()
    await away.close()
  })
})

describe('the redirecting path', () => {
  let proxied: GatewayHouse
  beforeAll(async () => {
    proxied = await openGatewayHouse(behindProxy)
  })
  afterAll(() => proxied.close())
  const redirect = (headers: readonly string[], query = '') =>
    ask(`GET /_portero/auth/redirect${query}`, [...nobody, ...headers], proxied)
  const locationOf = (head: string) => /\r\nlocation: (.*)/i.exec(head)?.[1]

  it('sends a stranger’s page to sign-in at the public address, and back', async () => {
    const uri = '/c/1?a=1&b=%20'
    const { status, head, names } = await redirect([...navigation, `X-Forwarded-Uri: ${uri}`])
    expect(status).toBe(303)
    expect(locationOf(head)).toBe(`https://chat.example/_portero/signin?return=${encodeURIComponent(uri)}`)
    expect(head).toContain('cache-control: no-store')
    expect(head).toContain('portero-refusal: not_signed_in')
    expect(head).toMatch(/vary: Cookie, Authorization, X-Forwarded-Uri, .*Sec-Fetch-Mode, Accept/)
    expect(names).not.toContain('set-cookie')
  })

  it.each([
    [[], '/'],
    [['X-Forwarded-Uri: //evil.example/a'], '/evil.example/a'],
    [['X-Forwarded-Uri: https://evil.example/'], '/'],
    [['X-Forwarded-Uri: /a', 'X-Forwarded-Uri: /b'], '/'],
    [['X-Forwarded-Uri: /form', 'X-Forwarded-Method: POST'], '/'],
    [['X-Forwarded-Uri: /a', 'X-Forwarded-Host: evil.example', 'X-Forwarded-Proto: http'], '/a'],
  ])('%j comes back to %s, whatever host the request names', async (headers, target) => {
    const { head } = await redirect([...navigation, ...headers])
    expect(locationOf(head)).toBe(`https://chat.example/_portero/signin?return=${encodeURIComponent(target)}`)
  })

  it.each([
    ['Sec-Fetch-Mode: cors', 'Accept: text/html'],
    ['Accept: application/json'],
    ['Accept: text/html', 'X-Forwarded-Method: POST'],
    ['Accept: text/html', 'X-Requested-With: XMLHttpRequest'],
    [...navigation, ...handshake],
  ])('%s is no page: 401 with the marker', async (...headers) => {
    const { status, head, body } = await redirect([...headers, 'X-Forwarded-Uri: /a'])
    expect([status, JSON.parse(body).code]).toEqual([401, 'not_signed_in'])
    expect(head).toContain('portero-refusal: not_signed_in')
    expect(locationOf(head)).toBeUndefined()
  })

  it('answers as the plain path does otherwise, deaf to its query', async () => {
    expect((await redirect(['Cookie: portero=s1'], '?rd=https://evil.example')).status).toBe(200)
    expect((await redirect(['X-Forwarded-Uri: /public/a', ...navigation])).status).toBe(200)
    const { head } = await redirect(navigation, '?return=https://evil.example&X-Forwarded-Uri=/b')
    expect(locationOf(head)).toBe('https://chat.example/_portero/signin?return=%2F')
    const upgrade = [...handshake, 'Connection: Upgrade', 'Cookie: portero=s1']
    expect((await ask('GET /_portero/auth/redirect', ['Host: app', ...upgrade], proxied)).status).toBe(200)
  })

  it('believes no path of a peer that is not trusted', async () => {
    const open = await openGatewayHouse({ ...behindProxy, trustedProxies: trustedProxies(['10.0.0.1']) })
    const asked = ['X-Forwarded-Uri: /public/a', 'X-Forwarded-Method: POST']
    const { status, head } = await ask(
      'GET /_portero/auth/redirect',
      [...nobody, ...navigation, ...asked],
      open,
    )
    expect([status, locationOf(head)]).toEqual([303, 'https://chat.example/_portero/signin?return=%2F'])
    expect((await ask('GET /_portero/auth', [...nobody, ...asked], open)).status).toBe(401)
    const closed = await ask(
      'GET /_portero/auth',
      [...signedIn, 'X-Forwarded-Uri: /api/v1/auths/signup'],
      open,
    )
    expect(closed.status).toBe(200)
    await open.close()
  })

  it('is 401 for pages too without a public address', async () => {
    const bare = await openGatewayHouse({ trustedProxies: behindProxy.trustedProxies })
    const { status, names } = await ask('GET /_portero/auth/redirect', [...nobody, ...navigation], bare)
    expect(status).toBe(401)
    expect(names).not.toContain('location')
    await bare.close()
  })
})
