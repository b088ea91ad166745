import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slowdown } from '../../test/support/slowdown.ts'
import { isRefusal } from '../domain/errors.ts'
import { parseRequestTarget, type RequestTarget } from './request-target.ts'

function parse(url: string, { method = 'GET', headers = ['Host', 'app.example'] } = {}): RequestTarget {
  const named: Record<string, string> = {}
  for (let i = 0; i < headers.length; i += 2) named[headers[i]!.toLowerCase()] ??= headers[i + 1]!
  return parseRequestTarget({
    url,
    method,
    headers: named,
    rawHeaders: headers,
  } as unknown as IncomingMessage)
}

function refusalOf(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown
    return thrown.code
  }
}

describe('a plain target', () => {
  it.each([
    '/',
    '/a/b.txt',
    '/a/b/?q=%2e%2e/..\\',
    '/.well-known/x',
    '/caf%C3%A9',
    '/a%20b',
    "/it's/(1)",
    '/a|b^c',
    '/caf%e9',
    '/100%25',
    '/a%2Fb',
    '//a//b',
    '/a;v=1/b',
    '/...',
    '/a..b/c.',
    '/SignIn',
    '/OTP/request',
    '/signin/',
    '/otpx',
    '/signinx',
  ])('%s passes byte for byte', (url) => {
    expect(parse(url).raw).toBe(url)
    expect(parse(url).isOwn).toBe(false)
  })

  it.each([
    '/_portero',
    '/_portero/',
    '/_portero/auth?x=1',
    '/_portero/a%20b',
    '/otp/request',
    '/signin',
    '/signin?token=a',
  ])('%s is Portero’s own', (url) => expect(parse(url).isOwn).toBe(true))

  it('is decoded for public paths only where there is one way to read it', () => {
    expect(parse('/public/a.css?v=/../x').plainPath).toBe('/public/a.css')
    expect(parse('/p%C3%BAblico/a%20b').plainPath).toBe('/público/a b')
    for (const url of [
      '/public%2Fa',
      '//public',
      '/public//a',
      '/public;x/a',
      '/%70ublic',
      '/public%252Fa',
      '/public./a',
      '/public%20/a',
      '/caf%e9',
      '/public%3Bx',
    ]) {
      expect(parse(url).plainPath, url).toBeUndefined()
    }
  })
})

describe('ambiguous_request', () => {
  it.each([
    'http://evil.example/x',
    'https://app.example/',
    'app.example:80',
    '*',
    '',
    '?x',
    'x',
    '/a#b',
    '/a?b#c',
    '/a\\b',
    '/a%5cb',
    '/a%5Cb',
    '/..',
    '/.',
    '/a/../b',
    '/a/./b',
    '/a/..',
    '/a/%2e%2e/b',
    '/a/.%2E/b',
    '/a/%2e',
    '/a/%252e%252e/b',
    '/a/%25252e./b',
    '/a/..;/b',
    '/a/..;x=1/b',
    '/a;/../b',
    '/a%2f..%2fb',
    '/a%2f%2e%2e%2fb',
    '/a/..%2fb',
    '/a%00',
    '/a%0d%0ab',
    '/a%09',
    '/a%7f',
    '/a%c0%ae%c0%ae/b',
    '/a%c1%9c',
    '/a%e0%80%af',
    '/a%f0%80%80%af',
    '/a%',
    '/a%2',
    '/a%zz',
    '/a b',
    '/a\tb',
    '/é',
    '/a\u00a0',
  ])('%s is refused', (url) => expect(refusalOf(() => parse(url))).toBe('ambiguous_request'))

  it.each([
    '/%5fportero/auth',
    '/%5Fportero',
    '//_portero/auth',
    '///_portero',
    '/_portero%2fauth',
    '/%2f_portero/auth',
    '/_PORTERO/auth',
    '/_Portero',
    '/_portero;x/auth',
    '/;x/_portero/auth',
    '/%255fportero/auth',
    '/_port%65ro/auth',
    '//signin',
    '/signin;x',
    '/sign%69n?token=x',
    '/%73ignin',
    '/otp%2frequest',
    '//otp/request',
    '/%6ftp/verify',
    '/x/../_portero/auth',
    '/_portero/../x',
    '/otp/..%2f..%2fx',
  ])('another spelling of an own path, %s, is refused', (url) =>
    expect(refusalOf(() => parse(url))).toBe('ambiguous_request'),
  )

  it.each([
    [[]],
    [['Host', '']],
    [['Host', 'a.example', 'Host', 'b.example']],
    [['Host', 'a.example', 'hOST', 'a.example']],
    [['Host', 'a.example/x']],
    [['Host', 'a@b.example']],
    [['Host', 'a.example, b.example']],
    [['Host', 'a.example:x']],
    [['Host', 'a b']],
    [['Host', 'a.example', 'Transfer-Encoding', 'gzip, chunked']],
  ])('headers %j are refused', (headers) =>
    expect(refusalOf(() => parse('/', { headers }))).toBe('ambiguous_request'),
  )

  it.each(['a.example', 'A.example:8080', 'my_app:1', '127.0.0.1', '[::1]:8081'])(
    'the host %s is taken',
    (host) => expect(parse('/', { headers: ['Host', host] }).raw).toBe('/'),
  )
})

it('refuses CONNECT and TRACE as methods', () => {
  expect(refusalOf(() => parse('a:1', { method: 'CONNECT' }))).toBe('method_not_allowed')
  expect(refusalOf(() => parse('/', { method: 'TRACE' }))).toBe('method_not_allowed')
})

it('no spelling of an own path is taken for one of the app, however it is decoded', () => {
  const piece = fc.constantFrom(
    '/',
    '//',
    '%2f',
    '_',
    '%5f',
    '%5F',
    'portero',
    'PORTERO',
    'port%65ro',
    ';a',
    '.',
    '%2e',
    '\\',
    'x',
    '%25',
    '5f',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const url = `/${pieces.join('')}`
      let target: RequestTarget
      try {
        target = parse(url)
      } catch {
        return
      }
      if (target.isOwn) return
      let read = url.split('?')[0]!
      for (let i = 0; i < 3; i++) {
        try {
          read = decodeURIComponent(read)
        } catch {
          break
        }
      }
      const folded = new URL(
        read.replace(/;[^/]*/g, '').replace(/[\\/]+/g, '/'),
        'http://x',
      ).pathname.toLowerCase()
      expect(folded.startsWith('/_portero/') || folded === '/_portero', url).toBe(false)
    }),
    { numRuns: 2000 },
  )
})

it.each(['/', '/.', '%2f', ';', '/a;', '.', '%25', '/_portero;', "/!'", '%', 'a'])(
  'is read in time that is linear, in many of %j',
  async (unit) => {
    const of = (length: number) => `/${unit.repeat(Math.floor(length / unit.length))}`
    const read = (url: string) => refusalOf(() => parse(url))
    expect(await slowdown(read, { short: of(250), long: of(16_000), runs: 5 })).toBeLessThan(1000)
  },
)
