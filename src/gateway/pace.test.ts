import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type EchoUpstream, openEchoUpstream } from '../../test/support/echo-upstream.ts'
import { type GatewayHouse, openGatewayHouse } from '../../test/support/gateway-house.ts'
import { rawRequest, sendRaw, statusesOf } from '../../test/support/raw-http.ts'

const patienceMs = 300
const mine = ['Host: app', 'Cookie: portero=s1']

let upstream: EchoUpstream
let house: GatewayHouse
const sockets: Socket[] = []

beforeAll(async () => {
  upstream = await openEchoUpstream()
})
beforeEach(async () => {
  upstream.events.length = 0
  house = await openGatewayHouse({
    upstream: { url: upstream.url, timeoutMs: 10_000 },
    publicPaths: ['/slow'],
    patienceMs,
  })
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await house.close()
})
afterAll(() => upstream.close())

function dial(text: string): { socket: Socket; heard: () => string } {
  const socket = connect(house.port, '127.0.0.1')
  let heard = ''
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1')
  })
  socket.write(text, 'latin1')
  sockets.push(socket)
  return { socket, heard: () => heard }
}

const pause = (ms: number) => new Promise((next) => setTimeout(next, ms))

async function until(condition: () => boolean, ms = 15_000): Promise<void> {
  const end = performance.now() + ms
  while (!condition()) {
    if (performance.now() > end) throw new Error('it never became true')
    await pause(5)
  }
}

describe('an upload', () => {
  it.each(['Content-Length: 1000', 'Transfer-Encoding: chunked'])(
    'that stands still is cut (%s)',
    async (framing) => {
      const { heard } = dial(rawRequest('POST /a', [...mine, framing]))
      await until(() => heard().includes('request_timeout'))
    },
  )

  it('that drips is cut, and the app let go', async () => {
    const { socket, heard } = dial(rawRequest('POST /a', [...mine, 'Content-Length: 1000']))
    const timer = setInterval(() => socket.write('x'), 30)
    await until(() => heard().includes('request_timeout'))
    clearInterval(timer)
    await until(() => upstream.events.includes('upload broken'))
  })

  it('that is slow but moves arrives', async () => {
    const { socket, heard } = dial(rawRequest('POST /a', [...mine, 'Content-Length: 4000']))
    for (let i = 0; i < 20; i++) {
      socket.write('x'.repeat(200))
      await pause(50)
    }
    await until(() => heard().includes('"length":4000'))
  })

  it('that the app does not take is not the client’s fault', async () => {
    const { heard } = dial(rawRequest('POST /never-reads', [...mine, 'Content-Length: 90000000']))
    sockets[0]!.write(Buffer.alloc(90_000_000))
    await pause(3 * patienceMs)
    expect(heard()).toBe('')
    expect(sockets[0]!.destroyed).toBe(false)
  })
})

describe('an answer', () => {
  it('that nobody reads is cut, and the app let go', async () => {
    const before = upstream.openSockets()
    const { socket, heard } = dial(rawRequest('GET /download?bytes=200000000', mine))
    socket.pause()
    await until(() => upstream.openSockets() > before)
    await until(() => upstream.openSockets() <= before)
    socket.resume()
    await until(() => socket.destroyed)
    expect(heard().length).toBeLessThan(200_000_000)
  })

  it('that is read slowly comes whole', async () => {
    const { socket, heard } = dial(rawRequest('GET /download?bytes=60000000', mine))
    for (let i = 0; i < 8; i++) {
      socket.pause()
      await pause(patienceMs / 2)
      socket.resume()
      await pause(10)
    }
    await until(() => heard().length > 60_000_000)
  })

  it('that is an idle event stream stays', async () => {
    const { socket, heard } = dial(rawRequest('GET /sse?silent', mine))
    await until(() => heard().includes('event-stream'))
    await pause(3 * patienceMs)
    expect(socket.destroyed).toBe(false)
    expect(upstream.events).toEqual([])
  })

  it('that is a websocket which nobody reads is cut', async () => {
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
    const { socket } = dial(rawRequest('GET /ws-chatty', [...mine, ...upgrade, key]))
    socket.pause()
    await until(() => upstream.events.some((event) => event.startsWith('ws closed')), 8_000)
  })
})

it('strangers take a quarter of the room, and give it back', async () => {
  const ask = () => sendRaw(house.port, rawRequest('GET /slow?ms=700', ['Host: app']), 100)
  const crowd = Array.from({ length: 150 }, ask)
  await pause(350)
  expect(statusesOf(await sendRaw(house.port, rawRequest('GET /a', mine)))).toEqual([200])
  const statuses = (await Promise.all(crowd)).flatMap(statusesOf)
  expect(statuses.filter((status) => status === 200)).toHaveLength(128)
  expect(statuses.filter((status) => status === 503)).toHaveLength(22)
  expect(statusesOf(await sendRaw(house.port, rawRequest('GET /slow?ms=1', ['Host: app'])))).toEqual([200])
})
