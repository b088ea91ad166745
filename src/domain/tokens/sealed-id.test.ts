import { describe, expect, test } from 'vitest'
import { openKeyring } from './keyring.ts'
import { readRefreshToken, refreshToken } from './refresh-token.ts'
import { seal, unseal } from './sealed-id.ts'
import { readSessionCredential, sessionCredential } from './session-credential.ts'

const [one, two] = [
  'the first secret of these tests, long enough',
  'the second secret of these tests, long enough',
]
const ring = openKeyring([one])
const id = '11111111-2222-4333-8444-555555555555'

describe('a sealed value', () => {
  test('can be made again and is read by whoever has the key, also after a rotation', () => {
    expect(seal(ring, 'cookie', 'a.b')).toBe(seal(openKeyring([one]), 'cookie', 'a.b'))
    expect(unseal(openKeyring([two, one]), 'cookie', seal(ring, 'cookie', 'a.b'))).toBe('a.b')
    expect(unseal(openKeyring([two]), 'cookie', seal(ring, 'cookie', 'a.b'))).toBeUndefined()
  })

  test('is worthless for another purpose', () => {
    expect(unseal(ring, 'refresh', seal(ring, 'cookie', id))).toBeUndefined()
    expect(readSessionCredential(ring, refreshToken(ring, id, 1))).toBeUndefined()
    expect(readRefreshToken(ring, sessionCredential(ring, id))).toBeUndefined()
  })

  test('is refused when any one letter of it is changed, left out or added', () => {
    const value = sessionCredential(ring, id)
    expect(readSessionCredential(ring, value)).toBe(id)
    for (let at = 0; at < value.length; at += 1) {
      const other = value[at] === 'A' ? 'B' : 'A'
      expect(readSessionCredential(ring, value.slice(0, at) + other + value.slice(at + 1))).toBeUndefined()
      expect(readSessionCredential(ring, value.slice(0, at) + value.slice(at + 1))).toBeUndefined()
      expect(readSessionCredential(ring, `${value.slice(0, at)}A${value.slice(at)}`)).toBeUndefined()
    }
    for (const end of ['=', ' ', '\n', '.', '\u0000'])
      expect(readSessionCredential(ring, value + end)).toBeUndefined()
  })

  test.each([
    '',
    '.',
    '..',
    'a.b',
    '.a.b',
    `x.${ring.current.id}.`,
    `${id}.__proto__.AAAA`,
    `a.${'b'.repeat(300)}.c`,
  ])('%j is none', (value) => {
    expect(unseal(ring, 'cookie', value)).toBeUndefined()
    expect(readRefreshToken(ring, value)).toBeUndefined()
  })
})

test('a refresh token tells its session and its generation', () => {
  expect(readRefreshToken(ring, refreshToken(ring, id, 42))).toEqual({ sessionId: id, generation: 42 })
  expect(refreshToken(ring, id, 1)).not.toBe(refreshToken(ring, id, 2))
})
