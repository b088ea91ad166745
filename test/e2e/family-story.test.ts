import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { familyPhone } from '../../src/domain/people/demo-people.ts'
import { type AgentServer, openAgentServer } from '../support/agent-server.ts'
import { openBrowser } from '../support/browser.ts'
import { type EchoUpstream, openEchoUpstream, valuesOf } from '../support/echo-upstream.ts'
import { openPorteroInProcess, type PorteroInProcess } from '../support/portero-in-process.ts'
import { openSimulatorPage, pressOn, writeFrom, writeOn } from '../support/simulator-page.ts'
import { until } from '../support/until.ts'

let desk: AgentServer
let upstream: EchoUpstream
let portero: PorteroInProcess
let browser: Browser
/** The phone of the family, and a browser of theirs. */
let chat: Page
let web: Page
let ids: Record<'Marta' | 'Luis' | 'Sofía', string>
beforeAll(async () => {
  upstream = await openEchoUpstream()
  desk = await openAgentServer(
    {
      type: 'application/json',
      whole: (reply) => JSON.stringify({ reply }),
      endless: { start: '', more: ' ' },
    },
    (body) => JSON.parse(body).message,
  )
  ;[portero, browser] = await Promise.all([
    openPorteroInProcess({
      ...{ OPENWEBUI_URL: upstream.url.href, PORTERO_UPSTREAM__KIND: 'generic' },
      PORTERO_BOT__AGENT__KIND: 'webhook',
      PORTERO_BOT__AGENT__URL: `${desk.url}/ask`,
      PORTERO_BOT__AGENT__SECRET: `whsec_${Buffer.alloc(32, 3).toString('base64')}`,
    }),
    openBrowser(),
  ])
  const rows = await portero.database.query<{ nombre: string; id: string }>(
    `select nombre, id from public.usuarios where apellido = 'Gómez'`,
  )
  ids = Object.fromEntries(rows.map(({ nombre, id }) => [nombre, id])) as typeof ids
  chat = await openSimulatorPage(browser, portero.url)
  web = await (await browser.newContext({ locale: 'es-AR' })).newPage()
})
afterAll(async () => {
  await browser?.close()
  await portero?.close()
  await desk?.close()
  await upstream?.close()
})

const asksWho = '¡Hola! ¿Quién escribe? Si no estás acá, escribí "soy otra persona".'
/** What the desk was told with the last question. */
const asked = () => JSON.parse(desk.asked.at(-1)!.body)
const linkIn = (text: string) => /https?:\/\/\S+\/_portero\/l\/[\w-]{32}/.exec(text)![0]
const choices = () => chat.locator('.bubble.bot .choices').last().getByRole('button').allTextContents()
const me = async (page: Page) => (await page.request.get(`${portero.url}/_portero/api/me`)).json()

const isOut = async (page: Page) =>
  (await page.request.get(`${portero.url}/_portero/api/me`)).status() === 401

/** The account that a link opens, pressed in a browser of its own. */
async function openLink(link: string): Promise<Page> {
  const page = await (await browser.newContext({ locale: 'es-AR' })).newPage()
  await page.goto(link)
  return page
}
async function follow(link: string, name: string): Promise<Page> {
  const page = await openLink(link)
  await page.getByRole('heading', { name: `¿Entrar como ${name}?` }).waitFor()
  await page.getByRole('button', { name: 'Sí, entrar' }).click()
  await page.waitForURL(`${portero.url}/`)
  return page
}

