import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { unpackedChromium } from './unpacked-chromium.ts'

const installedPlaces = [
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

// The sandbox does not work as root or in most containers; the rest makes pictures alike everywhere.
const flags = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--font-render-hinting=none',
  '--force-color-profile=srgb',
  '--hide-scrollbars',
]

/**
 * A browser of this test file's own, to be closed by it: the Chrome or Chromium at CHROME_PATH, else one that is
 * installed, else the one from npm, which is unpacked on first use (Linux on x64 only; its one font, Open Sans, has
 * no arrows, ticks or emoji).
 */
export async function openBrowser(): Promise<Browser> {
  const installed = process.env.CHROME_PATH ?? installedPlaces.find((path) => existsSync(path))
  if (installed !== undefined) return await chromium.launch({ executablePath: installed, args: flags })
  const { executablePath, env } = await unpackedChromium()
  return await chromium.launch({ executablePath, args: flags, env: { ...process.env, ...env } })
}
