import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { returnPath } from './return-path.ts'

const own = 'https://in.example.org'

/** Spellings collected from the published open-redirect bugs of proxies and sign-in libraries. */
const hostile = [
  '//evil.example',
  '///evil.example',
  '////evil.example',
  '/////evil.example/..',
  '//evil.example/%2f..',
  '//evil.example/%2e%2e',
  '//evil.example@in.example.org',
  '//in.example.org@evil.example',
  '//[::1]',
  '//[::ffff:127.0.0.1]',
  '//2130706433',
  '//0x7f000001',
  '//%5cevil.example',
  '/\\evil.example',
  '/\\/evil.example',
  '/\\\\evil.example',
  '/\\/\\/evil.example',
  '\\/evil.example',
  '\\\\evil.example',
  '\\evil.example',
  '/%5cevil.example',
  '/%5Cevil.example',
  '/%5c%5cevil.example',
  '/%5c/evil.example',
  '/%255cevil.example',
  '/%2fevil.example',
  '/%2Fevil.example',
  '/%2f%2fevil.example',
  '/%2f%5cevil.example',
  '/%252fevil.example',
  '/%09/evil.example',
  '/%0a/evil.example',
  '/%0d%0aLocation:%20//evil.example',
  '/%00/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r/evil.example',
  '/\r\n/evil.example',
  '/\u000b/evil.example',
  '/\u0000/evil.example',
  '/\u00a0/evil.example',
  '/\u2028/evil.example',
  '/ /evil.example',
  '/\t\\evil.example',
  '\t//evil.example',
  ' //evil.example',
  '\n/evil.example',
  '/.//evil.example',
  '/./\\evil.example',
  '/..//evil.example',
  '/../\\evil.example',
  '/%2e//evil.example',
  '/%2e%2e//evil.example',
  '/.%2e//evil.example',
  '/a/..//evil.example',
  '/a/../../\\evil.example',
  '/a/%2e%2e//evil.example',
  '/a/..%2f/evil.example',
  '/a/..%2f%2fevil.example',
  '/a/..%5cevil.example',
  '/foo/../..//evil.example',
  'https://evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:///evil.example',
  'https:\\\\evil.example',
  'https://in.example.org@evil.example',
  'https://in.example.org.evil.example',
  'https://in.example.org',
  'http:evil.example',
  'HTTPS://EVIL.EXAMPLE',
  'ftp://evil.example',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'blob:https://evil.example/x',
  'evil.example',
  '@evil.example',
  '.evil.example',
  ':443/evil',
  '?x=//evil.example',
  '#//evil.example',
  '',
  '/%',
  '/%e0%a4%a',
  '/\ufeff/evil.example',
  `/${'a'.repeat(3000)}`,
]

const loops = [
  '/_portero/signin',
  '/_portero/signin/',
  '/_portero/signin?return=/_portero/signin',
  '/_portero/signin/name',
  '/_PORTERO/SIGNIN',
  '/%5fportero/signin',
  '/_portero//signin',
  '/x/../_portero/signin',
  '/_portero/signed-out',
  '/_portero/signout',
  '/signin',
  '/signin?token=x',
  '/signin/',
]

const fine: [string, string][] = [
  ['/', '/'],
  ['/c/123?model=x&q=a%20b#bottom', '/c/123?model=x&q=a%20b#bottom'],
  ['/a//b', '/a//b'],
  ['/@ana', '/@ana'],
  ['/files/a%2Fb', '/files/a%2Fb'],
  ['/search?next=//evil.example', '/search?next=//evil.example'],
  ['/a/../b', '/b'],
  ['/búsqueda?q=ñ', '/b%C3%BAsqueda?q=%C3%B1'],
  ['/_portero/account', '/_portero/account'],
  ['/signing', '/signing'],
  ['/:8080/', '/:8080/'],
]

describe('the path to return to', () => {
  test.each(hostile)('is the front page for %j', (text) => {
    expect(returnPath(text)).toBe('/')
  })

  test.each(loops)('never leads back into the sign-in: %j', (text) => {
    expect(returnPath(text)).toBe('/')
  })

  test.each(fine)('keeps %j as %j', (text, path) => {
    expect(returnPath(text)).toBe(path)
  })

  test('is the front page when none was asked for', () => {
    expect(returnPath(undefined)).toBe('/')
  })

  test('always stays on our origin, whatever it was made of', () => {
    const bits = fc.constantFrom(
      ...['/', '//', '\\', '%5c', '%2f', '%2e', '.', '..', '@', ':', '?', '#', '\t', '\n', ' ', '%09'],
      ...['evil.example', 'https:', 'javascript:', 'a', '%25', '\u00a0', '\u3002', '\uff0f', '\uff3c'],
    )
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 8 }), (parts) => {
        const path = returnPath(`/${parts.join('')}`)
        const landed = new URL(path, `${own}/_portero/signin`)
        expect(landed.origin).toBe(own)
        expect(path.startsWith('/')).toBe(true)
        expect(/^\/[/\\]/.test(path)).toBe(false)
        expect(returnPath(path)).toBe(path)
      }),
      { numRuns: 5000 },
    )
  })
})