describe('a family of three on one phone', () => {
  let webOfLuis: Page

  it('is asked in the chat who is writing, and each has a conversation and a link of their own', async () => {
    expect(await writeFrom(chat, familyPhone, 'Hola')).toBe(asksWho)
    expect((await choices()).sort()).toEqual(['Luis', 'Marta', 'Sofía'])
    expect(await pressOn(chat, 'Luis')).toBe('¡Hola de nuevo, Luis! 👋 ¿En qué te puedo ayudar hoy?')
    expect(await writeOn(chat, '¿Cuándo es mi turno con la doctora?')).toContain('Respuesta a')
    expect(await writeOn(chat, '¿Y a qué hora?')).toContain('Respuesta a')
    expect(asked()).toMatchObject({ person: { id: ids.Luis }, history: [{}] })
    webOfLuis = await follow(linkIn(await writeOn(chat, 'entrar')), 'Luis Gómez')
    expect(await me(webOfLuis)).toMatchObject({ id: ids.Luis })

    expect(await writeOn(chat, 'soy otra persona')).toBe(asksWho)
    expect(await pressOn(chat, 'Marta')).toContain('¡Hola de nuevo, Marta!')
    expect(await writeOn(chat, '¿Qué te pregunté antes?')).toContain('Respuesta a')
    expect(asked()).toMatchObject({ person: { id: ids.Marta }, history: [] })
    expect(desk.asked.at(-1)!.body).not.toMatch(/Luis|turno|doctora/)
    const unused = linkIn(await writeOn(chat, 'entrar'))
    await openLink(unused).then((page) =>
      page.getByRole('heading', { name: '¿Entrar como Marta Gómez?' }).waitFor(),
    )
    expect(await me(webOfLuis)).toMatchObject({ id: ids.Luis })
  })

  it('on the web chooses who it is after the code, and changes; the application hears of that one alone', async () => {
    await web.goto(`${portero.url}/_portero/signin?return=/echo/chat`)
    await web.getByLabel('Tu número').fill(familyPhone)
    await web.getByRole('button', { name: 'Seguir', exact: true }).click()
    await web.getByLabel('Código de 6 números').waitFor()
    const code = chat.locator('.bubble button[data-code]').last()
    await web.getByLabel('Código de 6 números').fill((await code.getAttribute('data-code'))!)
    upstream.requests.length = 0
    await web.getByRole('button', { name: 'Entrar' }).click()
    await web.getByRole('heading', { name: '¿Quién sos?' }).waitFor()
    expect((await web.getByRole('button', { name: /Gómez/ }).allTextContents()).sort()).toEqual([
      ...['Luis Gómez', 'Marta Gómez', 'Sofía Gómez'],
    ])
    expect(upstream.requests).toEqual([])
    await web.getByRole('button', { name: 'Sofía Gómez' }).click()
    await web.waitForURL('**/echo/chat')
    expect(heardOf()).toEqual([ids.Sofía])

    await web.goto(`${portero.url}/_portero/account`)
    await web.getByRole('link', { name: 'Soy otra persona' }).click()
    upstream.requests.length = 0
    await web.getByRole('button', { name: 'Marta Gómez' }).click()
    await web.getByRole('heading', { name: 'Tu cuenta', exact: true }).waitFor()
    await web.goto(`${portero.url}/echo/chat`)
    expect(heardOf()).toEqual([ids.Marta])
    expect(await me(web)).toMatchObject({ id: ids.Marta, name: 'Marta Gómez' })
    expect(await me(webOfLuis)).toMatchObject({ id: ids.Luis })
  })

  it('forgets one by "olvidar", with what is open in their name, and the others stay', async () => {
    expect(await writeOn(chat, 'soy otra persona')).toBe(asksWho)
    expect(await pressOn(chat, 'Luis')).toContain('Luis')
    const unused = linkIn(await writeOn(chat, 'entrar'))
    expect(await writeOn(chat, 'olvidar')).toMatch(/^He olvidado tu información\. 🛡️\n/)
    await until(() => isOut(webOfLuis))
    const dead = await openLink(unused)
    await dead.getByRole('heading', { name: 'Este enlace ya no sirve' }).waitFor()
    expect(await me(web)).toMatchObject({ id: ids.Marta })

    await writeOn(chat, 'Hola')
    expect((await choices()).sort()).toEqual(['Marta', 'Otra persona', 'Sofía'])
    expect(await pressOn(chat, 'Sofía')).toBe('¡Hola de nuevo, Sofía! 👋 ¿En qué te puedo ayudar hoy?')
    expect(await writeOn(chat, '¿Qué se dijo acá?')).toContain('Respuesta a')
    expect(asked()).toMatchObject({ person: { id: ids.Sofía }, history: [] })
  })

  it('is forgotten whole by "olvidar a todos": nobody is greeted, and nothing is open', async () => {
    expect(await writeOn(chat, 'olvidar a todos')).toMatch(
      /^He olvidado a todas las personas de este teléfono/,
    )
    await until(() => isOut(web))
    expect(await portero.database.query('select from public.telefono_usuario')).toEqual([])
    const asks = await writeOn(chat, 'Hola')
    expect(asks).toContain('necesito que me pases tu DNI')
  })

  /** Whom the application was told of since it was looked at last. */
  function heardOf(): string[] {
    return [...new Set(upstream.requests.flatMap(({ rawHeaders }) => valuesOf(rawHeaders, 'x-portero-user')))]
  }
})
