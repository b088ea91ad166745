import { mkdir, writeFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { locales } from '../src/domain/locale.ts'
import { gallery, sampleLook } from '../test/pages/gallery.ts'
import { openBrowser } from '../test/support/browser.ts'

/** Photographs every page in every language, on a phone and on a desk, and lays the pictures out on sheets to look at. */

const folder = new URL('../test-results/screens/', import.meta.url)
const screens = {
  phone: { width: 360, height: 740, shownWidth: 216, columns: 10 },
  desk: { width: 1280, height: 800, shownWidth: 400, columns: 5 },
} as const

type Shot = { name: string; png: Buffer }

async function photograph(page: Page, html: string): Promise<Buffer> {
  await page.setContent(html)
  return await page.screenshot()
}

/** One picture with all of them, captioned. */
async function sheetOf(page: Page, shots: readonly Shot[], width: number, columns: number): Promise<Buffer> {
  const figures = shots.map(
    ({ name, png }) =>
      `<figure><img width="${width}" src="data:image/png;base64,${png.toString('base64')}"><figcaption>${name}</figcaption></figure>`,
  )
  await page.setViewportSize({ width: columns * (width + 12) + 12, height: 800 })
  await page.setContent(
    `<style>body{margin:0;padding:6px;background:#777;font:12px sans-serif;display:grid;grid-template-columns:repeat(${columns},auto)}figure{margin:6px}figcaption{color:#fff}</style>${figures.join('')}`,
  )
  return await page.screenshot({ fullPage: true })
}

await mkdir(folder, { recursive: true })
for (const locale of locales) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [screen, { width, height, shownWidth, columns }] of Object.entries(screens)) {
      // One browser for each sheet: it does not give back the memory of hundreds of pictures.
      const browser = await openBrowser()
      const context = await browser.newContext({
        locale,
        colorScheme,
        reducedMotion: 'reduce',
        viewport: { width, height },
      })
      const page = await context.newPage()
      const shots: Shot[] = []
      for (const [name, render] of Object.entries(gallery)) {
        const of = `${shots.length + 1}/${Object.keys(gallery).length}`
        if (process.stdout.isTTY) process.stdout.write(`\r${locale} ${colorScheme} ${screen} ${of}   `)
        shots.push({ name, png: await photograph(page, render(sampleLook(locale))) })
      }
      const file = `${locale}-${screen}-${colorScheme}.png`
      await writeFile(new URL(file, folder), await sheetOf(page, shots, shownWidth, columns))
      await browser.close()
    }
  }
}
console.log(`\nThe sheets are in ${folder.pathname}`)
