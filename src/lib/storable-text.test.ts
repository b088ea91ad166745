import fc from 'fast-check'
import { expect, test } from 'vitest'
import { storableText } from './storable-text.ts'

test('what PostgreSQL cannot keep is left out or replaced, and a pair is not cut in two', () => {
  expect(storableText('a\0b', 10)).toBe('ab')
  expect(storableText('a\ud800b', 10)).toBe('a\ufffdb')
  expect(storableText('ab😀', 3)).toBe('ab')
  expect(storableText('ab😀', 4)).toBe('ab😀')
})

test('any text comes out whole and short enough', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, max) => {
      const kept = storableText(text, max)
      expect(kept.length <= max && kept.isWellFormed() && !kept.includes('\0')).toBe(true)
    }),
  )
})
