import { describe, expect, it } from 'vitest'
import { slowdown } from '../../test/support/slowdown.ts'
import { cookieNames } from './cookies.ts'
import { isOwnCookie, setsOwnCookie, withoutOwnCookies } from './own-cookies.ts'

it('knows every cookie that Portero sets', () => {
  for (const name of [
    ...Object.values(cookieNames(true)),
    ...Object.values(cookieNames(false)),
    '__Host-portero_oidc',
    '__Host-portero_oidc.sig',
    '__Secure-portero',
  ]) {
    expect(isOwnCookie(name), name).toBe(true)
    expect(isOwnCookie(name.toUpperCase()), name).toBe(true)
  }
  for (const name of ['token', 'oui-session', 'x-auth-phones', 'my_portero', '__Host-app', 'x-auth']) {
    expect(isOwnCookie(name), name).toBe(false)
  }
})

describe('a Cookie header', () => {
  it.each([
    ['a=1; b=2', 'a=1; b=2'],
    ['a=1;b=2;  c="x y"', 'a=1;b=2;  c="x y"'],
    ['portero=s', undefined],
    ['__Host-portero=s; x-auth-phone=j', undefined],
    ['a=1; portero=s; b=2', 'a=1; b=2'],
    ['portero=s; a=1; a=2', 'a=1; a=2'],
    ['a="1; portero=s"; b=2', 'a="1; b=2'],
    ['a=portero; b=x-auth-phone', 'a=portero; b=x-auth-phone'],
    ['PORTERO=s; X-Auth-Phone=j; a=1', 'a=1'],
    ['portero =s;\tx-auth-phone\t= j; a=1', 'a=1'],
    ['portero; a=1', 'a=1'],
    ['portero=s; portero=t; portero_flow="f"; portero_device=d;a=é', 'a=é'],
    ['"portero"=s; a=1', 'a=1'],
    ['a=b=portero=c', 'a=b=portero=c'],
    [';;portero=s;', ';;'],
    ['=portero=s; a=1', 'a=1'],
    ['a=1; = =\t"x-auth-phone"=j', 'a=1'],
    ['=a=portero', '=a=portero'],
  ])('%s becomes %s', (header, kept) => expect(withoutOwnCookies(header)).toBe(kept))

  it.each(['a=1;', ';', ' ', '\t;', '= ', 'portero', 'portero=;', '"'])(
    'is read in time that is linear, in many of %j',
    async (unit) => {
      const of = (length: number) => `portero=s;${unit.repeat(length / unit.length)}`
      expect(await slowdown(withoutOwnCookies, { short: of(250), long: of(16_000), runs: 5 })).toBeLessThan(
        1000,
      )
    },
  )
})

it('sees through the spellings of a Set-Cookie', () => {
  for (const value of [
    'portero=x',
    ' __Host-portero=x; Path=/',
    'X-AUTH-PHONE=j; Domain=example.org',
    'portero',
    '"portero"=x',
    '=x-auth-phone=evil; Path=/',
    ' \t= portero=x',
    '=',
  ]) {
    expect(setsOwnCookie(value), value).toBe(true)
  }
  expect(setsOwnCookie('token=portero; Path=/portero')).toBe(false)
})
