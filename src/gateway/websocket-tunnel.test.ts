import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { type EchoUpstream, openEchoUpstream, valuesOf } from '../../test/support/echo-upstream.ts'
import { type GatewayHouse, openGatewayHouse, sessionOf } from '../../test/support/gateway-house.ts'
import { rawRequest, sendRaw, statusesOf } from '../../test/support/raw-http.ts'
import { Refusal } from '../domain/errors.ts'
import { identityHeaderNames } from '../http/identity-headers.ts'

let upstream: EchoUpstream
let house: GatewayHouse
const opened: GatewayHouse[] = []

beforeAll(async () => {
  upstream = await openEchoUpstream()
  house = await openGatewayHouse({
    upstream: { url: upstream.url, timeoutMs: 500 },
    allowedOrigins: ['https://intranet.example'],
    publicPaths: ['/public/*'],
  })
})
afterEach(async () => {
  upstream.requests.length = 0
  upstream.events.length = 0
  house.sessions.set('s1', sessionOf(1))
  await Promise.all(opened.splice(0).map((other) => other.close()))
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})

const upgrade = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

type Outcome = { opened: WebSocket } | { status: number; body: string }

function dial(path = '/ws', options: ClientOptions = {}, in_ = house): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`ws://127.0.0.1:${in_.port}${path}`, {
      headers: { cookie: 'portero=s1' },
      ...options,
    })
    ws.on('open', () => resolve({ opened: ws }))
    ws.on('unexpected-response', async (_, res) => {
      const body = (await res.toArray()).join('')
      resolve({ status: res.statusCode!, body })
    })
    ws.on('error', reject)
  })
}

async function openWs(path?: string, options?: ClientOptions, in_?: GatewayHouse): Promise<WebSocket> {
  const outcome = await dial(path, options, in_)
  if (!('opened' in outcome)) throw new Error(`refused with ${outcome.status}`)
  outcome.opened.on('error', () => {})
  return outcome.opened
}

async function refusal(path: string, options: ClientOptions, in_?: GatewayHouse): Promise<[number, string]> {
  const outcome = await dial(path, options, in_)
  if ('opened' in outcome) throw new Error('it was opened')
  return [outcome.status, JSON.parse(outcome.body).code]
}

const closing = (ws: WebSocket) =>
  new Promise<{ code: number; reason: string }>((resolve) =>
    ws.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
  )

async function until(condition: () => boolean, ms = 15_000): Promise<void> {
  const end = performance.now() + ms
  while (!condition()) {
    if (performance.now() > end) throw new Error('it never became true')
    await new Promise((next) => setTimeout(next, 5))
  }
}

describe('a websocket', () => {
  it('carries texts, bytes and megabytes both ways, and the close code', async () => {
    const ws = await openWs()
    const answers: Buffer[] = []
    ws.on('message', (data) => answers.push(data as Buffer))
    const sent = [Buffer.from('hola'), Buffer.alloc(200), Buffer.alloc(3_000_000, 'm'), Buffer.from('')]
    for (const message of sent) ws.send(message)
    await until(() => answers.length === sent.length)
    expect(answers.map((answer) => answer.length)).toEqual(sent.map((message) => message.length))
    ws.close(4000, 'bye')
    expect(await closing(ws)).toEqual({ code: 4000, reason: 'bye' })
    await until(() => upstream.events.includes('ws closed 4000'))
  })

  it('tells the app who it is, and nothing that the client made up', async () => {
    const headers = [
      'X_Portero_Email: evil',
      'X.Auth.User: evil',
      'Remote-User: evil',
      'X-OpenWebUI-User-Role: evil',
    ]
    const cookies = 'Cookie: portero=s1; token=app; x-auth-phone=jwt'
    const answer = await sendRaw(
      house.port,
      rawRequest('GET /ws?a=%2F', [
        'Host: app',
        cookies,
        ...headers,
        'Connection: X-Portero-User, Upgrade',
        ...upgrade.slice(1),
      ]),
    )
    expect(answer.text).toMatch(/^HTTP\/1.1 101 /)
    const [{ rawHeaders, target }] = upstream.requests as [(typeof upstream.requests)[0]]
    expect(target).toBe('/ws?a=%2F')
    for (const name of identityHeaderNames) expect(valuesOf(rawHeaders, name), name).toHaveLength(1)
    expect(valuesOf(rawHeaders, 'Cookie')).toEqual(['token=app'])
    expect(rawHeaders).not.toContain('evil')
    expect(valuesOf(rawHeaders, 'X-Forwarded-For')).toEqual(['127.0.0.1'])
  })

  it('with frames sent ahead of the answer loses none', async () => {
    const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]).toString('latin1')
    const answer = await sendRaw(
      house.port,
      rawRequest('GET /ws', ['Host: app', 'Cookie: portero=s1', ...upgrade], frame),
    )
    expect(answer.text).toContain('\x81\x02hi')
  })
})

