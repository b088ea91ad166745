import type { Browser, Page } from 'playwright-core'

/** The page of the demo with all its phones, in Spanish, in a browser of its own. */
export async function openSimulatorPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'es-AR', reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(`${url}/_portero/demo?lang=es`)
  return page
}

/** Writes as the phone of this page; what the bot answers, once it has. */
export function writeOn(page: Page, text: string): Promise<string> {
  return answerTo(page, () => send(page, text))
}

/** The same where the page shows all phones: from one of them, whose own page it is from then on. */
export async function writeFrom(page: Page, phone: string, text: string): Promise<string> {
  await page.locator('form.compose input[name=phone]').fill(phone)
  await send(page, text)
  await page.waitForURL((url) => url.searchParams.get('phone') === phone)
  return answerToLast(page)
}

/** Presses the newest button of this name under a message of the bot; what the bot answers. */
export function pressOn(page: Page, name: string): Promise<string> {
  const button = page.locator('.bubble.bot').getByRole('button', { name, exact: true }).last()
  return answerTo(page, () => button.click())
}

async function send(page: Page, text: string): Promise<void> {
  await page.locator('form.compose input[name=text]').fill(text)
  await page.keyboard.press('Enter')
}

async function answerTo(page: Page, act: () => Promise<void>): Promise<string> {
  const mine = page.locator('.bubble.mine')
  const before = await mine.count()
  await act()
  await mine.nth(before).waitFor()
  return answerToLast(page)
}

/** What came after the newest message of the phone; notices of sessions come whenever they come, and answer nothing. */
async function answerToLast(page: Page): Promise<string> {
  const answer = page
    .locator('.bubble.mine')
    .last()
    .locator('xpath=following-sibling::*[contains(@class, "bot")]')
    .filter({ hasNotText: 'Se abrió una sesión nueva' })
    .first()
  return (await answer.locator('p').textContent())!
}
