import { writeFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { closeNews, openPerson, porteroBefore, untilChat } from '../test/openwebui/person.ts'
import { openBrowser } from '../test/support/browser.ts'
import { printedCode } from '../test/support/portero-process.ts'

/**
 * Photographs for the guide how somebody comes in, on a phone. OPENWEBUI_URL is an Open WebUI that is set up as the guide says
 * and has a model; PORTERO_PUBLIC_URL, where it believes Portero to be, has to be free on this machine.
 */

const folder = new URL('../docs/pictures/', import.meta.url)
const screen = { width: 360, height: 660, shownWidth: 256 }
const place = {
  openWebuiUrl: process.env.OPENWEBUI_URL ?? 'http://127.0.0.1:8080',
  publicOrigin: process.env.PORTERO_PUBLIC_URL ?? 'http://localhost:8081',
}
const typed = '11 96123-4567'
const phone = '+5511961234567'

/** The screens in one picture, side by side. */
async function sideBySide(browser: Browser, shots: readonly Buffer[]): Promise<Buffer> {
  const { width, height, shownWidth } = screen
  const images = shots.map(
    (png) => `<img width="${shownWidth}" src="data:image/png;base64,${png.toString('base64')}">`,
  )
  const style =
    'body{margin:0;padding:12px;background:#dfe3e6;display:flex;gap:12px}img{display:block;border-radius:10px}'
  const page = await browser.newPage({
    viewport: {
      width: (shownWidth + 12) * shots.length + 12,
      height: Math.round((height * shownWidth) / width) + 24,
    },
  })
  await page.setContent(`<style>${style}</style>${images.join('')}`)
  return await page.screenshot()
}

async function ask(page: Page, text: string): Promise<void> {
  await page.click('#chat-input')
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
  // Offered when the answer has come to its end.
  await page.waitForSelector('.copy-response-button')
}

const browser = await openBrowser()
const portero = await porteroBefore(place, { PORTERO_PAGES__NAME: 'Aurora' })
try {
  const { page, close } = await openPerson(browser, portero, { phone, locale: 'pt-BR' })
  await page.setViewportSize({ width: screen.width, height: screen.height })
  await page.goto(`${place.publicOrigin}/`)
  await page.fill('#phone', typed)
  const signIn = await page.screenshot()

  await page.keyboard.press('Enter')
  await page.waitForSelector('input[autocomplete=one-time-code]')
  await page.fill('input[autocomplete=one-time-code]', await printedCode(portero, phone))
  const code = await page.screenshot()

  await page.keyboard.press('Enter')
  await page.fill('input[name=name]', 'Ana Souza')
  await page.keyboard.press('Enter')
  await untilChat(page)
  await closeNews(page)
  await ask(page, 'Escreva um recado para a equipe: reunião na terça, às 15h.')
  const chat = await page.screenshot()
  await writeFile(new URL('open-webui-sign-in.png', folder), await sideBySide(browser, [signIn, code, chat]))

  await page.goto(`${place.publicOrigin}/_portero/account`)
  await page.screenshot({ path: new URL('open-webui-account.png', folder).pathname, fullPage: true })
  await close()
} finally {
  await browser.close()
  await portero.dispose()
}