describe('without a session', () => {
  it.each(['/ws', '/public/ws'])(
    '%s is 401, the socket is closed, and the app is never dialled',
    async (path) => {
      const answer = await sendRaw(house.port, rawRequest(`GET ${path}`, ['Host: app', ...upgrade]))
      expect(statusesOf(answer)).toEqual([401])
      expect(answer.text).toContain('not_signed_in')
      expect(upstream.requests).toEqual([])
    },
  )

  it('what cannot be known is 503', async () => {
    const shut = await openGatewayHouse({
      upstream: { url: upstream.url, timeoutMs: 500 },
      identify: () => Promise.reject(new Refusal('revocations_unknown')),
    })
    opened.push(shut)
    expect(await refusal('/ws', {}, shut)).toEqual([503, 'revocations_unknown'])
  })

  it.each(['/_portero/auth', '/_portero/x', '/signin', '/_portero%2fauth', '/a/../b'])(
    '%s is never tunnelled',
    async (path) => {
      const answer = await sendRaw(
        house.port,
        rawRequest(`GET ${path}`, ['Host: app', 'Cookie: portero=s1', ...upgrade]),
      )
      expect([200, 400]).toContain(statusesOf(answer)[0])
      expect(upstream.requests).toEqual([])
    },
  )
})

it.each(['Content-Length: 3', 'Transfer-Encoding: chunked'])(
  'an upgrade with a body (%s) is refused, and the app is never dialled',
  async (framing) => {
    const headers = ['Host: app', 'Cookie: portero=s1', ...upgrade, framing]
    const answer = await sendRaw(house.port, rawRequest('GET /ws', headers, 'abc'))
    expect(statusesOf(answer)).toEqual([400])
    expect(answer.text).toContain('invalid_request')
    expect(upstream.requests).toEqual([])
  },
)

describe('origin_not_allowed', () => {
  const mozilla = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0'
  it.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'https://intranet.example.evil.example' },
    { origin: 'https://intranet.example:444' },
    { origin: 'http://intranet.example' },
    { origin: 'https://intranet.example/' },
    { origin: 'https://user@intranet.example' },
    { origin: 'https://intranet.example, https://evil.example' },
    { 'user-agent': mozilla },
    { 'sec-fetch-mode': 'websocket' },
    { 'sec-fetch-site': 'cross-site' },
  ])('%j is 403', async (headers) => {
    expect(
      await refusal('/ws', { headers: { cookie: 'portero=s1', ...headers } as Record<string, string> }),
    ).toEqual([403, 'origin_not_allowed'])
    expect(upstream.requests).toEqual([])
  })

  it('the own origin, an allowed one, and a program without one pass', async () => {
    const own = `http://127.0.0.1:${house.port}`
    for (const headers of [
      { origin: own, 'user-agent': mozilla },
      { origin: 'https://intranet.example' },
      { 'user-agent': 'bot/1' },
    ]) {
      const ws = await openWs('/ws', {
        headers: { cookie: 'portero=s1', ...headers } as Record<string, string>,
      })
      ws.terminate()
    }
  })

  it('with a public address, that is the own origin, whatever Host says', async () => {
    const named = await openGatewayHouse({
      upstream: { url: upstream.url, timeoutMs: 500 },
      publicUrl: new URL('https://chat.example'),
    })
    opened.push(named)
    const ask = (origin: string) =>
      dial('/ws', { headers: { cookie: 'portero=s1', origin, host: 'evil.example' } }, named)
    expect(await ask('http://evil.example')).toMatchObject({ status: 403 })
    const good = await ask('https://chat.example')
    expect('opened' in good).toBe(true)
    if ('opened' in good) good.opened.terminate()
  })
})

