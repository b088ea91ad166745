import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { sampleMessage } from '../../../test/contracts/delivery-provider.contract.ts'
import { sampleBrand } from '../../../test/pages/gallery.ts'
import { sayBack } from '../../../test/support/simulated-bot.ts'
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
    defaultRegion: 'AR',
    originOf: (req) => `http://${req.headers.host}`,
    write: async (phone, { text, button }) => sayBack(simulator, phone, text, button),
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
  test('shows the texts of every number, the newest last, with a code to copy', async () => {
    const { app, send } = openSimulator()
    const first = await send({ channel: 'sms' })
    const second = await send()
    const { body } = await app.inject('/_portero/demo')
    expect(body.indexOf(second.code!)).toBeGreaterThan(body.indexOf(first.code!))
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
    await opened.pop()!.close()
    expect((await reader.read()).done).toBe(true)
  })

  const post = (app: ReturnType<typeof openSimulator>['app'], fields: Record<string, string>, headers = {}) =>
    app.inject({
      method: 'POST',
      url: '/_portero/demo/messages',
      headers: {
        ...{ 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost:80' },
        ...headers,
      },
      payload: new URLSearchParams(fields).toString(),
    })

  test('brings what a phone writes to the bot, and shows both sides of the chat', async () => {
    const { app } = openSimulator()
    const phone = '+5491123456789'
    const sent = await post(app, { phone: '11 2345-6789', text: 'hola <b>', lang: 'es' })
    expect([sent.statusCode, sent.headers.location]).toEqual([
      303,
      `/_portero/demo?lang=es&phone=${encodeURIComponent(phone)}`,
    ])
    const { body } = await app.inject(sent.headers.location!)
    expect(body).toMatch(
      /class="bubble whatsapp mine"[\s\S]*hola &lt;b&gt;[\s\S]*class="bubble whatsapp bot"[\s\S]*eco: hola &lt;b&gt;/,
    )
    expect(body).toContain('<button name="button" value="n1:juan Juan">Juan</button>')
    expect(body).not.toContain('http-equiv="refresh"')
    await post(app, { phone, button: 'n1:juan Juan' }, { accept: 'application/json' })
    expect((await app.inject(sent.headers.location!)).body).toMatch(/<p>Juan<\/p>[\s\S]*botón: n1:juan/)
  })

  test('makes a sign-in link of the bot one to click on, and no other address', async () => {
    const { app } = openSimulator()
    const token = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    const phone = '+5491123456789'
    await post(app, { phone, text: `http://evil.example/_portero/l/${token} http://evil.example/x` })
    const { body } = await app.inject(`/_portero/demo?phone=${encodeURIComponent(phone)}`)
    expect(body.match(/<a href="[^"]*evil[^"]*"/g)).toBeNull()
    expect(body).toContain(`<a href="/_portero/l/${token}" target="_blank" rel="noreferrer">`)
    // What the phone wrote itself stays as it is.
    expect(body.match(/\/_portero\/l\//g)).toHaveLength(3)
  })

  test('asks again for a number that is none, and takes nothing from other sites', async () => {
    const { app } = openSimulator()
    const wrong = await post(app, { phone: '<i>', text: 'hola' })
    expect([wrong.statusCode, wrong.headers.location]).toEqual([303, '/_portero/demo?wrong=%3Ci%3E'])
    const { body } = await app.inject(wrong.headers.location!)
    expect(body).toContain('value="&lt;i&gt;" aria-invalid="true"')
    expect(body).toContain('role="alert"')
    const elsewhere = await post(
      app,
      { phone: '+5491123456789', text: 'x' },
      { origin: 'http://evil.example' },
    )
    expect([elsewhere.statusCode, elsewhere.json().code]).toEqual([403, 'origin_not_allowed'])
  })

  test('works without script by loading itself again', async () => {
    const { app } = openSimulator()
    expect((await app.inject('/_portero/demo')).body).toContain('<noscript><meta http-equiv="refresh"')
  })
})
