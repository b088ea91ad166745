import { describe, expect, test } from 'vitest'
import { chooseLocale } from './locale.ts'

describe('the language of a page', () => {
  test.each([
    ['pt-BR,pt;q=0.9,en;q=0.8', 'pt-BR'],
    ['pt-PT', 'pt-BR'],
    ['es-419,es;q=0.9', 'es'],
    ['en-US', 'en'],
    ['fr-FR,fr;q=0.9,en;q=0.8', 'en'],
    ['en;q=0.2, es;q=0.9', 'es'],
    ['en;q=0, pt', 'pt-BR'],
    ['fr', 'es'],
    ['*', 'es'],
    ['', 'es'],
    [undefined, 'es'],
    ['en;q=banana', 'en'],
    [`${'x,'.repeat(100_000)}en`, 'es'],
  ] as const)('for Accept-Language %.30j is %j', (header, locale) => {
    expect(chooseLocale(header, [], 'es')).toBe(locale)
  })

  test('is what the reader chose, the link before the cookie', () => {
    expect(chooseLocale('es', ['en', 'pt-BR'], 'es')).toBe('en')
    expect(chooseLocale('es', [undefined, 'pt-BR'], 'es')).toBe('pt-BR')
  })

  test('ignores a choice that we do not speak', () => {
    expect(chooseLocale('pt', ['<script>', 'xx'], 'es')).toBe('pt-BR')
  })
})
