import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { call } from '../support/call.ts'
import { openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { printedCode } from '../support/portero-process.ts'
import { requestCode, signInByApi } from '../support/sign-in.ts'
import { until } from '../support/until.ts'
import { openWhatsappBot, type WhatsappBot } from '../support/whatsapp-bot.ts'

let made = 0
const newPhone = () => `+549115556${1000 + ++made}`
const meOf = (url: string, token: string) =>
  call(`${url}/_portero/api/me`, { headers: { authorization: `Bearer ${token}` } })

describe('the simulated phone', () => {
  let portero: PorteroInProcess
  let browser: Browser
  beforeAll(async () => {
    portero = await openPorteroInProcess()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await portero.close()
  })

  const write = (phone: string, fields: Record<string, string>) =>
    call(`${portero.url}/_portero/demo/messages`, {
      headers: { origin: portero.url, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ phone, ...fields }).toString(),
      method: 'POST',
    })
  const phonePage = async (phone: string) =>
    (await call(`${portero.url}/_portero/demo?phone=${encodeURIComponent(phone)}`)).text
  const shows = (phone: string, text: string) => until(async () => (await phonePage(phone)).includes(text))

  it('is told by SMS while it has no chat, in words of its language, and "no fui yo" ends the session', async () => {
    const phone = newPhone()
    const mine = await signInByApi(portero.url, phone)
    const stolen = await signInByApi(portero.url, phone, {
      headers: { 'user-agent': 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile' },
    })
    await shows(phone, 'Portero: entraron a tu cuenta con Chrome en Android')
    expect((await phonePage(phone)).match(/entraron a tu cuenta/g)).toHaveLength(1)
    await write(phone, { text: 'No fui yo!!' })
    await shows(phone, 'Listo: cerré esa sesión')
    expect((await meOf(portero.url, stolen.token)).status).toBe(401)
    expect((await meOf(portero.url, mine.token)).status).toBe(200)
    const refused = await call(`${portero.url}/otp/request`, { json: { phone } })
    expect([refused.status, refused.json.code]).toEqual([429, 'too_many_codes'])

    const warned = portero.logged.filter(({ text }) => text.includes('a new session is not theirs'))
    expect(warned).toHaveLength(1)
    expect(JSON.stringify(warned)).not.toContain(phone.slice(-8))
    await write(phone, { text: 'no fui yo' })
    await until(async () => ((await phonePage(phone)).match(/Listo: cerré esa sesión/g) ?? []).length === 2)
  })

  it('a Brazilian phone is told in Portuguese, one that said BAJA is not told until they want it', async () => {
    const phone = '+5511961230042'
    await signInByApi(portero.url, phone)
    await write(phone, { text: 'SAIR' })
    await shows(phone, 'VOLTAR')
    await signInByApi(portero.url, phone)
    const waiting = () =>
      portero.database.query('select is_waiting from portero.session_notices where phone = $1', [phone])
    await until(async () => (await waiting())[0]?.is_waiting === true)
    expect(await phonePage(phone)).not.toContain('nova sessão')
    await write(phone, { text: 'voltar' })
    await shows(phone, 'Uma nova sessão foi aberta na sua conta')
  })

  it('in Chromium: somebody signs in, the phone shows it, one tap, and that browser is out within seconds', async () => {
    const phone = newPhone()
    await portero.database.query('select portero.add_person($1, $2, $3, null, $4)', [
      phone,
      'Ana',
      'Gómez',
      [],
    ])
    await signInByApi(portero.url, phone)
    await write(phone, { text: 'hola' })
    await shows(phone, 'class="bubble whatsapp bot"')

    const [thief, owner] = await Promise.all([
      browser.newContext({ locale: 'es-AR' }),
      browser.newContext({ locale: 'es-AR', viewport: { width: 1280, height: 900 } }),
    ])
    const page = await thief.newPage()
    await signInAt(page, phone)
    await page.waitForSelector('#clock')

    const simulator = await owner.newPage()
    await simulator.goto(`${portero.url}/_portero/demo?phone=${encodeURIComponent(phone)}`)
    const notice = simulator.locator('.bubble', { hasText: 'la cuenta de Ana: Chrome' })
    await notice.waitFor()
    expect(await notice.textContent()).toMatch(
      /Chrome en Linux, desde 127\.0\.0\.1, el \d+ de [a-z]+ a las \d\d:\d\d ART\./,
    )
    await shot(simulator, 'notice')
    await notice.getByRole('button', { name: 'No fui yo' }).click()
    await simulator.locator('.bubble', { hasText: 'Listo: cerré esa sesión' }).waitFor()
    // The promise: whatever a session has open ends within five seconds of it.
    const pressedAt = performance.now()
    await until(async () => (await thief.request.get(`${portero.url}/_portero/api/me`)).status() === 401)
    expect(performance.now() - pressedAt).toBeLessThan(5000)
    await shot(simulator, 'receipt')
    await page.goto(portero.url)
    await page.waitForSelector('input[name=phone]')
    await shot(page, 'out')
    await Promise.all([thief.close(), owner.close()])
  }, 90_000)

  async function signInAt(page: Page, phone: string): Promise<void> {
    await page.goto(portero.url)
    await page.fill('input[name=phone]', phone)
    await page.click('main button')
    await page.waitForSelector('input[name=code]')
    const codes = async () => [...(await phonePage(phone)).matchAll(/data-code="(\d{6})"/g)]
    await until(async () => (await codes()).length > 1)
    await page.fill('input[name=code]', (await codes()).at(-1)![1]!)
    await page.keyboard.press('Enter').catch(() => {})
  }

  /** For eyes: pictures of a run, where somebody asked for them. */
  async function shot(page: Page, name: string): Promise<void> {
    const folder = process.env.PORTERO_TEST_PICTURES
    if (folder !== undefined) await page.screenshot({ path: `${folder}/new-session-${name}.png` })
  }
})

describe('over the WhatsApp Cloud API', () => {
  let bot: WhatsappBot
  beforeAll(async () => {
    bot = await openWhatsappBot({
      PORTERO_WHATSAPP__NOTICE_TEMPLATE: 'new_session',
      PORTERO_SESSIONS__STOP_SENDS_HOURS: '2',
    })
  })
  afterAll(() => bot.close(), 60_000)

  async function signIn(phone: string): Promise<string> {
    const after = bot.portero.output().length
    const { challenge_id } = await requestCode(bot.portero.url, phone)
    const code = await printedCode(bot.portero, phone, after)
    const { json } = await call(`${bot.portero.url}/otp/verify`, { json: { phone, code, challenge_id } })
    return json.token
  }

  it('a chat that is open is told there, with a button that works, once and twice', async () => {
    const phone = newPhone()
    const ana = bot.graph.phone(phone.slice(1))
    await ana.writes('hola')
    await until(() => ana.shows().length === 1)
    const mine = await signIn(phone)
    const stolen = await signIn(phone)
    await until(() => ana.shows().length === 2)
    const notice = ana.shows()[1]!
    expect(notice.text).toMatch(/^Se abrió una sesión nueva en tu cuenta: .*, desde 127\.0\.0\.1, /)
    expect(notice.buttons).toEqual([
      { id: expect.stringMatching(/^[0-9a-f]{32}\.do\.not_me$/), title: 'No fui yo' },
    ])
    for (const count of [3, 4]) {
      await ana.presses(notice.buttons[0]!, notice.id)
      await until(() => ana.shows().length === count)
      expect(ana.shows()[count - 1]!.text).toMatch(/^Listo: cerré esa sesión.*Durante 2 horas/)
    }
    expect((await meOf(bot.portero.url, stolen)).status).toBe(401)
    expect((await meOf(bot.portero.url, mine)).status).toBe(200)
    expect(bot.portero.output()).toContain('a new session is not theirs')
  })

  it('a phone without an open chat is told by the template, through the port that delivers', async () => {
    const phone = newPhone()
    await signIn(phone)
    await signIn(phone)
    await until(() => bot.portero.output().includes(`whatsapp to ${phone}\n  Se abrió una sesión nueva`))
    expect(bot.graph.phone(phone.slice(1)).shows()).toEqual([])
  })

  it('whoever presses the button of another phone ends nothing', async () => {
    const [phone, other] = [newPhone(), newPhone()]
    const ana = bot.graph.phone(phone.slice(1))
    await ana.writes('hola')
    await until(() => ana.shows().length === 1)
    await signIn(phone)
    const token = await signIn(phone)
    await until(() => ana.shows().length === 2)
    const mallory = bot.graph.phone(other.slice(1))
    await mallory.presses(ana.shows()[1]!.buttons[0]!)
    await until(() => mallory.shows().length === 1)
    expect(mallory.shows()[0]!.text).toMatch(/^Gracias por avisar/)
    expect((await meOf(bot.portero.url, token)).status).toBe(200)
  })
})
