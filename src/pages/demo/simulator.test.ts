import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { sampleMessage } from '../../../test/contracts/delivery-provider.contract.ts'
import { sampleBrand } from '../../../test/pages/gallery.ts'
import { simulatorDelivery } from '../../adapters/delivery/simulator.ts'
import { silentLog } from '../../domain/log.ts'
import { openOwnApp } from '../../http/own-app.ts'
import { simulatorPages } from './simulator.ts'

const opened: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close()
})

function openSimulator() {
  const simulator = simulatorDelivery({ now: () => Date.UTC(2026, 10, 22, 12, 34) })
  const app = openOwnApp({ log: silentLog, referenceOf: () => 'K7QF2M9A' })
  opened.push(app)
  app.register(simulatorPages, {
    brand: { ...sampleBrand, logo: undefined },
    defaultLocale: 'es',
    demo: { on: true, asked: false },
    isSecure: () => false,
    simulator,
  })
  const send = async (change = {}) => {
    const message = { ...sampleMessage(simulator), ...change }
    await simulator.send(message, AbortSignal.timeout(1000))
    return message
  }
  return { app, send }
}

describe('the phone simulator', () => {
  test('shows the texts of every number, newest first, with a code to copy', async () => {
    const { app, send } = openSimulator()
    const first = await send({ channel: 'sms' })
    const second = await send()
    const { body } = await app.inject('/_portero/demo')
    expect(body.indexOf(second.code!)).toBeLessThan(body.indexOf(first.code!))
    expect(body).toContain(`data-code="${first.code}"`)
    expect(body).toContain('class="bubble sms"')
  })

  test('shows one number alone when asked to, and nothing of hostile addresses', async () => {
    const { app, send } = openSimulator()
    const [first, second] = [await send(), await send()]
    const { body } = await app.inject(`/_portero/demo?phone=${encodeURIComponent(first.to)}`)
    expect(body).toContain(`data-code="${first.code}"`)
    expect(body).not.toContain(`data-code="${second.code}"`)
    const hostile = await app.inject('/_portero/demo?phone=%3Cscript%3E&lang=%3Cb%3E&phone=x')
    expect([hostile.statusCode, hostile.body.match(/<script>/g)?.length]).toEqual([200, 1])
  })

  test('escapes what a text says', async () => {
    const { app, send } = openSimulator()
    await send({ text: '<img src=x onerror=alert(1)>', code: undefined })
    const { body } = await app.inject('/_portero/demo')
    expect(body).toContain('&lt;img src=x')
    expect(body).not.toContain('<img')
  })

  test('brings what is there and what arrives through its stream, and ends with the server', async () => {
    const { app, send } = openSimulator()
    const before = await send()
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const stream = await fetch(`http://127.0.0.1:${port}/_portero/demo/messages`)
    expect(stream.headers.get('content-type')).toContain('text/event-stream')
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
    let heard = ''
    const until = async (text: string) => {
      while (!heard.includes(text)) heard += (await reader.read()).value ?? ''
    }
    await until(before.code!)
    expect(heard).toContain('"isNew":false')
    const after = await send()
    await until(after.code!)
    expect(heard).toContain('"isNew":true')
    const started = performance.now()
    await opened.pop()!.close()
    expect((await reader.read()).done).toBe(true)
    expect(performance.now() - started).toBeLessThan(1500)
  })

  test('works without script by loading itself again', async () => {
    const { app } = openSimulator()
    expect((await app.inject('/_portero/demo')).body).toContain('<noscript><meta http-equiv="refresh"')
  })
})
