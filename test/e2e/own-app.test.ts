import { createHash, randomBytes } from 'node:crypto'
import { get } from 'node:http'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { identityHeaderNames } from '../../src/http/identity-headers.ts'
import { call, cookieHeader } from '../support/call.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { demoEnv } from '../support/portero-in-process.ts'
import { openPortero, type PorteroProcess } from '../support/portero-process.ts'
import { rawRequest, sendRaw, statusesOf } from '../support/raw-http.ts'
import { type SignedInByApi, signInByApi } from '../support/sign-in.ts'
import { type Got, openSmallApp, type SmallApp } from '../support/small-app.ts'

let database: TestDatabase
let app: SmallApp
let portero: PorteroProcess
let person: SignedInByApi
beforeAll(async () => {
  database = await testDatabase()
  app = await openSmallApp()
  portero = await openPortero(demoEnv(database, { OPENWEBUI_URL: app.url }))
  person = await signInByApi(portero.url)
})
afterAll(async () => {
  await portero.dispose()
  await app.close()
  await database.close()
})

const last = (): Got => app.got.at(-1)!

function valuesOf(headers: readonly string[], name: string): string[] {
  return headers.filter((_, i) => i % 2 === 1 && headers[i - 1]!.toLowerCase() === name.toLowerCase())
}

