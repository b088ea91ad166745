import { describe, expect, test } from 'vitest'
import { jwks } from './jwks.ts'
import { openKeyring } from './keyring.ts'

const [one, two] = [
  'the first secret of these tests, long enough',
  'the second secret of these tests, long enough',
]

describe('a keyring', () => {
  test('derives the same keys from the same secret, here and on every replica', () => {
    const [a, b] = [openKeyring([one]).current, openKeyring([one]).current]
    expect(a.id).toBe(b.id)
    expect(a.id).toMatch(/^[\w-]{8}$/)
    for (const key of ['code', 'cookie', 'refresh'] as const) expect(a[key].equals(b[key])).toBe(true)
    expect(a.signingPublic.export({ format: 'jwk' })).toEqual(b.signingPublic.export({ format: 'jwk' }))
  })

  test('has a key of its own for each purpose and each secret', () => {
    const [a, b] = [openKeyring([one]).current, openKeyring([two]).current]
    const keys = [a, b].flatMap(({ code, cookie, refresh }) =>
      [code, cookie, refresh].map((key) => key.export().toString('hex')),
    )
    expect(new Set(keys).size).toBe(6)
    expect(a.id).not.toBe(b.id)
    expect(keys.join()).not.toContain(Buffer.from(one).toString('hex'))
  })

  test('uses the first secret and still knows the others', () => {
    const ring = openKeyring([two, one])
    expect(ring.current.id).toBe(openKeyring([two]).current.id)
    expect(ring.find(openKeyring([one]).current.id)?.code.equals(openKeyring([one]).current.code)).toBe(true)
    for (const id of ['', 'unknown', '__proto__', 'constructor']) expect(ring.find(id)).toBeUndefined()
  })

  test('refuses a secret of less than 32 bytes', () => {
    expect(() => openKeyring(['x'.repeat(31)])).toThrow('32 bytes')
    expect(() => openKeyring([one, 'short'])).toThrow('32 bytes')
  })

  test('publishes what checks signatures and nothing that makes them', () => {
    const published = jwks(openKeyring([two, one]))
    expect(published.keys.map(({ kid }) => kid)).toEqual([
      openKeyring([two]).current.id,
      openKeyring([one]).current.id,
    ])
    for (const key of published.keys)
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  })
})
