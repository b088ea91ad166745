import { mkdir } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { ownPlace } from '../support/open-webui/place.ts'
import type { PorteroProcess } from '../support/portero-process.ts'
import {
  chat,
  freshPhone,
  openPerson,
  type Person,
  porteroBefore,
  signOutByMenu,
  untilChat,
} from './person.ts'

const place = ownPlace()
const adminPhone = freshPhone()
const pictures = 'test-results/openwebui'

let browser: Browser
let portero: PorteroProcess
const people: Person[] = []

beforeAll(async () => {
  await mkdir(pictures, { recursive: true })
  browser = await openBrowser()
  portero = await porteroBefore(place, { PORTERO_ADMIN__PHONES: adminPhone })
})
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') process.stderr.write(portero.output().slice(-4000))
  for (const person of people.splice(0)) await person.close()
})
afterAll(async () => {
  await browser.close()
  await portero.dispose()
})

async function somebody(options: Parameters<typeof openPerson>[2] = {}): Promise<Person> {
  const person = await openPerson(browser, portero, options)
  people.push(person)
  return person
}

/** Somebody who is in, with a chat page before them. */
async function somebodyIn(options: Parameters<typeof openPerson>[2] = {}): Promise<Person> {
  const person = await somebody(options)
  await person.page.goto(`${place.publicOrigin}/`)
  await person.signIn()
  await untilChat(person.page)
  return person
}

const pathOf = (page: Page) => new URL(page.url()).pathname
const atSignIn = (page: Page, timeout = 10_000) =>
  page.waitForURL((url) => url.pathname === '/_portero/signin', { timeout })

