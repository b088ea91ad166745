import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { trustedProxies } from '../../src/http/client-address.ts'
import { identityHeaderNames } from '../../src/http/identity-headers.ts'
import { type EchoUpstream, openEchoUpstream, valuesOf } from '../support/echo-upstream.ts'
import { type GatewayHouse, openGatewayHouse, sessionOf } from '../support/gateway-house.ts'
import { rawRequest, sendRaw, statusesOf } from '../support/raw-http.ts'

let app: EchoUpstream
let house: GatewayHouse
let folder: string
let nginx: ChildProcess
let port: number

beforeAll(async () => {
  app = await openEchoUpstream()
  house = await openGatewayHouse({ trustedProxies: trustedProxies(['127.0.0.1']) })
  port = await freePort()
  folder = await mkdtemp(join(tmpdir(), 'portero-nginx-'))
  nginx = await startNginx()
})
afterEach(() => {
  app.requests.length = 0
  house.sessions.set('s1', sessionOf(1))
})
afterAll(async () => {
  nginx.kill('SIGTERM')
  await new Promise((done) => nginx.on('exit', done))
  await rm(folder, { recursive: true })
  await house.close()
  await app.close()
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port: free } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return free
}

/** The shipped file with its addresses changed, as its first lines say, and without TLS. */
async function shippedConf(): Promise<string> {
  const shipped = await readFile(join(import.meta.dirname, '../../deploy/nginx/portero-auth.conf'), 'utf8')
  return shipped
    .replace('127.0.0.1:8081', `127.0.0.1:${house.port}`)
    .replace('127.0.0.1:3000', `127.0.0.1:${app.port}`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port};`)
    .replace(/^ *ssl_certificate.*\n/gm, '')
}

async function startNginx(): Promise<ChildProcess> {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${kind};`,
  )
  const outer = [
    'daemon off; master_process off; pid nginx.pid; error_log stderr warn;',
    'events { worker_connections 256; }',
    `http { access_log off; ${temporary.join(' ')} include portero-auth.conf; }`,
  ]
  await writeFile(join(folder, 'nginx.conf'), outer.join('\n'))
  await writeFile(join(folder, 'portero-auth.conf'), await shippedConf())
  const child = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr!.on('data', (text) => {
    said += text
  })
  child.on('error', () => {
    said += 'nginx is not installed'
  })
  for (let i = 0; i < 100; i++) {
    if (child.exitCode !== null) break
    const answer = await sendRaw(port, rawRequest('GET /ready', ['Host: app', 'Connection: close']))
    if (answer.text !== '') return child
    await new Promise((next) => setTimeout(next, 50))
  }
  throw new Error(`nginx did not start: ${said}`)
}

const ask = (line: string, headers: readonly string[] = [], body = '') =>
  sendRaw(port, rawRequest(line, ['Host: chat.example', 'Connection: close', ...headers], body))
const signedIn = 'Cookie: portero=s1'
const last = () => app.requests.at(-1)!

