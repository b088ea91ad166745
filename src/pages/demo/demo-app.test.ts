import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type DemoApp, openDemoApp } from './demo-app.ts'

describe('the demo app', () => {
  let app: DemoApp
  beforeAll(async () => {
    app = await openDemoApp({ now: () => 1234567 })
  })
  afterAll(() => app.close())

  const at = (path: string, init?: RequestInit) => fetch(new URL(path, app.url), init)

  test('greets whoever the gateway says is there, whatever their name', async () => {
    const name = encodeURIComponent('Ana <b> Souza & Ñandú')
    const page = await at('/', {
      headers: { 'x-portero-name': name, 'x-portero-phone': '+5511961234567', 'accept-language': 'pt' },
    })
    const text = await page.text()
    expect(text).toContain('Olá, Ana &lt;b&gt; Souza &amp; Ñandú')
    expect(text).toContain('+5511961234567')
    expect(text).toContain('/_portero/account')
  })

  test('greets without a name when there is none', async () => {
    expect(await (await at('/c/1?x', { headers: { 'x-portero-name': '%' } })).text()).toContain('Hola, %')
    expect(await (await at('/')).text()).toContain('<h1>Hola</h1>')
  })

  test('streams the time', async () => {
    const stream = await at('/clock')
    const reader = stream.body!.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1234567\n\n')
    await reader.cancel()
  })

  test('counts what is uploaded', async () => {
    const bytes = randomBytes(300_000)
    const answer = await at('/upload', { method: 'POST', body: bytes })
    expect(await answer.json()).toEqual({
      bytes: 300_000,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
  })

  test.each(['hola', 'ñ'.repeat(60), 'x'.repeat(125), 'x'.repeat(126), 'x'.repeat(60_000)])(
    'echoes %.10s… over a websocket',
    async (text) => {
      const socket = new WebSocket(new URL('/echo', app.url))
      await new Promise((resolve) => socket.on('open', resolve))
      const heard = new Promise((resolve) => socket.on('message', (data) => resolve(String(data))))
      socket.send(text)
      expect(await heard).toBe(text)
      const closed = new Promise((resolve) => socket.on('close', resolve))
      socket.close(1000)
      expect(await closed).toBe(1000)
    },
  )

  test('ends a websocket that sends too much, and refuses other upgrades', async () => {
    const socket = new WebSocket(new URL('/echo', app.url))
    await new Promise((resolve) => socket.on('open', resolve))
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.on('error', () => {})
    socket.send('x'.repeat(70_000))
    expect(await closed).toBe(1006)
    const other = new WebSocket(new URL('/elsewhere', app.url))
    expect(await new Promise((resolve) => other.on('error', (error) => resolve(error.message)))).toContain(
      '404',
    )
  })

  test('closes, streams and sockets included', async () => {
    const other = await openDemoApp({ now: () => 0 })
    await fetch(new URL('/clock', other.url))
    const socket = new WebSocket(new URL('/echo', other.url))
    await new Promise((resolve) => socket.on('open', resolve))
    await other.close()
  })
})
