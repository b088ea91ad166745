import { createServer } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { call, cookieHeader } from '../support/call.ts'
import { openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { freshPhone, wrongCode } from '../support/sign-in.ts'
import { openSimulatedPhone } from '../support/simulated-phone.ts'
import { until } from '../support/until.ts'
import { openWhatsappBot, type WhatsappBot } from '../support/whatsapp-bot.ts'

const windowsChrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36'

const codeIn = (text: string) => /\b\d{6}(\d{2})?\b/.exec(text)?.[0] ?? 'none'

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

/** A browser without script that waits for a message; what it shows, and the message in it. */
async function openWaiting(form: Record<string, string> = {}) {
  const headers = { origin: portero.url, 'user-agent': windowsChrome, 'accept-language': 'es-AR' }
  const started = await call(`${portero.url}/_portero/signin/whatsapp`, { form, headers })
  expect(started.status).toBe(303)
  const own = { ...headers, cookie: cookieHeader(started.cookies) }
  const get = (path: string) => call(`${portero.url}${path}`, { headers: own })
  const post = (path: string, form: Record<string, string>) =>
    call(`${portero.url}${path}`, { form, headers: own })
  const page = await get('/_portero/signin')
  const [, query = ''] = /\/_portero\/demo\?([^"]+)"/.exec(page.text) ?? []
  const message = new URLSearchParams(query.replaceAll('&amp;', '&')).get('text')!
  const state = async () => (await get('/_portero/signin/whatsapp')).json.state as string
  return { get, post, state, message, page: page.text, cookies: started.cookies }
}
const phoneOf = (phone = freshPhone()) => openSimulatedPhone(portero.url, phone)
const sessionsOf = (phone: string) =>
  portero.database.query('select amr from portero.sessions where phone = $1', [phone])

describe('signing in by a message', () => {
  it('takes the message, gives a code back, and signs in the browser that has the code typed', async () => {
    const waiting = await openWaiting()
    expect(waiting.message).toMatch(
      /^Quiero entrar a .+\. Código: [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{5}\. No mandes/,
    )
    expect(await waiting.state()).toBe('waiting')
    // Typed too early: nothing is counted, and it says so.
    await waiting.post('/_portero/signin/code', { code: '123456' })
    expect((await waiting.get('/_portero/signin?said=not_yet')).text).toContain('Todavía no nos llegó')

    const phone = phoneOf()
    const said = await phone.say(`hola! ${waiting.message.toLowerCase()} gracias`)
    expect(said).toMatch(/Chrome en Windows|Chrome no Windows/)
    expect(said).toContain('127.0.0.1')
    expect(said).toMatch(/não passe este código para ninguém|no le pases este código a nadie/)
    expect(await waiting.state()).toBe('code')
    const page = await waiting.get('/_portero/signin')
    expect(page.text).toContain(`+55•••${phone.phone.slice(-4)}`)

    const signedIn = await waiting.post('/_portero/signin/code', { code: codeIn(said) })
    expect(signedIn.status).toBe(303)
    expect(signedIn.cookies.portero).toBeTruthy()
    expect(await sessionsOf(phone.phone)).toEqual([{ amr: ['otp', 'whatsapp'] }])
    // Whoever sends it again, from wherever, is told that it is over.
    for (const late of [phone, phoneOf()])
      expect(await late.say(waiting.message)).toMatch(/já não vale|ya no sirve/)
  })

  it('does not help whoever got somebody else to send the message: the page stays at the code, and guesses count', async () => {
    const attacker = await openWaiting()
    const victim = phoneOf()
    const said = await victim.say(attacker.message)
    expect(said).toMatch(/Chrome (en|no) Windows/)
    expect(said).toMatch(/alguém pediu que você mandasse|alguien te pidió que mandes/)
    const code = codeIn(said)
    for (let guess = 1; guess <= 6; guess++) {
      const answer = await attacker.post('/_portero/signin/code', { code: wrongCode(code, guess) })
      expect(answer.cookies.portero).toBeUndefined()
    }
    // Five were compared, and now the right one is dead too.
    await attacker.post('/_portero/signin/code', { code })
    expect(await sessionsOf(victim.phone)).toEqual([])
    const [count] = await portero.database.query(
      'select count(*)::int from portero.guesses where phone = $1',
      [victim.phone],
    )
    expect(count).toEqual({ count: 5 })
    for (const path of [
      '/_portero/signin',
      '/_portero/signin?edit=1',
      '/_portero/signin/whatsapp',
      '/_portero/account',
    ])
      expect((await attacker.get(path)).text.replace(/[\s()-]/g, '')).not.toContain(victim.phone.slice(3))
  })

  it('sends no SMS unasked; asked for, it has the same code, and the number stays masked', async () => {
    const waiting = await openWaiting()
    const phone = phoneOf()
    const code = codeIn(await phone.say(waiting.message))
    const texts = async () =>
      portero.database.query(
        'select channel, provider from portero.deliveries where phone = $1 order by asked_at',
        [phone.phone],
      )
    expect(await texts()).toEqual([{ channel: 'whatsapp', provider: 'chat' }])
    expect((await waiting.get('/_portero/signin')).text).not.toContain('Mandar otra vez')
    await waiting.post('/_portero/signin/resend', { channel: 'sms' })
    expect(await texts()).toMatchObject([{ provider: 'chat' }, { channel: 'sms', provider: 'simulator' }])
    const page = (await waiting.get('/_portero/signin')).text
    expect(page.replace(/[\s()-]/g, '')).not.toContain(phone.phone.slice(3))
    const shown = `${portero.url}/_portero/demo?phone=${encodeURIComponent(phone.phone)}`
    await until(async () => (await call(shown)).text.includes(`data-code="${code}"`))
    expect((await waiting.post('/_portero/signin/code', { code })).cookies.portero).toBeTruthy()
    expect(await sessionsOf(phone.phone)).toEqual([{ amr: ['otp', 'sms', 'whatsapp'] }])
  })

  it('takes the message from the number that was typed, and from no other', async () => {
    const [own, other] = [phoneOf(), phoneOf()]
    const waiting = await openWaiting({ phone: own.phone })
    expect(waiting.page).toContain(`+55•••${own.phone.slice(-4)}`)
    expect(await other.say(waiting.message)).toMatch(/outro número|otro número/)
    expect(await waiting.state()).toBe('waiting')
    expect(codeIn(await own.say(waiting.message))).toMatch(/^\d{6}$/)
  })

  it('shows what it waits for to the browser that began it alone, and to no page of somebody else', async () => {
    const waiting = await openWaiting()
    const nobody = await call(`${portero.url}/_portero/signin/whatsapp`)
    expect(nobody.json).toEqual({ state: 'over' })
    const flow = Object.values(waiting.cookies)[0]!
    const forged = await call(`${portero.url}/_portero/signin/whatsapp`, {
      headers: { cookie: `portero_flow=${flow.split('.')[0]}.${'x'.repeat(22)}` },
    })
    expect(forged.json).toEqual({ state: 'over' })
    const evil = await call(`${portero.url}/_portero/signin/whatsapp`, {
      form: {},
      headers: { origin: 'https://evil.example' },
    })
    expect(evil.status).toBe(403)
    const bad = await call(`${portero.url}/_portero/signin/whatsapp`, {
      form: { phone: '12' },
      headers: { origin: portero.url },
    })
    expect(bad.status).toBe(400)
  })

  it('keeps the code out of the database, wherever the reply waits', async () => {
    const waiting = await openWaiting()
    const phone = phoneOf()
    const code = codeIn(await phone.say(waiting.message))
    for (const table of [
      'outbox',
      'inbox',
      'chats',
      'challenges',
      'inbound_sign_ins',
      'deliveries',
      'access_log',
    ]) {
      const found = await portero.database.query(
        `select from portero.${table} t where t::text ~ ('\\m' || $1 || '\\M') and t::text like '%' || $2 || '%'`,
        [code, phone.phone],
      )
      expect([table, found.length]).toEqual([table, 0])
    }
    expect(JSON.stringify(portero.logged)).not.toContain(`"${code}"`)
  })
})

async function openPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'es-AR', reducedMotion: 'reduce', ...options })
  return await context.newPage()
}

describe('in Chromium, with the phones of the demo', () => {
  it.each([{ javaScriptEnabled: true }, { javaScriptEnabled: false }])(
    'somebody signs in by WhatsApp ($javaScriptEnabled)',
    async ({ javaScriptEnabled }) => {
      const page = await openPage({ javaScriptEnabled })
      const problems: string[] = []
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
      await page.goto(`${portero.url}/_portero/signin?return=/_portero/account`)
      await page.getByLabel('País').selectOption('BR')
      await page.getByRole('button', { name: 'Seguir con WhatsApp' }).click()
      await page.getByRole('heading', { name: 'Seguí en WhatsApp' }).waitFor()
      const opened = page.context().waitForEvent('page')
      await page.getByRole('link', { name: 'Abrir WhatsApp' }).click()
      const phone = await opened
      await phone.getByLabel('Escribe', { exact: true }).fill(freshPhone())
      expect(await phone.getByLabel('Escribile al bot').inputValue()).toMatch(/Código: /)
      await phone.getByRole('button', { name: 'Enviar' }).click()
      const bubble = phone.locator('.bubble.bot').first()
      await bubble.waitFor()
      const code = codeIn((await bubble.textContent())!)
      if (!javaScriptEnabled) await page.getByRole('link', { name: 'Ya lo mandé' }).click()
      // With script it has moved on by itself.
      await page.getByRole('heading', { name: 'Escribí el código' }).waitFor()
      await page.getByLabel('Código de 6 números').fill(code)
      await page.getByRole('button', { name: 'Entrar' }).click()
      await page.getByText('¿Cómo te llamás?').waitFor()
      await page.getByText('Ahora no').click()
      await page.getByText('Tu cuenta').first().waitFor()
      expect(problems).toEqual([])
      await page.context().close()
    },
    60_000,
  )

  it('somebody writes "entrar", opens the link, and is in', async () => {
    const number = freshPhone()
    const [row] = await portero.database.query<{ id: string }>(
      `insert into public.usuarios (nombre, apellido) values ('Ana', 'Souza') returning id`,
    )
    await portero.database.query(`select portero.link_phone($1, $2, 'attested', 'cli')`, [number, row!.id])
    const page = await openPage()
    await page.goto(`${portero.url}/_portero/demo?phone=${encodeURIComponent(number)}`)
    await page.getByLabel('Escribile al bot').fill('entrar')
    await page.keyboard.press('Enter')
    const bubble = page.locator('.bubble.bot').first()
    await bubble.waitFor()
    const link = /https?:\/\/\S+\/_portero\/l\/[\w-]{32}/.exec((await bubble.textContent())!)![0]
    await page.goto(link)
    await page.getByRole('heading', { name: '¿Entrar como Ana Souza?' }).waitFor()
    // The token has left the address bar and the history.
    expect(page.url()).toBe(`${portero.url}/_portero/signin`)
    await page.getByRole('button', { name: 'Sí, entrar' }).click()
    await page.waitForURL(`${portero.url}/`)
    await page.goto(`${portero.url}/_portero/account`)
    await page.getByText('Ana Souza').first().waitFor()
    await page.goto(link)
    await page.getByRole('heading', { name: 'Este enlace ya no sirve' }).waitFor()
    await page.context().close()
  })
})

describe('over the webhook of WhatsApp, outside the demo', () => {
  let bot: WhatsappBot
  let url: string
  beforeAll(async () => {
    const port = await freePort()
    url = `http://localhost:${port}`
    bot = await openWhatsappBot({
      ...{ PORT: `${port}`, PORTERO_PUBLIC_URL: url, PORTERO_WHATSAPP__NUMBER: '+5491150000001' },
      PORTERO_PHONE__ALLOWED_REGIONS: 'AR,BR',
    })
  })
  afterAll(() => bot.close(), 60_000)

  /** Begins in a browser of its own; what would be sent by pressing its link. */
  async function begin() {
    const page = await openPage({ userAgent: windowsChrome })
    await page.goto(`${url}/_portero/signin`)
    await page.getByRole('button', { name: 'Seguir con WhatsApp' }).click()
    const link = page.getByRole('link', { name: 'Abrir WhatsApp' })
    const href = new URL((await link.getAttribute('href'))!)
    expect([href.host, href.pathname]).toEqual(['wa.me', '/5491150000001'])
    await page.getByText('+54 9 11 5000-0001').waitFor()
    return { page, message: href.searchParams.get('text')! }
  }

  it('a signed message brings the code, and the page moves on; the same webhook again does nothing more', async () => {
    const { page, message } = await begin()
    expect(await page.locator('svg.qr').isVisible()).toBe(true)
    const number = '+5491155501001'
    const ana = bot.graph.phone(number.slice(1))
    const { change } = ana.message('text', { text: { body: message } })
    expect(await bot.graph.deliver([change], { copies: 2 })).toEqual([200, 200])
    await until(() => ana.shows().length > 0)
    const said = ana.shows()[0]!.text
    expect(said).toContain('Chrome en Windows')
    await page.getByRole('heading', { name: 'Escribí el código' }).waitFor()
    await page.getByText('+54•••1001').waitFor()
    await page.getByLabel('Código de 6 números').fill(codeIn(said))
    await page.getByRole('button', { name: 'Entrar' }).click()
    await page.getByText('¿Cómo te llamás?').waitFor()
    expect(await bot.graph.deliver([change])).toEqual([200])
    // By its answer everything that came before it is through.
    await ana.writes('ayuda')
    await until(() => ana.shows().at(-1)!.text.includes('escribir cuando quieras'))
    expect(ana.shows().map(({ text }) => text)).toEqual([
      said,
      expect.stringContaining('escribir cuando quieras'),
    ])
    expect(await bot.sql(`select amr from portero.sessions where phone = '${number}'`)).toEqual([
      { amr: ['otp', 'whatsapp'] },
    ])
    await page.context().close()
  })

  it('the relay fails: the attacker sits before the code, and the victim reads whose browser it is for', async () => {
    const { page, message } = await begin()
    const number = '+5491155501002'
    const said = await bot.whatsapp(number)(message)
    expect(said).toMatch(/Chrome en Windows[\s\S]*no le pases este código a nadie/)
    await page.getByRole('heading', { name: 'Escribí el código' }).waitFor()
    expect((await page.content()).replace(/[\s()-]/g, '')).not.toContain(number.slice(3))
    await page.getByLabel('Código de 6 números').fill(wrongCode(codeIn(said)))
    await page.getByRole('button', { name: 'Entrar' }).click()
    await page.getByText(/te quedan 4 intentos/).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Escribí el código' }).waitFor()
    expect(await bot.sql(`select count(*)::int from portero.guesses where phone = '${number}'`)).toEqual([
      { count: 1 },
    ])
    expect(await bot.sql(`select count(*)::int from portero.sessions where phone = '${number}'`)).toEqual([
      { count: 0 },
    ])
    await page.context().close()
  })

  it('asks whoever hides their number for it, and takes the message once it is shared', async () => {
    const { page, message } = await begin()
    const hidden = bot.graph.phone('5491155501004', { isHidden: true, name: 'Sol' })
    await hidden.writes(message)
    await until(() => hidden.shows().length > 0)
    const asked = hidden.shows().at(-1)!
    expect(asked).toMatchObject({ isContactRequest: true, text: /otra vez el mensaje|again/ })
    expect(
      await bot.sql('select count(*)::int from portero.inbound_sign_ins where claimed_at is null'),
    ).toEqual([{ count: 1 }])
    // Shared by the button, and sent again: it counts.
    await hidden.sharesContact(asked.id)
    await until(() => hidden.shows().length > 1)
    await hidden.writes(message)
    await until(() => hidden.shows().length > 2)
    expect(codeIn(hidden.shows().at(-1)!.text)).toMatch(/^\d{6}$/)
    await page.context().close()
  })
})

it('is not offered where nobody can write to the organisation', async () => {
  const real = await openPorteroInProcess({
    ...{ PORTERO_DEMO: 'false', PORTERO_DELIVERY__CONSOLE: 'true', PORTERO_PEOPLE__ADMISSION: 'open' },
    ...{ PORTERO_PUBLIC_URL: 'http://localhost:8081' },
  })
  try {
    expect((await call(`${real.url}/_portero/signin`)).text).not.toMatch(/whatsapp/i)
    const headers = { origin: 'http://localhost:8081' }
    const { status } = await call(`${real.url}/_portero/signin/whatsapp`, { form: {}, headers })
    expect(status).toBe(404)
  } finally {
    await real.close()
  }
})

it('is the only way that is offered where no code can be sent', async () => {
  const whatsapp = {
    PORTERO_WHATSAPP__PHONE_NUMBER_ID: '106540352242922',
    PORTERO_WHATSAPP__ACCESS_TOKEN: 'x'.repeat(20),
    PORTERO_WHATSAPP__APP_SECRET: 'y'.repeat(32),
    PORTERO_WHATSAPP__VERIFY_TOKEN: 'z'.repeat(16),
    PORTERO_WHATSAPP__BASE_URL: 'http://127.0.0.1:9',
    PORTERO_WHATSAPP__NUMBER: '+5491123456789',
  }
  const real = await openPorteroInProcess({
    ...{
      PORTERO_DEMO: 'false',
      PORTERO_PEOPLE__ADMISSION: 'open',
      PORTERO_PUBLIC_URL: 'http://localhost:8081',
    },
    ...whatsapp,
  })
  try {
    const page = (await call(`${real.url}/_portero/signin`)).text
    expect(page).toContain('/_portero/signin/whatsapp')
    expect(page).not.toContain('name="phone"')
    const headers = { origin: 'http://localhost:8081' }
    const started = await call(`${real.url}/_portero/signin/whatsapp`, { form: {}, headers })
    const own = { cookie: cookieHeader(started.cookies) }
    expect((await call(`${real.url}/_portero/signin`, { headers: own })).text).toContain(
      'https://wa.me/5491123456789?text=',
    )
    const asked = await call(`${real.url}/otp/request`, { json: { phone: '+5491155556666' } })
    expect(asked.json.code).toBe('delivery_unavailable')
  } finally {
    await real.close()
  }
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