describe('coming in', () => {
  it('leads from the number and the code to the chat, and nothing of Open WebUI’s own sign-in is ever seen', async () => {
    const { page, path, seen, signIn } = await somebody()
    await page.goto(`${place.publicOrigin}/`)
    await signIn()
    await untilChat(page)
    await page.screenshot({ path: `${pictures}/chat.png` })
    expect(path.filter((one) => one.startsWith('/auth') || one.startsWith('/error'))).toEqual([])
    expect(await seen()).not.toMatch(
      /sign(ing)? in to|iniciar sesi[oó]n|logged in|sesi[oó]n iniciada|iniciando/i,
    )
    const words = await chat(page, 'Hola')
    expect(words).toBe('Hola, soy el modelo de prueba.')
    await page.screenshot({ path: `${pictures}/answer.png` })
  })

  it('streams the answer: its beginning is there before its end', async () => {
    const { page } = await somebodyIn()
    await page.click('#chat-input')
    await page.keyboard.type('pause=300 words=12')
    await page.keyboard.press('Enter')
    const answer = page.locator('.chat-assistant').last()
    await answer.getByText('Hola, soy').waitFor()
    expect(await answer.innerText()).not.toMatch(/prueba/)
    await answer.getByText(/prueba\.[\s\S]*prueba\./).waitFor()
  })

  it('survives by a deep link, with its query', async () => {
    const ana = await somebodyIn()
    await chat(ana.page, 'Hola')
    const chatPath = pathOf(ana.page)
    expect(chatPath).toMatch(/^\/c\//)
    await signOutByMenu(ana.page)
    await atSignIn(ana.page)
    await ana.page.goto(`${place.publicOrigin}${chatPath}?x=1`)
    await ana.signIn()
    await untilChat(ana.page)
    expect(ana.page.url()).toBe(`${place.publicOrigin}${chatPath}?x=1`)
    await ana.page.getByText('Hola, soy el modelo de prueba.').waitFor()
  })

  it('happens by itself for a browser that only lost what Open WebUI keeps in it', async () => {
    const { page, context, seen } = await somebodyIn()
    await page.evaluate('localStorage.clear()')
    await context.clearCookies({ name: 'token' })
    await page.goto(`${place.publicOrigin}/?again=1`)
    await untilChat(page)
    expect(page.url()).toBe(`${place.publicOrigin}/?again=1`)
    expect(await seen()).not.toMatch(/sign(ing)? in to|iniciar sesi[oó]n/i)
  })
})

describe('going out', () => {
  it('by Open WebUI’s own menu ends both sessions and leads to the sign-in; another tab follows', async () => {
    const { page, context } = await somebodyIn()
    const other = await context.newPage()
    await other.goto(`${place.publicOrigin}/`)
    await untilChat(other)
    const token = await page.evaluate('localStorage.token')
    await signOutByMenu(page)
    await atSignIn(page)
    await page.screenshot({ path: `${pictures}/signed-out.png` })
    await atSignIn(other)
    expect(await page.evaluate('localStorage.token')).toBeUndefined()
    expect((await context.cookies()).map(({ name }) => name)).toEqual(['portero_device'])
    // It was the last session of this person: what was handed out there is worth nothing, even past Portero.
    await expect.poll(() => statusPastPortero(token as string), { timeout: 5_000 }).toBe(401)
  })

  it('is not done by the sign-out that the page sends by itself', async () => {
    const { page } = await somebodyIn()
    const answered = await page.evaluate(
      `fetch('/api/v1/auths/signout', { method: 'POST' }).then((answer) => answer.json())`,
    )
    expect(answered).toMatchObject({ redirect_url: expect.stringMatching(/^\/_portero\/signout\?ticket=./) })
    await page.goto(`${place.publicOrigin}/`)
    await untilChat(page)
  })

  it('is not done by a session of Open WebUI that runs out under an open page, which comes back by itself', async () => {
    const admin = await somebodyIn({ phone: adminPhone })
    const config = await adminConfig(admin.page)
    const ana = await somebody()
    try {
      // The page looks every 15 s whether its token ends within a minute.
      await adminConfig(admin.page, { ...config, JWT_EXPIRES_IN: '80s' })
      await ana.page.goto(`${place.publicOrigin}/`)
      await ana.signIn()
      await untilChat(ana.page)
    } finally {
      await adminConfig(admin.page, config)
    }
    await chat(ana.page, 'Hola')
    const chatUrl = ana.page.url()
    // A chat that was begun on the front page still is the front page to Open WebUI's own way back.
    await ana.page.goto(chatUrl)
    await untilChat(ana.page)
    const first = await ana.page.evaluate('localStorage.token')
    await expect
      .poll(() => ana.page.evaluate('localStorage.token ?? null'), { timeout: 60_000 })
      .not.toSatisfy((token) => token === first || token === null)
    await untilChat(ana.page)
    expect(ana.page.url()).toBe(chatUrl)
    expect(ana.path.filter((one) => one.startsWith('/_portero/signin'))).toHaveLength(3)
    await chat(ana.page, 'Otra vez')
  }, 120_000)

  it('elsewhere moves an open page to the sign-in, which leads back to the same chat', async () => {
    const ana = await somebodyIn()
    await chat(ana.page, 'Hola')
    const chatUrl = ana.page.url()
    await endAllSessionsElsewhere(ana)
    await atSignIn(ana.page, 5_000)
    await ana.signIn()
    await untilChat(ana.page)
    expect(ana.page.url()).toBe(chatUrl)
  })

  it('never leaves a tab of the previous person with their chat', async () => {
    const ana = await somebodyIn()
    await chat(ana.page, 'Hola')
    const chatPath = pathOf(ana.page)
    // Where sockets are not cut (another proxy in front), the page has to notice by itself: the other tab stays off line.
    const tab = await ana.context.newPage()
    await tab.goto(`${place.publicOrigin}/_portero/account`)
    await tab.click('form[action="/_portero/signout"]:not(:has(input[name=all])) button')
    await tab.waitForURL(/signed-out/)
    await tab.goto(`${place.publicOrigin}/`)
    const beto = { ...(await somebody()), page: tab }
    await beto.signIn(tab, 'Beto Lima')
    await untilChat(tab)
    await expect.poll(() => pathOf(ana.page), { timeout: 10_000 }).not.toBe(chatPath)
    expect(await ana.page.getByText('Hola, soy el modelo de prueba.').count()).toBe(0)
  })

  it('at once for a person who is blocked in mid-chat: page, token and API key', async () => {
    const ana = await somebodyIn()
    await chat(ana.page, 'Hola')
    const token = (await ana.page.evaluate('localStorage.token')) as string
    const key = await apiKeyOf(ana.page)
    expect(await statusPastPortero(key)).toBe(200)
    const began = performance.now()
    const { code } = await portero.run('people', 'block', ana.phone)
    expect(code).toBe(0)
    await atSignIn(ana.page, 5_000)
    await expect.poll(() => statusPastPortero(token), { timeout: 5_000, interval: 50 }).toBe(401)
    await expect.poll(() => statusPastPortero(key), { timeout: 5_000, interval: 50 }).toBe(401)
    expect(performance.now() - began).toBeLessThan(10_000)
    await ana.page.screenshot({ path: `${pictures}/blocked.png` })
  })

  it('of a deleted account never leaves a browser before "Backend Required"', async () => {
    const ana = await somebodyIn()
    const admin = await somebodyIn({ phone: adminPhone })
    const [{ id }] = (await admin.page.evaluate(
      `fetch('/api/v1/users/?query=' + ${JSON.stringify(await emailOf(ana.page))}, { headers: { authorization: 'Bearer ' + localStorage.token } })
         .then((answer) => answer.json()).then(({ users }) => users)`,
    )) as [{ id: string }]
    await ana.page.goto('about:blank')
    await admin.page.evaluate(
      `fetch('/api/v1/users/${id}', { method: 'DELETE', headers: { authorization: 'Bearer ' + localStorage.token } })`,
    )
    await ana.page.goto(`${place.publicOrigin}/`)
    await untilChat(ana.page)
    expect(pathOf(ana.page)).toBe('/')
  })
})

describe('accounts there', () => {
  it('of a stranger are ordinary, of the configured phone an administrator’s, under an address that says nothing', async () => {
    const stranger = await somebodyIn()
    const admin = await somebodyIn({ phone: adminPhone })
    expect(await accountOf(stranger.page)).toMatchObject({ role: 'user', name: 'Ana Souza' })
    expect(await accountOf(admin.page)).toMatchObject({ role: 'admin' })
    expect(await emailOf(stranger.page)).toMatch(/^u-[\da-f]{32}@portero\.invalid$/)
  })

  it('get a new name and other groups when those change here', async () => {
    const ana = await somebodyIn()
    const admin = await somebodyIn({ phone: adminPhone })
    await portero.run('people', 'set', ana.phone, '--name', 'Ana Clara Núñez', '--groups', 'Ventas,Soporte')
    const groups = () =>
      admin.page.evaluate(
        `fetch('/api/v1/groups/', { headers: { authorization: 'Bearer ' + localStorage.token } }).then((answer) => answer.json())
           .then((all) => all.filter((one) => one.member_count > 0).map((one) => one.name).sort())`,
      )
    await expect
      .poll(() => accountOf(ana.page), { timeout: 10_000 })
      .toMatchObject({ name: 'Ana Clara Núñez' })
    await expect.poll(groups, { timeout: 10_000 }).toEqual(['Soporte', 'Ventas'])
    await portero.run('people', 'set', ana.phone, '--groups', 'Soporte')
    await expect.poll(groups, { timeout: 10_000 }).toEqual(['Soporte'])
    await portero.run('people', 'set', ana.phone, '--groups', '')
    await expect.poll(groups, { timeout: 10_000 }).toEqual([])
  })
})

const accountOf = (page: Page) =>
  page.evaluate(
    `fetch('/api/v1/auths/', { headers: { authorization: 'Bearer ' + localStorage.token } }).then((answer) => answer.json())`,
  ) as Promise<{ email: string; name: string; role: string }>

const emailOf = async (page: Page): Promise<string> => (await accountOf(page)).email

/** Reads the settings that administrators may change while it runs, or sets them. */
const adminConfig = (page: Page, config?: object) =>
  page.evaluate(
    `fetch('/api/v1/auths/admin/config', {
       method: ${config === undefined} ? 'GET' : 'POST', body: ${config === undefined} ? undefined : ${JSON.stringify(JSON.stringify(config ?? null))},
       headers: { authorization: 'Bearer ' + localStorage.token, 'content-type': 'application/json' } }).then((answer) => answer.json())`,
  ) as Promise<Record<string, unknown>>

const apiKeyOf = (page: Page) =>
  page.evaluate(
    `fetch('/api/v1/auths/api_key', { method: 'POST', headers: { authorization: 'Bearer ' + localStorage.token } })
       .then((answer) => answer.json()).then((answer) => answer.api_key)`,
  ) as Promise<string>

/** What Open WebUI itself says to a bearer, asked where only Portero should reach it. */
async function statusPastPortero(bearer: string): Promise<number> {
  const answer = await fetch(`${place.openWebuiUrl}/api/models`, {
    headers: { authorization: `Bearer ${bearer}` },
  })
  return answer.status
}

/** Ends every session of a person from another device of theirs. */
async function endAllSessionsElsewhere(person: Person): Promise<void> {
  const other = await somebody({ phone: person.phone })
  await other.page.goto(`${place.publicOrigin}/_portero/account`)
  await other.signIn()
  await other.page.waitForURL(/_portero\/account/)
  await other.page.click('form:has(input[name=all]) button')
  await other.page.waitForURL(/signed-out/)
}
