import { expect, test } from 'vitest'
import { isRegion, listRegions } from './regions.ts'

test('the configured region comes first, the others by their names in the language of the reader', () => {
  expect(listRegions(['AR', 'UY', 'ES', 'BR'], { locale: 'es', first: 'BR' })).toEqual([
    { code: 'BR', callingCode: '+55', name: 'Brasil' },
    { code: 'AR', callingCode: '+54', name: 'Argentina' },
    { code: 'ES', callingCode: '+34', name: 'España' },
    { code: 'UY', callingCode: '+598', name: 'Uruguay' },
  ])
  expect(listRegions(['ES', 'BR'], { locale: 'en', first: 'ES' }).map(({ name }) => name)).toEqual([
    'Spain',
    'Brazil',
  ])
})

test('a region is known by its two capitals', () => {
  expect(isRegion('BR')).toBe(true)
  for (const code of ['br', 'XX', '', 'Brazil', '55', '__proto__', 'toString'])
    expect(isRegion(code)).toBe(false)
})
