import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { simulatorDelivery } from '../../src/adapters/delivery/simulator.ts'
import { locales } from '../../src/domain/locale.ts'
import { openDemoApp } from '../../src/pages/demo/demo-app.ts'
import { simulatorPages } from '../../src/pages/demo/simulator.ts'
import { openBrowser } from '../support/browser.ts'
import { sayBack } from '../support/simulated-bot.ts'
import { gallery, sampleBrand, sampleLook } from './gallery.ts'
import { openPagesHouse, type PagesHouse } from './pages-house.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

const contexts: BrowserContext[] = []
const houses: PagesHouse[] = []
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close()
  for (const { app } of houses.splice(0)) await app.close()
})

async function openPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'es-AR', reducedMotion: 'reduce', ...options })
  contexts.push(context)
  return await context.newPage()
}

const screens = [
  { colorScheme: 'light', viewport: { width: 360, height: 740 } },
  { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
] as const

type AxeResult = { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }

async function complaints(page: Page): Promise<string[]> {
  if (await page.evaluate('!globalThis.axe')) await page.evaluate(axeSource)
  const { violations } = (await page.evaluate(`axe.run({ resultTypes: ['violations'] })`)) as AxeResult
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html}\n${node.failureSummary}`),
  )
}

const isTooWide = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth > innerWidth') as Promise<boolean>

describe.each(screens)('$viewport.width px, $colorScheme', (screen) => {
  test('axe finds nothing on any page, and nothing sticks out', async () => {
    const page = await openPage(screen)
    for (const [name, render] of Object.entries(gallery)) {
      await page.setContent(render(sampleLook('es')))
      expect([name, await complaints(page), await isTooWide(page)]).toEqual([name, [], false])
    }
  }, 120_000)

  test('a brand of any colour can be read', async () => {
    const page = await openPage(screen)
    for (const color of ['#ffe600', '#111111', '#ff3b30', '#7f7f7f']) {
      await page.setContent(gallery['code-wrong']!(sampleLook('es', { color })))
      expect([color, await complaints(page)]).toEqual([color, []])
    }
  })

  test('axe finds nothing on the phone simulator and the demo app', async () => {
    const page = await openPage(screen)
    const { url } = await serveSimulator()
    await page.goto(`${url}/_portero/demo`)
    expect([await complaints(page), await isTooWide(page)]).toEqual([[], false])
    await page.goto(`${url}/_portero/demo?phone=%2B5491123456789`)
    await page.getByLabel('Escribile al bot').fill('hola')
    await page.keyboard.press('Enter')
    await page.getByText('eco: hola').waitFor()
    expect([await complaints(page), await isTooWide(page)]).toEqual([[], false])
    await page.goto(`${url}/_portero/demo?wrong=x`)
    expect([await complaints(page), await isTooWide(page)]).toEqual([[], false])
    const app = await openDemoApp({ now: () => Date.now() })
    await page.goto(app.url.href)
    const found = [await complaints(page), await isTooWide(page)]
    await app.close()
    expect(found).toEqual([[], false])
  })
})

const others = locales.filter((locale) => locale !== 'es')
test.each(others)(
  'axe finds nothing on a small screen in %s, however long the words are',
  async (locale) => {
    const page = await openPage(screens[0])
    for (const [name, render] of Object.entries(gallery)) {
      await page.setContent(render(sampleLook(locale)))
      expect([name, await complaints(page), await isTooWide(page)]).toEqual([name, [], false])
    }
  },
  120_000,
)

async function serve(settings: Parameters<typeof openPagesHouse>[0] = {}) {
  const house = openPagesHouse(settings, '')
  houses.push(house)
  house.app.get('/', (_, reply) => reply.type('text/html').send('<h1>the app</h1>'))
  house.app.get('/c/1', (_, reply) => reply.type('text/html').send('<h1>the app at c 1</h1>'))
  await house.app.listen({ host: '127.0.0.1', port: 0 })
  return { house, url: `http://127.0.0.1:${(house.app.server.address() as AddressInfo).port}` }
}