describe('the end of the session', () => {
  it('closes its websockets with 1008 at once, and nobody else’s', async () => {
    house.sessions.set('s2', sessionOf(2))
    const mine = await openWs()
    const other = await openWs('/ws', { headers: { cookie: 'portero=s2' } })
    const start = performance.now()
    const ended = closing(mine)
    house.end('s1')
    expect(await ended).toEqual({ code: 1008, reason: 'session ended' })
    expect(performance.now() - start).toBeLessThan(5_000)
    await until(() => upstream.events.includes('ws closed 1006'))
    other.send('still here')
    await new Promise((resolve) => other.on('message', resolve))
    other.terminate()
  })

  it('by running out closes them within 5 s', async () => {
    const ws = await openWs()
    house.sessions.delete('s1')
    expect((await closing(ws)).code).toBe(1008)
  })

  it('in the middle of a big frame breaks off rather than writing into it', async () => {
    const ws = await openWs('/ws-chatty')
    const ended = closing(ws)
    await new Promise((resolve) => ws.once('message', resolve))
    house.end('s1')
    expect([1006, 1008]).toContain((await ended).code)
  })

  it('while the app has not answered yet is 401', async () => {
    const asked = refusal('/ws-silent', {})
    await until(() => upstream.requests.length === 1)
    house.end('s1')
    expect(await asked).toEqual([401, 'not_signed_in'])
  })
})

describe('the app', () => {
  it('may refuse in its own words, without writing our cookies', async () => {
    const answer = await sendRaw(
      house.port,
      rawRequest('GET /ws-refused', ['Host: app', 'Cookie: portero=s1', ...upgrade]),
    )
    expect(answer.text).toMatch(/^HTTP\/1.1 403 Forbidden\r\n[\s\S]*X-App: 1\r\n[\s\S]*\r\n\r\nno$/)
    expect(answer.text).not.toContain('portero=x')
    expect(answer.isClosed).toBe(true)
  })

  it('that says nothing is 504, garbage is 502', async () => {
    expect(await refusal('/ws-silent', {})).toEqual([504, 'upstream_timeout'])
    expect(await refusal('/ws-garbage', {})).toEqual([502, 'upstream_unreachable'])
  })

  it('that is dead is 502, a thousand times, and no socket stays', async () => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const dead = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const lonely = await openGatewayHouse({ upstream: { url: dead, timeoutMs: 500 } })
    opened.push(lonely)
    const request = rawRequest('GET /ws', ['Host: app', 'Cookie: portero=s1', ...upgrade])
    for (let i = 0; i < 20; i++) {
      const answers = await Promise.all(Array.from({ length: 25 }, () => sendRaw(lonely.port, request)))
      for (const answer of answers) expect(statusesOf(answer)).toEqual([502])
      if (i === 10) await new Promise((done) => server.close(done))
    }
    await until(() => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length < 10)
  })

  it('sees the client go, and the client sees the app go', async () => {
    const ws = await openWs()
    ws.terminate()
    await until(() => upstream.events.includes('ws closed 1006'))
    await until(() => upstream.openSockets() === 0)
  })

  it('is let go when a client closes only its half', async () => {
    const socket = connect({ port: house.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write(rawRequest('GET /ws', ['Host: app', 'Cookie: portero=s1', ...upgrade]))
    await new Promise((resolve) => socket.once('data', resolve))
    const ended = new Promise((resolve) => socket.resume().on('end', resolve))
    socket.end()
    await until(() => upstream.events.includes('ws closed 1006'))
    await ended
    socket.destroy()
  })
})

it('closing says 1001 to everybody, soon', async () => {
  const many = await openGatewayHouse({ upstream: { url: upstream.url, timeoutMs: 2_000 } })
  opened.push(many)
  const all = await Promise.all(Array.from({ length: 300 }, () => openWs('/ws', {}, many)))
  const codes = all.map(closing)
  const start = performance.now()
  await many.gateway.close(18_000)
  expect(new Set((await Promise.all(codes)).map(({ code }) => code))).toEqual(new Set([1001]))
  // Not by waiting out what it may take at most.
  expect(performance.now() - start).toBeLessThan(12_000)
  await until(() => upstream.openSockets() === 0)
})
