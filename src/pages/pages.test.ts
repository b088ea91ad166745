import { describe, expect, test } from 'vitest'
import { openPagesHouse } from '../../test/pages/pages-house.ts'
import { openVisitor } from '../../test/pages/visitor.ts'

describe('bad input', () => {
  const posts = [
    '/_portero/signin/phone',
    '/_portero/signin/code',
    '/_portero/signin/resend',
    '/_portero/signin/restart',
    '/_portero/signin/name',
    '/_portero/signout',
    '/_portero/sessions/end',
    '/_portero/device/forget',
    '/signin',
  ]

  test.each(posts)('a post to %s from anywhere else is refused before anything happens', async (url) => {
    const house = openPagesHouse()
    const { visit } = openVisitor(house)
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'cross-site' },
      { 'content-type': 'text/plain', origin: 'https://evil.example' },
    ]) {
      const answer = await visit(url, { body: 'phone=1123456789', headers })
      expect(answer.statusCode).toBe(403)
      expect(answer.headers['set-cookie']).toBeUndefined()
      expect(answer.body).toContain('El pedido llegó desde otro sitio')
    }
    expect(house.calls).toEqual([])
  })

  // The others show a page to a GET; none of them does anything without a token or a ticket.
  test.each(posts.filter((url) => !['/signin', '/_portero/signin/name', '/_portero/signout'].includes(url)))(
    'a GET of %s is refused',
    async (url) => {
      expect((await openVisitor(openPagesHouse()).visit(url)).statusCode).toBe(405)
    },
  )

  test.each<[string, string, Record<string, string>, number]>([
    ['a repeated field', 'phone=1&phone=2', {}, 400],
    ['json', '{"phone":"1123456789"}', { 'content-type': 'application/json' }, 400],
    ['text', 'phone=1123456789', { 'content-type': 'text/plain' }, 400],
    ['a large body', `phone=${'1'.repeat(20_000)}`, {}, 413],
    ['a long number', `phone=${'1'.repeat(5000)}`, {}, 400],
    ['an empty body', '', {}, 400],
    ['a prototype', '__proto__=x&constructor=y', {}, 400],
  ])('%s is refused as a page', async (_, body, headers, status) => {
    const house = openPagesHouse()
    const answer = await openVisitor(house).visit('/_portero/signin/phone', { body, headers })
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['content-type']).toContain('text/html')
    expect(house.simulator.messages()).toEqual([])
  })

  test.each([
    '?lang=xx',
    '?return=//evil.example',
    '?said=nonsense',
    '?said=too_many_codes&until=99999999999999',
    '?said=too_many_codes&until=-1',
    '?edit=',
    '?ref=<b>',
    '?%',
    '?said=waiting&ref=%3Cscript%3E',
  ])('%s is harmless', async (query) => {
    const answer = await openVisitor(openPagesHouse()).visit(`/_portero/signin${query}`)
    expect(answer.statusCode).toBe(200)
    expect(answer.body).not.toContain('evil.example')
    expect(answer.body.match(/<script>/g)).toHaveLength(1)
  })

  test("a made-up flow cookie is nobody's challenge", async () => {
    for (const value of ['x', '.', 'a.b', `${'x'.repeat(36)}.${'y'.repeat(36)}`, '"', '%00']) {
      const { visit, cookies } = openVisitor(openPagesHouse())
      cookies.set('portero_flow', value)
      expect((await visit('/_portero/signin')).body).toContain('Entrá con tu teléfono')
    }
  })

  test('a bug shows a reference and nothing of itself', async () => {
    const house = openPagesHouse()
    house.breakNext('identify', new Error('the secret is xyzzy'))
    const answer = await openVisitor(house).visit('/_portero/account')
    expect(answer.statusCode).toBe(500)
    expect(answer.body).toContain('K7QF2M9A')
    expect(answer.body).not.toContain('xyzzy')
  })
})

test('every page carries the headers that keep it to itself', async () => {
  const { visit } = openVisitor(openPagesHouse())
  for (const url of ['/_portero/signin', '/_portero/signed-out', '/signin?token=x']) {
    const { headers } = await visit(url)
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow',
      'x-frame-options': 'DENY',
    })
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    )
  }
})

test('the logo is served as an image that cannot act as a page', async () => {
  const logo = {
    contentType: 'image/svg+xml',
    bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  }
  const { visit } = openVisitor(openPagesHouse({ logo }))
  expect((await visit('/_portero/signin')).body).toContain('<img src="/_portero/logo" alt="">')
  const { headers, body } = await visit('/_portero/logo')
  expect(headers['content-type']).toBe('image/svg+xml')
  expect(headers['content-security-policy']).toContain('sandbox')
  expect(body).toBe(logo.bytes.toString())
})