async function serveSimulator() {
  const simulator = simulatorDelivery({ now: () => Date.now() })
  const house = openPagesHouse()
  houses.push(house)
  house.app.register(simulatorPages, {
    brand: sampleBrand,
    defaultLocale: 'es',
    demo: { on: true, asked: true },
    isSecure: () => false,
    defaultRegion: 'AR',
    originOf: (req) => `http://${req.headers.host}`,
    write: async (phone, { text, button }) => sayBack(simulator, phone, text, button),
    simulator,
  })
  await house.app.listen({ host: '127.0.0.1', port: 0 })
  const send = (code: string) =>
    simulator.send(
      {
        ref: code,
        to: '+5491123456789' as never,
        channel: 'whatsapp',
        text: `Código ${code}`,
        code,
        locale: 'es',
        ttlSeconds: 9,
      },
      AbortSignal.timeout(1000),
    )
  await send('111222')
  return { send, url: `http://127.0.0.1:${(house.app.server.address() as AddressInfo).port}` }
}

describe.each([{ javaScriptEnabled: true }, { javaScriptEnabled: false }])(
  'in a browser with $javaScriptEnabled script',
  (options) => {
    test('a phone of the simulator chats with the bot, by words and by buttons', async () => {
      const { url } = await serveSimulator()
      const page = await openPage(options)
      await page.goto(`${url}/_portero/demo`)
      await page.getByLabel('Escribe', { exact: true }).fill('+54 9 11 2222-3333')
      await page.getByLabel('Escribile al bot').fill('hola')
      await page.getByRole('button', { name: 'Enviar' }).click()
      await page.getByText('eco: hola').waitFor()
      expect(page.url()).toContain('phone=%2B5491122223333')
      await page.getByLabel('Escribile al bot').fill('otra cosa')
      await page.getByRole('button', { name: 'Enviar' }).click()
      await page.getByText('eco: otra cosa').waitFor()
      await page.getByRole('button', { name: 'Juan' }).last().click()
      await page.getByText('botón: n1:juan').waitFor()
      expect(await page.locator('.bubble.mine').count()).toBe(3)
    })

    test('a person signs in, with a reload on the way, and arrives where they were going', async () => {
      const { house, url } = await serve()
      const page = await openPage(options)
      const problems: string[] = []
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
      await page.goto(`${url}/_portero/signin?return=/c/1`)
      await page.getByLabel('Tu número').fill('11 2345-6789')
      await page.getByRole('button', { name: 'Seguir' }).click()
      await page.getByText('+54 9 11 2345-6789').waitFor()
      await page.reload()
      await page.getByLabel('Código de 6 números').fill(house.simulator.messages()[0]!.code!)
      await page.getByRole('button', { name: 'Entrar' }).click()
      await page.getByText('the app at c 1').waitFor()
      await page.goto(`${url}/_portero/account`)
      await page.getByRole('button', { name: 'Salir' }).first().click()
      await page.getByText('Saliste').waitFor()
      expect(problems).toEqual([])
    })

    test('a wrong code, a new one by another way, and the number corrected', async () => {
      const { house, url } = await serve()
      const page = await openPage(options)
      await page.goto(`${url}/_portero/signin`)
      await page.getByLabel('Tu número').fill('11 2345-6789')
      await page.getByRole('button', { name: 'Seguir' }).click()
      await page.getByLabel('Código de 6 números').fill('12345')
      await page.getByRole('button', { name: 'Entrar' }).click()
      await page.getByText('El código tiene 6 números').waitFor()
      house.pass(31)
      await page.reload()
      await page.getByRole('button', { name: 'Recibirlo por SMS' }).click()
      await page.getByText('Listo, te lo mandamos otra vez').waitFor()
      await page.getByRole('link', { name: 'Corregir el número' }).click()
      expect(await page.getByLabel('Tu número').inputValue()).toBe('+54 9 11 2345-6789')
    })

    test('a link from another site asks first', async () => {
      const { house, url } = await serve()
      const { token } = house.openElsewhere('Juan', '+5511961234567' as never)
      const page = await openPage(options)
      const asked = url.replace('127.0.0.1', 'localhost')
      await page.goto(`${asked}/`)
      await page.setContent(`<a href="${url}/signin?token=${token}&return=/c/1">go</a>`)
      await page.getByText('go').click()
      await page.getByText('¿Entrar como Juan?').waitFor()
      await page.getByRole('button', { name: 'Sí, entrar' }).click()
      await page.getByText('the app at c 1').waitFor()
    })
  },
)

