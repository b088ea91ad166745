import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type EchoUpstream, valuesOf } from '../support/echo-upstream.ts'
import { sessionOf } from '../support/gateway-house.ts'
import { rawRequest, sendRaw, statusesOf } from '../support/raw-http.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { debianCaddy, newestCaddy, startCaddyWithTls } from './caddy.ts'
import { type Addresses, freePort, type Gate, openGate } from './gate.ts'
import { startNginxWithTls } from './nginx.ts'
import { type ProxyProcess, site } from './proxy-process.ts'

/** A proxy with its port for plain http beside that for https. */
type StartWithTls = (at: Addresses, plainPort: number) => Promise<ProxyProcess>

const newest = await newestCaddy()
const run = promisify(execFile)

describe('nginx with TLS before the built-in gateway (portero-gateway.conf)', () =>
  tlsCases(async (at, plainPort) => startNginxWithTls(at, plainPort, await selfSigned())))
describe('Debian’s Caddy with TLS before the built-in gateway (Caddyfile.gateway)', () =>
  tlsCases((at, plainPort) => startCaddyWithTls(debianCaddy, at, plainPort)))
if ('missing' in newest)
  describe.skip(`the newest Caddy with TLS: skipped, ${newest.missing}`, () =>
    tlsCases((at, plainPort) => startCaddyWithTls(debianCaddy, at, plainPort)))
else
  describe('the newest Caddy with TLS before the built-in gateway (Caddyfile.gateway)', () =>
    tlsCases((at, plainPort) => startCaddyWithTls(newest.path, at, plainPort)))

function tlsCases(start: StartWithTls): void {
  let gate: Gate
  let plainPort: number
  beforeAll(async () => {
    plainPort = await freePort()
    gate = await openGate((at) => start(at, plainPort), `https://${site}`)
    // Caddy makes its certificates after it has begun to listen.
    for (let i = 0; i < 100; i++) {
      if (await get(gate, '/ready', {}).catch(() => undefined)) break
      await new Promise((next) => setTimeout(next, 50))
    }
  })
  afterAll(() => gate?.close())

  it('plain http is sent to https, path and query kept, whatever host it names', async () => {
    const { text } = await sendRaw(
      plainPort,
      rawRequest('GET /c/1?a=1', [`Host: ${site}`, 'Connection: close']),
    )
    expect(text).toMatch(/^HTTP\/1\.1 30[18]/)
    expect(/\r\nlocation: (.*)\r\n/i.exec(text)?.[1]).toMatch(/^https:\/\/chat\.example(?::\d+)?\/c\/1\?a=1$/)
    const other = await sendRaw(plainPort, rawRequest('POST /c', ['Host: evil.example', 'Connection: close']))
    expect([301, 308, 200, 400]).toContain(statusesOf(other)[0])
    expect(gate.app.requests).toEqual([])
  })

  it('the app is told https, and whoever is not signed in nothing', async () => {
    expect(
      await get(gate, '/a', {
        cookie: 'portero=s1',
        'x-forwarded-proto': 'evil',
        'x-forwarded-for': '9.9.9.9',
      }),
    ).toBe(200)
    expect(last(gate.app, 'X-Forwarded-Proto')).toEqual(['https'])
    expect(last(gate.app, 'X-Forwarded-For')).toEqual(['127.0.0.1'])
    expect(last(gate.app, 'X-Portero-User')).toEqual([sessionOf(1).person.id])
    expect(await get(gate, '/a', {})).toBe(401)
  })

  it('a websocket of the site’s own page opens', async () => {
    const ws = new WebSocket(`wss://127.0.0.1:${gate.port}/ws`, {
      agent: new Agent({ rejectUnauthorized: false, servername: site }),
      headers: { host: site, cookie: 'portero=s1', origin: `https://${site}` },
    })
    await new Promise((resolve, reject) => ws.on('open', resolve).on('error', reject))
    ws.send('hola')
    expect(String(await new Promise((resolve) => ws.on('message', resolve)))).toBe('hola')
    ws.terminate()
  })
}

function last({ requests }: EchoUpstream, name: string): string[] {
  return valuesOf(requests.at(-1)!.rawHeaders, name)
}

function get({ port }: Gate, path: string, headers: Record<string, string>): Promise<number> {
  const options = { host: '127.0.0.1', port, path, servername: site, rejectUnauthorized: false }
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, headers: { host: site, ...headers } }, (res) => {
      res.resume().on('end', () => resolve(res.statusCode!))
    })
    asked.on('error', reject).end()
  })
}

/** A certificate for the site, as nobody would sign it. */
async function selfSigned(): Promise<{ readonly certificate: string; readonly key: string }> {
  const { path, remove } = await temporaryFolder()
  const files = ['-keyout', 'site.key', '-out', 'site.pem', '-subj', `/CN=${site}`]
  await run(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...files],
    {
      cwd: path,
    },
  )
  const [certificate, key] = await Promise.all(
    ['site.pem', 'site.key'].map((name) => readFile(join(path, name), 'utf8')),
  )
  await remove()
  return { certificate: certificate!, key: key! }
}