describe('a signed-in person', () => {
  it('reaches the app with every identity header, once, the raw target, and the body', async () => {
    const answer = await ask('POST /a//b/%2Fc?x=%20y', [signedIn, 'Content-Length: 4'], 'body')
    expect(statusesOf(answer)).toEqual([200])
    expect(last().target).toBe('/a//b/%2Fc?x=%20y')
    expect(last().length).toBe(4)
    for (const name of identityHeaderNames) expect(valuesOf(last().rawHeaders, name), name).toHaveLength(1)
    expect(valuesOf(last().rawHeaders, 'X-Portero-User')).toEqual([sessionOf(1).person.id])
    expect(valuesOf(last().rawHeaders, 'X-Forwarded-For')).toEqual(['127.0.0.1'])
    expect(valuesOf(last().rawHeaders, 'X-Forwarded-Host')).toEqual(['chat.example'])
  })

  it.each([
    ...identityHeaderNames,
    'x_portero_email',
    'X.Portero.Email',
    'X-Auth-User',
    'Remote-User',
    'X-Forwarded-User',
    'X-Forwarded-Email',
    'X-OpenWebUI-User-Email',
    'X-Forwarded-Uri',
    'X-Original-URL',
    'Forwarded',
    'X-Real-IP',
  ])('cannot be somebody else by %s, with that field empty or not', async (name) => {
    house.sessions.set('s1', sessionOf(1, { name: undefined, role: undefined, groups: [] }))
    await ask('GET /a', [signedIn, `${name}: evil`, `Connection: close, ${name}`])
    expect(last().rawHeaders).not.toContain('evil')
    expect(valuesOf(last().rawHeaders, 'X-Portero-Email')).toEqual([sessionOf(1).person.email])
  })

  it.each([
    ['portero=s1', undefined],
    ['a=1; portero=s1; b="x y"', 'a=1; b="x y"'],
    [
      '__Host-portero=x; a=1; x-auth-phone=j; portero_device=d; portero=s1; portero_flow=f; portero_lang=es; b=2',
      'a=1; b=2',
    ],
    ['portero=s1; PORTERO=2; portero=3; portero=4; portero=5; portero=6; portero=7; a=1', undefined],
    ['my_portero=1; portero=s1; x-auth-phones=2', 'my_portero=1; x-auth-phones=2'],
  ])('keeps Portero’s cookies from the app: %s', async (cookie, kept) => {
    expect(statusesOf(await ask('GET /a', [`Cookie: ${cookie}`]))).toEqual([200])
    expect(valuesOf(last().rawHeaders, 'Cookie')).toEqual(kept === undefined ? [] : [kept])
  })

  it('gets event streams unbuffered and websockets', async () => {
    const stream = await sendRaw(port, rawRequest('GET /sse', ['Host: chat.example', signedIn]), 30)
    expect(stream.ms).toBeLessThan(1_000)
    const origin = `http://127.0.0.1:${port}`
    const ws = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { cookie: 'portero=s1', origin } })
    await new Promise((resolve) => ws.on('open', resolve))
    ws.send('hola')
    expect(String(await new Promise((resolve) => ws.on('message', resolve)))).toBe('hola')
    expect(valuesOf(last().rawHeaders, 'X-Portero-User')).toEqual([sessionOf(1).person.id])
    ws.terminate()
  })
})

describe('a stranger', () => {
  it('as a navigation goes to sign-in and comes back with the whole query', async () => {
    const { text } = await ask('GET /c?a=1&b=2', ['Sec-Fetch-Mode: navigate'])
    expect(text).toMatch(/^HTTP\/1.1 303/)
    expect(text).toMatch(/location: \/_portero\/signin\?return=%2Fc%3Fa%3D1%26b%3D2\r\n/i)
    expect(app.requests).toEqual([])
  })

  it('as a program is told 401 problem+json', async () => {
    const { text } = await ask('POST /api', ['Content-Length: 2', 'X-Portero-User: evil'], 'ok')
    expect(text).toMatch(/^HTTP\/1.1 401/)
    expect(text).toContain('application/problem+json')
    expect(text).toMatch(/portero-refusal: not_signed_in/i)
    expect(app.requests).toEqual([])
  })

  it.each([
    '/_portero/auth',
    '/_portero/../a',
    '//_portero/auth',
    '/%5fportero/x',
    '/signin/../a',
    '/a?x=/_portero/',
  ])('does not reach the app by %s', async (path) => {
    await ask(`GET ${path}`)
    await ask(`GET ${path}`, [
      'X-Forwarded-Uri: /public',
      'X-Original-URL: /public',
      'X-Forwarded-Method: OPTIONS',
    ])
    expect(app.requests).toEqual([])
  })

  it('reaches Portero’s own paths', async () => {
    expect((await ask('GET /_portero/signin')).text).toContain('own /_portero/signin')
    expect((await ask('GET /signin?token=x')).text).toContain('own /signin?token=x')
    expect((await ask('POST /otp/request', ['Content-Length: 0'])).text).toContain('own /otp/request')
  })

  it('opens no websocket', async () => {
    const upgrade = [
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ]
    const line = (headers: string[]) =>
      rawRequest('GET /ws', ['Host: chat.example', 'Connection: Upgrade', ...upgrade, ...headers])
    expect(statusesOf(await sendRaw(port, line([])))).toEqual([401])
    for (const origin of ['https://evil.example', 'null', 'http://chat.example.evil']) {
      expect(statusesOf(await sendRaw(port, line([signedIn, `Origin: ${origin}`]))), origin).toEqual([403])
    }
    expect((await sendRaw(port, line([signedIn, 'Origin: http://chat.example']))).text).toMatch(
      /^HTTP\/1.1 101/,
    )
    expect(app.requests).toHaveLength(1)
  })
})

// Last, for it takes Portero away.
it('stays closed when Portero is away', async () => {
  await house.close()
  const answer = await ask('GET /a', [signedIn])
  expect(statusesOf(answer)).toEqual([503])
  expect(answer.text).toContain('Sign-in does not answer')
  expect(app.requests).toEqual([])
  house = await openGatewayHouse()
})