describe('the script', () => {
  test('sends a pasted code by itself, whatever stands around it', async () => {
    const { house, url } = await serve()
    const page = await openPage({ permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(`${url}/_portero/signin?return=/c/1`)
    await page.getByLabel('Tu número').fill('11 2345-6789')
    await page.getByRole('button', { name: 'Seguir' }).click()
    await page.getByLabel('Código de 6 números').waitFor()
    const { code } = house.simulator.messages()[0]!
    const text = `Tu código es ${code!.slice(0, 3)} ${code!.slice(3)}.`
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
    await page.getByLabel('Código de 6 números').focus()
    await page.keyboard.press('ControlOrMeta+V')
    await page.getByText('the app at c 1').waitFor()
  })

  test('counts down, then lets the code be asked for again', async () => {
    const page = await openPage()
    await page.clock.install()
    await page.setContent(gallery.code!(sampleLook('es')))
    const again = page.getByRole('button', { name: 'Mandar otra vez por WhatsApp' })
    expect(await again.isDisabled()).toBe(true)
    expect(await page.locator('[data-clock]').textContent()).toBe('0:28')
    await page.clock.runFor(10_000)
    expect(await page.locator('[data-clock]').textContent()).toBe('0:18')
    await page.clock.runFor(20_000)
    expect(await again.isDisabled()).toBe(false)
    expect(await page.locator('[data-wait]').isVisible()).toBe(false)
  })

  test('takes the token out of the address and the history', async () => {
    const { house, url } = await serve()
    const { token } = house.openElsewhere('Juan', '+5511961234567' as never)
    house.sessions.clear()
    const page = await openPage()
    await page.goto(`${url}/signin?token=${token}`)
    await page.getByText('Este enlace ya no sirve').waitFor()
    expect(page.url()).toBe(`${url}/signin`)
  })

  test('shows the example of the country that is chosen', async () => {
    const page = await openPage()
    await page.setContent(gallery.phone!(sampleLook('es')))
    await page.getByLabel('País').selectOption('BR')
    expect(await page.locator('#hint').textContent()).toBe('Por ejemplo (11) 96123-4567')
  })

  test('shows a text on the phone the moment it arrives, once, and copies its code', async () => {
    const { send, url } = await serveSimulator()
    const page = await openPage({ permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(`${url}/_portero/demo`)
    await send('333444')
    await page.getByRole('button', { name: '333444' }).click()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('333444')
    await page.getByText('Copiado').waitFor()
    expect(await page.locator('.bubble').count()).toBe(2)
    expect(await page.locator('.bubble').last().textContent()).toContain('333444')
  })
})

test('a browser that does not know Sec-Fetch-Site can still send the forms: they carry a real Origin', async () => {
  const { url } = await serve()
  const page = await openPage()
  const origins: (string | undefined)[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST') origins.push(request.headers().origin)
  })
  await page.goto(`${url}/_portero/signin`)
  await page.getByLabel('Tu número').fill('11 2345-6789')
  await page.getByRole('button', { name: 'Seguir' }).click()
  await page.getByLabel('Código de 6 números').waitFor()
  expect(origins).toEqual([url])
})
