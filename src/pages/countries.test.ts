import { getCountries } from 'libphonenumber-js/max'
import { expect, test } from 'vitest'
import { parsePhoneNumber } from '../domain/phones/phone-number.ts'
import { listCountries } from './countries.ts'

const near = ['AR', 'BO', 'BR', 'CL', 'CO', 'CR', 'EC', 'ES', 'GT', 'MX', 'PE', 'PY', 'US', 'UY', 'VE']

test('every example can be typed as it stands', () => {
  for (const { code, callingCode, example } of listCountries(near, { locale: 'es', first: 'AR' })) {
    expect(parsePhoneNumber(example!, { region: code, source: 'typed' }).startsWith(callingCode)).toBe(true)
  }
})

test('the configured country stands first, the others by their name in the language of the reader', () => {
  const names = (locale: 'es' | 'en') =>
    listCountries(['US', 'BR', 'AR'], { locale, first: 'BR' }).map((country) => country.name)
  expect(names('es')).toEqual(['Brasil', 'Argentina', 'Estados Unidos'])
  expect(names('en')).toEqual(['Brazil', 'Argentina', 'United States'])
})

test('a list of the whole world goes without examples', () => {
  const world = listCountries(getCountries(), { locale: 'pt-BR', first: 'BR' })
  expect(world.length).toBeGreaterThan(200)
  expect(world.every((country) => country.example === undefined)).toBe(true)
})
