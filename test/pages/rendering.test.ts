import { getCountries } from 'libphonenumber-js/max'
import { describe, expect, test } from 'vitest'
import { refusals } from '../../src/domain/errors.ts'
import { locales } from '../../src/domain/locale.ts'
import { deviceInWords } from '../../src/pages/device-in-words.ts'
import { markupOf } from '../../src/pages/html.ts'
import { en } from '../../src/pages/texts/en.ts'
import { es } from '../../src/pages/texts/es.ts'
import { ptBR } from '../../src/pages/texts/pt-BR.ts'
import { agoIn, durationIn, refusalText } from '../../src/pages/texts/say.ts'
import { gallery, sampleLook } from './gallery.ts'

const sizeMax = 20_000
const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{x}&`

describe.each(locales)('in %s', (locale) => {
  test.each(Object.entries(gallery))(
    '%s is a whole page: small, named, in its language, every field with a label',
    (_, render) => {
      const page = render(sampleLook(locale))
      expect(Buffer.byteLength(page)).toBeLessThan(sizeMax)
      expect(page).toMatch(new RegExp(`^<!doctype html>\\s*<html lang="${locale}"`))
      expect(page).toMatch(/<title>[^<]{3,} · Universidad del Sur<\/title>/)
      expect(page.match(/<h1>/g)).toHaveLength(1)
      const written = page.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '')
      expect(written).not.toMatch(/undefined|\[object|null|NaN/)
      expect(written).not.toMatch(/\{(?!example\})\w+[,}]/)
      for (const [, id] of page.matchAll(
        /<(?:input|select)(?![^>]*type="(?:hidden|checkbox)")[^>]* id="(\w+)"/g,
      )) {
        expect(page).toContain(`<label for="${id}">`)
      }
    },
  )

  test.each(Object.entries(gallery))('%s asks no other host for anything', (_, render) => {
    const page = render(sampleLook(locale))
    expect(page).not.toMatch(/<(?:script|img|link|iframe)[^>]+(?:src|href)="(?!data:|\/)/)
    expect(page).not.toMatch(/@import|url\(/)
    expect(page).not.toMatch(/ on\w+="|style="/)
  })

  test.each(Object.entries(gallery))(
    '%s stays one page whatever names and brands it is given',
    (_, render) => {
      const look = sampleLook(
        locale,
        { name: evil, color: `#fff${evil}`, logo: evil, contact: evil, privacyUrl: `javascript:${evil}` },
        { here: `/_portero/signin?x=${evil}` },
      )
      const page = render(look, { person: evil, typed: evil, returnTo: `/${evil}` })
      expect(page.match(/<script/g)).toHaveLength(1)
      expect(page.match(/<style/g)).toHaveLength(1)
      expect(page.match(/<img/g) ?? []).toHaveLength(1)
      expect(page).not.toContain('href="javascript')
      expect(page.replaceAll('&#39;', '').replaceAll('&quot;', '')).not.toMatch(
        /<img src=x|alert\(1\)<\/script/,
      )
    },
  )

  test('every refusal has a sentence of its own', () => {
    const sentences = Object.keys(refusals).map((code) => refusalText(locale, code as keyof typeof refusals))
    expect(new Set(sentences).size).toBe(sentences.length)
    for (const sentence of sentences) expect(sentence).toMatch(/^\p{Lu}.{10,140}\.$/u)
  })
})

test('the languages use the same values in each message', () => {
  const values = (text: string) =>
    [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, name]) => name))]
      .filter((name) => /^[a-z]/.test(name!))
      .sort()
  for (const key of Object.keys(es) as (keyof typeof es)[]) {
    const names = values(es[key]).filter((name) => !['te', 'resta', 'restam'].includes(name!))
    for (const name of names) for (const other of [ptBR[key], en[key]]) expect(other).toContain(`{${name}`)
  }
})

test('the whole world fits on the first page', () => {
  expect(getCountries().length).toBeGreaterThan(240)
  for (const locale of locales)
    expect(Buffer.byteLength(gallery['phone-world']!(sampleLook(locale)))).toBeLessThan(sizeMax)
})

test.each([
  [1, '1 segundo'],
  [28.2, '29 segundos'],
  [120, '2 minutos'],
  [3601, '61 minutos'],
  [7200, '2 horas'],
  [0, '1 segundo'],
])('%d s are %j', (seconds, words) => {
  expect(durationIn('es', seconds)).toBe(words)
})

test('what is past is told without a time zone', () => {
  expect([agoIn('es', 59), agoIn('es', 300), agoIn('pt-BR', 7200), agoIn('en', 86_400)]).toEqual([
    undefined,
    'hace 5 minutos',
    'há 2 horas',
    'yesterday',
  ])
})

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36 Edg/141.0',
    'Edge en Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) CriOS/141 Mobile/15E148 Safari/604.1',
    'Chrome en iPhone',
  ],
  [
    'Mozilla/5.0 (Linux; Android 14; SM-A155M) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0 Mobile Safari/537.36',
    'Samsung Internet en Android',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
    'Safari en Mac',
  ],
  ['curl/8.5.0', 'curl'],
  ['<script>', 'Un dispositivo'],
  [undefined, 'Un dispositivo'],
])('%.60j is %j', (agent, words) => {
  expect(markupOf(deviceInWords('es', agent))).toBe(words)
})
