import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accentOf, contrast, defaultAccent, grounds } from './accent.ts'

test('any colour at all becomes shades that can be read where they stand', () => {
  const colors = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`)
  fc.assert(
    fc.property(colors, (color) => {
      const accent = accentOf(color)
      expect(contrast(accent.fill, accent.onFill)).toBeGreaterThanOrEqual(4.5)
      expect(contrast(accent.darkFill, accent.onDarkFill)).toBeGreaterThanOrEqual(4.5)
      for (const ground of [grounds.light, grounds.card]) {
        expect(contrast(accent.onLight, ground)).toBeGreaterThanOrEqual(4.5)
      }
      for (const ground of [grounds.dark, grounds.darkCard]) {
        expect(contrast(accent.onDark, ground)).toBeGreaterThanOrEqual(4.5)
      }
    }),
  )
})

test('what is no colour is the default accent', () => {
  for (const text of [undefined, '', 'red', '#12345', '#gggggg', 'url(x)', '#fff;}body{display:none']) {
    expect(accentOf(text).fill).toBe(defaultAccent)
  }
  expect(accentOf('#0a5').fill).toBe('#00aa55')
})
