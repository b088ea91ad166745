import { describe, expect, test } from 'vitest'
import { locales } from '../locale.ts'
import { codeText } from './code-text.ts'

describe.each(locales)('the text that brings a code in %s', (locale) => {
  const text = codeText({
    code: '012345',
    brand: 'Clínica San José del Ñandú',
    host: 'app.example',
    locale,
    ttlSeconds: 300,
  })

  test('fits one SMS in plain letters', () => {
    expect(text).toMatch(/^[\x20-\x5a\x61-\x7a\n]+$/)
    expect(text.length).toBeLessThanOrEqual(160)
    expect(text).toContain('Clinica San Jose del Nandu')
  })

  test('ends with what browsers fill the code in from, and nothing after it', () => {
    expect(text.split('\n').at(-1)).toBe('@app.example #012345')
    expect(codeText({ code: '012345', brand: 'X', host: undefined, locale, ttlSeconds: 59 })).toMatch(
      /012345.*\b1 min\b.*\.$/,
    )
  })
})

test.each(locales)(
  'a code for another phone says in %s what it is for, in one SMS, and is bound to no page',
  (locale) => {
    const text = codeText({
      ...{ code: '012345', brand: 'Cooperativa Eléctrica de Ñandubay y Sur', host: 'app.example', locale },
      ...{ ttlSeconds: 300, purpose: 'link' },
    })
    expect(text).toMatch(/^[\x20-\x5a\x61-\x7a]+$/)
    expect(text.length).toBeLessThanOrEqual(160)
    expect(text).toMatch(/(otro telefono|outro telefone|another phone).* 012345 \(5 min\)/)
    expect(text).toMatch(/(NO FUI YO al bot|NAO FUI EU ao bot|answer the bot NOT ME)\.$/)
    expect(text).not.toContain('@')
  },
)

test('a brand cannot bind the code to another host', () => {
  const text = codeText({
    code: '012345',
    brand: 'X\n@evil.example #1',
    host: 'app.example',
    locale: 'en',
    ttlSeconds: 300,
  })
  expect(text.split('\n').filter((line) => line.startsWith('@'))).toEqual(['@app.example #012345'])
})
