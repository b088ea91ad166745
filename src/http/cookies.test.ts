import { describe, expect, test } from 'vitest'
import { slowdown } from '../../test/support/slowdown.ts'
import { cookieNames, expiredCookies, parseCookies, serializeCookie } from './cookies.ts'
import { isOwnCookie } from './own-cookies.ts'

describe('reading cookies', () => {
  test('takes pairs apart and trims them', () => {
    const cookies = parseCookies('a=1; b=2;c = 3 ;d="4"; e=x=y')
    expect([...cookies]).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', '4'],
      ['e', 'x=y'],
    ])
  })

  test('lets the first of a repeated name count', () => {
    expect(parseCookies('portero=first; portero=second').get('portero')).toBe('first')
  })

  test.each([undefined, '', ';', ';;;', '=', '=x', 'x', ' ; x ; = ; ', 'x;=;y'])(
    'makes nothing of %j',
    (header) => {
      expect(parseCookies(header).size).toBe(0)
    },
  )

  test('leaves names like __proto__ harmless', () => {
    expect(parseCookies('__proto__=x; constructor=y').get('__proto__')).toBe('x')
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  test('is linear in what it reads', async () => {
    const of = (count: number) => `${'a;'.repeat(4 * count)}${'='.repeat(count)}`
    expect(await slowdown(parseCookies, { short: of(250), long: of(16_000), runs: 3 })).toBeLessThan(1000)
  })
})

describe('writing cookies', () => {
  test('always writes the attributes that keep them ours', () => {
    expect(serializeCookie('__Host-portero', 'v', { maxAgeSeconds: 60, isSecure: true })).toBe(
      '__Host-portero=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    )
    expect(serializeCookie('portero', 'v', { maxAgeSeconds: undefined, isSecure: false })).toBe(
      'portero=v; Path=/; HttpOnly; SameSite=Lax',
    )
  })

  test.each(['a;b', 'a b', 'a\r\nSet-Cookie: x=y', '"', 'ñ', 'x'.repeat(5000)])(
    'throws on a value like %j',
    (value) => {
      expect(() => serializeCookie('portero', value, { maxAgeSeconds: 1, isSecure: true })).toThrow(
        'cannot be written',
      )
    },
  )

  test('ends a sign-in under every name, and keeps the device and the language', () => {
    const ended = expiredCookies()
    expect(ended.map((text) => text.split('=')[0]).sort()).toEqual(
      ['__Host-portero', '__Host-portero_flow', 'portero', 'portero_flow', 'x-auth-phone'].sort(),
    )
    for (const text of ended) expect(text).toContain('Max-Age=0')
    for (const text of ended.filter((one) => one.startsWith('__Host-'))) expect(text).toContain('; Secure')
  })

  test('gives no cookie a name that could reach the app behind', () => {
    for (const names of [cookieNames(true), cookieNames(false)]) {
      for (const name of Object.values(names)) expect(isOwnCookie(name)).toBe(true)
    }
  })
})
