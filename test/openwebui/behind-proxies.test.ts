import { mkdir } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { debianCaddy } from '../proxies/caddy.ts'
import { type Addresses, freePort, shipped } from '../proxies/gate.ts'
import { startAskingNginx } from '../proxies/nginx.ts'
import { type ProxyProcess, site, startProxy } from '../proxies/proxy-process.ts'
import { openBrowser } from '../support/browser.ts'
import { ownPlace } from '../support/open-webui/place.ts'
import type { PorteroProcess } from '../support/portero-process.ts'
import { chat, openPerson, type Person, porteroBefore, signOutByMenu, untilChat } from './person.ts'

const place = ownPlace()
const pictures = 'test-results/openwebui'

/** Caddy with the shipped file, for the name by which the browser of this test calls it too. */
async function startCaddy({ port, portero, app }: Addresses): Promise<ProxyProcess> {
  const text = await shipped('caddy/Caddyfile.open-webui', [
    [/^chat\.example\.org \{/gm, `http://127.0.0.1:${port}, http://${site}:${port} {\n\tbind 127.0.0.1`],
    [/127\.0\.0\.1:8081 \{/g, `127.0.0.1:${portero} {`],
    ['127.0.0.1:8080 {', `127.0.0.1:${app} {`],
  ])
  const files = { Caddyfile: `{\n\tadmin off\n\tauto_https off\n}\n${text}` }
  return startProxy([debianCaddy, 'run', '--config', 'Caddyfile', '--adapter', 'caddyfile'], files, port)
}

describe.each([
  ['nginx', (at: Addresses) => startAskingNginx('open-webui.conf', at)],
  ['Caddy', startCaddy],
] as const)('behind the real %s with the shipped file', (name, start) => {
  let browser: Browser
  let portero: PorteroProcess
  let proxy: ProxyProcess
  const people: Person[] = []

  beforeAll(async () => {
    await mkdir(pictures, { recursive: true })
    browser = await openBrowser()
    const port = await freePort()
    portero = await porteroBefore(place, {
      PORT: String(port),
      PORTERO_UPSTREAM__REVOKE_AT: 'every_session',
      PORTERO_LISTEN__TRUSTED_PROXIES: '127.0.0.1',
    })
    const publicPort = Number(new URL(place.publicOrigin).port)
    const app = Number(new URL(place.openWebuiUrl).port)
    proxy = await start({ port: publicPort, portero: port, app })
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') process.stderr.write(portero.output().slice(-4000))
    for (const person of people.splice(0)) await person.close()
  })
  afterAll(async () => {
    await proxy.stop()
    await browser.close()
    await portero.dispose()
  })

  async function somebody(phone?: string): Promise<Person> {
    const person = await openPerson(browser, portero, phone === undefined ? {} : { phone })
    people.push(person)
    return person
  }
  const atSignIn = (page: Page) =>
    page.waitForURL((url) => url.pathname === '/_portero/signin', { timeout: 10_000 })

  it('the number and the code lead to the chat, whose answer streams, and back to it by a deep link', async () => {
    const { page, path, seen, signIn } = await somebody()
    await page.goto(`${place.publicOrigin}/`)
    await signIn()
    await untilChat(page)
    expect(path.filter((one) => one.startsWith('/auth') || one.startsWith('/error'))).toEqual([])
    expect(await seen()).not.toMatch(
      /sign(ing)? in to|iniciar sesi[oó]n|logged in|sesi[oó]n iniciada|iniciando/i,
    )
    await chat(page, 'Hola')
    await page.screenshot({ path: `${pictures}/chat-behind-${name}.png` })
    const chatPath = new URL(page.url()).pathname
    await signOutByMenu(page)
    await atSignIn(page)
    await page.goto(`${place.publicOrigin}${chatPath}?x=1`)
    await atSignIn(page)
    await signIn()
    await untilChat(page)
    expect(page.url()).toBe(`${place.publicOrigin}${chatPath}?x=1`)
  })

  it('a session that ends elsewhere moves the open page to the sign-in, which leads back to the same chat', async () => {
    const ana = await somebody()
    await ana.page.goto(`${place.publicOrigin}/`)
    await ana.signIn()
    await untilChat(ana.page)
    await chat(ana.page, 'Hola')
    const chatUrl = ana.page.url()
    const other = await somebody(ana.phone)
    await other.page.goto(`${place.publicOrigin}/_portero/account`)
    await other.signIn()
    await other.page.click('form:has(input[name=all]) button')
    await atSignIn(ana.page)
    await ana.signIn()
    await untilChat(ana.page)
    expect(ana.page.url()).toBe(chatUrl)
  })

  it('a person who is blocked in mid-chat is out', async () => {
    const ana = await somebody()
    await ana.page.goto(`${place.publicOrigin}/`)
    await ana.signIn()
    await untilChat(ana.page)
    await portero.run('people', 'block', ana.phone)
    await atSignIn(ana.page)
  })
})
