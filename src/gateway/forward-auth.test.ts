import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GatewayHouse, openGatewayHouse, sessionOf } from '../../test/support/gateway-house.ts'
import { rawRequest, sendRaw, statusesOf } from '../../test/support/raw-http.ts'
import { Refusal } from '../domain/errors.ts'
import { identityHeaderNames } from '../http/identity-headers.ts'

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
    expect(head).toContain('Vary: Cookie, Authorization\r\n')
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
    expect(head).toContain('vary: Cookie, Authorization')
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
