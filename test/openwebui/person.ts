import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Place } from '../support/open-webui/place.ts'
import { openPortero, type PorteroProcess, printedCode } from '../support/portero-process.ts'

/** The real Portero in front of an Open WebUI, where its public address says; codes appear in its output. */
export function porteroBefore(
  { openWebuiUrl, publicOrigin }: Omit<Place, 'modelUrl'>,
  env: Record<string, string> = {},
): Promise<PorteroProcess> {
  return openPortero({
    PORT: new URL(publicOrigin).port,
    PORTERO_PUBLIC_URL: publicOrigin,
    PORTERO_DELIVERY__CONSOLE: 'true',
    PORTERO_PEOPLE__ADMISSION: 'open',
    PORTERO_TOKENS__SECRET: 'a secret of the tests that is long enough to be one',
    OPENWEBUI_URL: openWebuiUrl,
    ...env,
  })
}

/** Somebody with a phone in front of a browser of their own. */
export type Person = {
  readonly context: BrowserContext
  readonly page: Page
  readonly phone: string
  /** Every address that the first page has been at, without the origin. */
  readonly path: string[]
  /** Everything that stood on it at some time, as far as anybody could have read it. */
  seen(): Promise<string>
  /** Types the number and the code on the sign-in page that `page` shows, and a name where one is asked for. */
  signIn(page?: Page, name?: string): Promise<void>
  close(): Promise<void>
}

let next = 0

/** A Brazilian mobile number that nobody else has in this run. */
export function freshPhone(): string {
  next += 1
  return `+55119${String(70_000_000 + (process.pid % 1000) * 1000 + next)}`
}

export async function openPerson(
  browser: Browser,
  portero: PorteroProcess,
  { phone = freshPhone(), locale = 'es-AR' }: { phone?: string; locale?: string } = {},
): Promise<Person> {
  const context = await browser.newContext({ locale, viewport: { width: 1100, height: 760 } })
  await context.addInitScript(noteTexts)
  const page = await context.newPage()
  const path: string[] = []
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) path.push(frame.url().replace(/^https?:\/\/[^/]+/, ''))
  })
  return {
    context,
    page,
    phone,
    path,
    seen: () => page.evaluate('sessionStorage.getItem("testSeen") ?? ""') as Promise<string>,
    async signIn(at = page, name = 'Ana Souza') {
      const before = portero.output().length
      await at.fill('#phone', phone)
      await at.keyboard.press('Enter')
      await at.waitForSelector('input[autocomplete=one-time-code]')
      await at.fill('input[autocomplete=one-time-code]', await printedCode(portero, phone, before))
      const left = at.waitForURL((url) => !url.pathname.startsWith('/_portero/signin'))
      await Promise.all([
        at.waitForURL((url) => url.pathname !== '/_portero/signin'),
        at.keyboard.press('Enter'),
      ])
      if (new URL(at.url()).pathname === '/_portero/signin/name') {
        await at.fill('input[name=name]', name)
        await at.keyboard.press('Enter')
      }
      await left
    },
    close: () => context.close(),
  }
}

/** Runs in the page: keeps what its body says at each frame, so that what flashes up is not missed. */
const noteTexts = `(() => {
  const note = () => {
    const text = document.body ? document.body.innerText.replace(/\\s+/g, ' ').trim() : ''
    try {
      const seen = sessionStorage.getItem('testSeen') || ''
      if (text && !seen.endsWith('|' + text)) sessionStorage.setItem('testSeen', (seen + '|' + text).slice(-200000))
    } catch {}
    requestAnimationFrame(note)
  }
  note()
})()`

/** Waits until the page of Open WebUI can be typed into. */
export async function untilChat(page: Page): Promise<void> {
  await page.waitForSelector('#chat-input', { timeout: 30_000 })
}

/** Closes what Open WebUI tells about its newest version to whoever comes for the first time. */
export async function closeNews(page: Page): Promise<void> {
  const news = page.getByRole('button', { name: /okay, let's go|¡vamos|vamos/i })
  if (await news.isVisible().catch(() => false)) await news.click()
}

/** Sends a message in the chat that is open and resolves with the whole answer. */
export async function chat(
  page: Page,
  text: string,
  answer = 'Hola, soy el modelo de prueba.',
): Promise<string> {
  await page.click('#chat-input')
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
  const said = page.getByText(answer).last()
  await said.waitFor({ timeout: 20_000 })
  return (await said.innerText()).trim()
}

/** Signs out as Open WebUI itself offers it. */
export async function signOutByMenu(page: Page): Promise<void> {
  await page.locator('button[aria-haspopup]:has(img[src*="/profile/image"]):visible').first().click()
  await page.getByRole('menuitem', { name: /sign out|cerrar sesi[oó]n|sair/i }).click()
}