describe('an app of one’s own behind the door', () => {
  it('is reached after signing in, at the page that was asked for', async () => {
    const before = app.got.length
    const navigation = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const sent = await call(`${portero.url}/deep/page?x=1&y=%2F`, { headers: navigation })
    expect(sent.status).toBe(303)
    const signIn = new URL(sent.headers.location!, portero.url)
    expect([signIn.pathname, signIn.searchParams.get('return')]).toEqual([
      '/_portero/signin',
      '/deep/page?x=1&y=%2F',
    ])
    expect((await call(`${portero.url}/api/data`)).status).toBe(401)
    expect(app.got.length).toBe(before)

    const link = `${portero.url}/signin?token=${person.token}&return=${encodeURIComponent('/deep/page?x=1&y=%2F')}`
    const entered = await call(link)
    const page = await call(new URL(entered.headers.location!, portero.url).href, {
      headers: { ...navigation, cookie: cookieHeader(entered.cookies) },
    })
    expect([page.status, page.cookies]).toEqual([200, { app: '1' }])
    expect(page.text).toContain('The app')
    expect(last()).toMatchObject({ method: 'GET', target: '/deep/page?x=1&y=%2F' })
  })

  it('learns who it is from headers that are always there, and can check them by a signature', async () => {
    await call(`${portero.url}/`, { headers: { cookie: person.cookie } })
    const { headers } = last()
    for (const name of identityHeaderNames) expect(valuesOf(headers, name), name).toHaveLength(1)
    expect(valuesOf(headers, 'x-portero-user')).toEqual([person.personId])
    expect(valuesOf(headers, 'x-portero-phone')).toEqual([person.phone])
    expect(valuesOf(headers, 'x-portero-level')).toEqual(['confirmed'])
    expect(valuesOf(headers, 'x-portero-email')[0]).toMatch(/^[^@]+@portero\.invalid$/)
    const keys = createRemoteJWKSet(new URL(`${portero.url}/_portero/jwks.json`))
    const { payload } = await jwtVerify(valuesOf(headers, 'x-portero-jwt')[0]!, keys, {
      algorithms: ['ES256'],
    })
    expect(payload).toMatchObject({ sub: person.personId, phone_number: person.phone })
    expect(payload.exp! - payload.iat!).toBe(60)
    expect(payload).not.toHaveProperty('sid')
  })

  it('keeps its own Authorization and its own cookies, and never sees those of Portero', async () => {
    const cookie = `app=1; ${person.cookie}; theme=dark; portero_device=x; __Host-portero_flow=y`
    await call(`${portero.url}/api`, { headers: { cookie, authorization: 'Bearer sk-of-the-app' } })
    expect(valuesOf(last().headers, 'authorization')).toEqual(['Bearer sk-of-the-app'])
    expect(valuesOf(last().headers, 'cookie').join('; ').replaceAll('; ', ';')).toBe('app=1;theme=dark')
    await call(`${portero.url}/api`, { headers: { authorization: `Bearer ${person.token}` } })
    expect(valuesOf(last().headers, 'authorization')).toEqual([])
    expect(valuesOf(last().headers, 'x-portero-user')).toEqual([person.personId])
    expect(last().headers.join(' ')).not.toContain(person.token)
  })

  it('gets an upload of 20 MB byte for byte', async () => {
    const body = randomBytes(20 * 1024 * 1024)
    const sha256 = createHash('sha256').update(body).digest('hex')
    const answer = await call(`${portero.url}/upload`, {
      body,
      headers: { cookie: person.cookie, 'content-type': 'application/octet-stream' },
    })
    expect(answer.text).toContain(`${body.length} ${sha256}`)
  })

  it('streams events, the first before there is another', async () => {
    const first = await new Promise<string>((resolve, reject) => {
      const req = get(`${portero.url}/events`, { headers: { cookie: person.cookie } }, (res) => {
        res.once('data', (chunk) => {
          resolve(String(chunk))
          req.destroy()
        })
      })
      req.on('error', reject)
    })
    expect(first).toMatch(/^data: \d+\n\n$/)
  })

  it('echoes over a websocket, for signed-in people from this origin alone', async () => {
    const connect = (headers: Record<string, string>) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${portero.port}/ws`, { headers })
        socket.on('open', () => socket.send('hola'))
        socket.on('message', (data) => {
          resolve(String(data))
          socket.close()
        })
        socket.on('unexpected-response', (_, res) => resolve(String(res.statusCode)))
        socket.on('error', () => {})
      })
    const { cookie } = person
    expect(await connect({ cookie })).toBe('hola')
    expect(await connect({ cookie, origin: portero.url })).toBe('hola')
    const before = app.got.length
    expect(await connect({})).toBe('401')
    expect(await connect({ cookie, origin: 'https://evil.example' })).toBe('403')
    expect(await connect({ cookie, origin: 'null' })).toBe('403')
    expect(app.got.length).toBe(before)
  })
})

/** Names by which some server or proxy says who somebody is. */
const names = [
  ...identityHeaderNames,
  ...[
    'Remote-User',
    'Remote-Name',
    'Remote-Email',
    'Remote-Groups',
    'X-Remote-User',
    'X-Auth-User',
    'X-Auth-Email',
  ],
  ...[
    'X-Auth-Phone',
    'X-Auth-Role',
    'X-Forwarded-User',
    'X-Forwarded-Email',
    'X-Forwarded-Groups',
    'X-Forwarded-For',
  ],
  ...[
    'X-Forwarded-Preferred-Username',
    'X-OpenWebUI-User-Email',
    'X-OpenWebUI-User-Id',
    'X-OpenWebUI-User-Role',
  ],
  ...[
    'X-Real-IP',
    'X-Portero-Anything',
    'X-Webauth-User',
    'X-Authenticated-User',
    'Forwarded',
    'True-Client-IP',
  ],
]

/** Every way to write a name with each separator one of three, in five cases. */
function spellings(name: string): string[] {
  const parts = name.split('-')
  let written = [parts[0]!]
  for (const part of parts.slice(1)) {
    written = written.flatMap((start) => ['-', '_', '.'].map((separator) => `${start}${separator}${part}`))
  }
  const mixed = (text: string) =>
    [...text].map((letter, i) => (i % 2 ? letter.toUpperCase() : letter.toLowerCase())).join('')
  return written.flatMap((text) => [text, text.toLowerCase(), text.toUpperCase(), mixed(text)])
}

const all = names.flatMap(spellings)

function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

function expectHonest(got: Got): void {
  expect(got.headers.filter((text) => text.includes('spoofed'))).toEqual([])
  expect(got.trailers).toEqual([])
  for (const name of identityHeaderNames) expect(valuesOf(got.headers, name), name).toHaveLength(1)
  expect(valuesOf(got.headers, 'x-portero-user')).toEqual([person.personId])
}

describe(`an identity header that somebody else wrote, in ${all.length} spellings`, () => {
  const base = () => ['Host: localhost', `Cookie: ${person.cookie}`]

  it('never reaches the app', async () => {
    for (const some of batches(all, 150)) {
      const headers = [...base(), 'Connection: close', ...some.map((name) => `${name}: spoofed`)]
      const answer = await sendRaw(portero.port, rawRequest('GET /', headers))
      expect(statusesOf(answer), answer.text.slice(0, 200)).toEqual([200])
      expectHonest(last())
    }
  })

  it('never reaches it with an upgrade', async () => {
    for (const some of batches(all, 150)) {
      const upgrade = [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ]
      const headers = [...base(), ...upgrade, ...some.map((name) => `${name}: spoofed`)]
      const answer = await sendRaw(portero.port, rawRequest('GET /ws', headers), 20)
      expect(answer.text).toMatch(/^HTTP\/1\.1 101/)
      expectHonest(last())
    }
  })

  it('cannot take Portero’s own away by naming them in Connection', async () => {
    for (const some of batches(all, 150)) {
      const headers = [...base(), `Connection: close, ${some.join(', ')}`]
      const answer = await sendRaw(portero.port, rawRequest('GET /', headers))
      expect(statusesOf(answer)).toEqual([200])
      expectHonest(last())
    }
    const cookieToo = [
      ...base(),
      'Connection: close, cookie, host, authorization',
      'Authorization: Bearer of-the-app',
    ]
    const answer = await sendRaw(portero.port, rawRequest('GET /', cookieToo))
    expect(statusesOf(answer)).toEqual([200])
    expectHonest(last())
  })

  it('does not arrive as a trailer', async () => {
    for (const some of batches(all, 100)) {
      const headers = [
        ...base(),
        'Connection: close',
        'Transfer-Encoding: chunked',
        'Trailer: X-Portero-User',
      ]
      const body = `5\r\nhello\r\n0\r\n${some.map((name) => `${name}: spoofed\r\n`).join('')}\r\n`
      const answer = await sendRaw(portero.port, rawRequest('POST /', headers, body))
      expect(statusesOf(answer), answer.text.slice(0, 200)).toEqual([200])
      expectHonest(last())
      expect(last().length).toBe(5)
    }
  })

  it('is nobody’s when nobody is signed in', async () => {
    const before = app.got.length
    for (const some of batches(all, 150)) {
      const headers = ['Host: localhost', 'Connection: close', ...some.map((name) => `${name}: spoofed`)]
      expect(statusesOf(await sendRaw(portero.port, rawRequest('GET /', headers)))).toEqual([401])
      const asked = await sendRaw(portero.port, rawRequest('GET /_portero/auth', headers))
      expect(statusesOf(asked)).toEqual([401])
      expect(asked.text).not.toContain('spoofed')
    }
    expect(app.got.length).toBe(before)
  })
})
