import { expect, test } from 'vitest'
import { sampleBrand } from '../../test/pages/gallery.ts'
import { silentLog } from '../domain/log.ts'
import { appProblemPages } from './app-problem.ts'
import type { PagesSettings } from './needs.ts'

const settings: PagesSettings = {
  brand: sampleBrand,
  logo: undefined,
  defaultLocale: 'es',
  defaultRegion: 'AR',
  allowedRegions: ['AR'],
  channels: ['sms'],
  admission: 'open',
  triesMax: 5,
  deviceDays: 180,
  demo: { on: false, asked: false },
}

test.each([
  ['unreachable', 502, 'La aplicación no responde'],
  ['timeout', 504, 'La aplicación está tardando demasiado'],
  ['no_upstream', 503, 'Todavía no hay nada detrás de esta puerta'],
] as const)('an app that is %s is a page with status %i', (error, status, title) => {
  const page = appProblemPages({
    settings,
    hasSecureCookies: true,
    log: silentLog,
    newReference: () => 'K7QF2M9A',
  })(error, {})
  expect(page.status).toBe(status)
  expect(page.body).toContain(title)
  expect(page.body).toContain('K7QF2M9A')
  expect(page.headers['cache-control']).toBe('no-store')
})

test('it speaks the language that the browser asks for, or that was chosen', () => {
  const show = appProblemPages({
    settings,
    hasSecureCookies: true,
    log: silentLog,
    newReference: () => 'K7QF2M9A',
  })
  expect(show('timeout', { 'accept-language': 'pt-BR' }).body).toContain('O aplicativo está demorando demais')
  expect(show('timeout', { cookie: '__Host-portero_lang=en' }).body).toContain('taking too long')
})
