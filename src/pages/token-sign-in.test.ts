import { describe, expect, test } from 'vitest'
import { openPagesHouse } from '../../test/pages/pages-house.ts'
import { openVisitor, signedInVisitor } from '../../test/pages/visitor.ts'
import { parsePhoneNumber } from '../domain/phones/phone-number.ts'

const ana = parsePhoneNumber('+55 11 96123-4567', { region: 'BR', source: 'typed' })

describe('a sign-in link', () => {
  const agents = [
    'WhatsApp/2.24.1 A',
    'facebookexternalhit/1.1',
    'Twitterbot/1.0',
    'Slackbot-LinkExpanding 1.0',
    'TelegramBot (like TwitterBot)',
    'Mozilla/5.0 (compatible; Discordbot/2.0)',
    'LinkedInBot/1.0',
    'Mozilla/5.0 (compatible; Googlebot/2.1)',
    'Mozilla/5.0 (compatible; bingbot/2.0)',
  ]

  test('signs in and leaves for the app, again and again', async () => {
    const house = openPagesHouse()
    const { session, token } = house.openElsewhere('Ana', ana)
    for (let i = 0; i < 2; i++) {
      const { visit, cookies } = openVisitor(house)
      const answer = await visit(`/signin?token=${token}&return=/c/1`)
      expect([answer.statusCode, answer.headers.location]).toEqual([303, '/c/1'])
      expect(cookies.get('portero')).toBe(session.id)
      expect(answer.headers['referrer-policy']).toBe('no-referrer')
    }
  })

  test.each<[string, { method?: 'HEAD'; headers?: Record<string, string> }]>([
    ['a HEAD', { method: 'HEAD' }],
    ['a prefetch', { headers: { 'sec-purpose': 'prefetch' } }],
    ['a prerender', { headers: { 'sec-purpose': 'prefetch;prerender' } }],
    ['an old prefetch', { headers: { purpose: 'prefetch' } }],
    ...agents.map((agent): [string, { headers: Record<string, string> }] => [
      agent,
      { headers: { 'user-agent': agent } },
    ]),
  ])('does nothing for %s', async (_, options) => {
    const house = openPagesHouse()
    const { token } = house.openElsewhere('Ana', ana)
    const answer = await openVisitor(house).visit(`/signin?token=${token}`, options)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.body).not.toContain(token)
    expect(answer.body).not.toContain('Ana')
    expect(house.calls).toEqual([])
  })

  test.each(['cross-site', 'same-site'])(
    'from another place (%s) asks first and names the account',
    async (site) => {
      const house = openPagesHouse()
      const { session, token } = house.openElsewhere('Ana', ana)
      const { visit, cookies } = openVisitor(house)
      const asked = await visit(`/signin?token=${token}&return=/c/1`, { headers: { 'sec-fetch-site': site } })
      expect(asked.statusCode).toBe(200)
      expect(asked.headers['set-cookie']).toBeUndefined()
      expect(asked.body).toContain('¿Entrar como Ana?')
      const answer = await visit('/signin', { form: { token, return: '/c/1' } })
      expect([answer.statusCode, answer.headers.location]).toEqual([303, '/c/1'])
      expect(cookies.get('portero')).toBe(session.id)
    },
  )

  test('never switches silently from one person to another, and ends the session that it replaces', async () => {
    const house = openPagesHouse()
    const { visit, cookies } = await signedInVisitor(house)
    const before = cookies.get('portero')!
    const { session, token } = house.openElsewhere('Juan', ana)
    const asked = await visit(`/signin?token=${token}`)
    expect(asked.body).toContain('¿Entrar como Juan?')
    expect(asked.body).toContain('Ana Souza')
    expect(cookies.get('portero')).toBe(before)
    await visit('/signin', { form: { token } })
    expect(cookies.get('portero')).toBe(session.id)
    expect(house.sessions.has(before)).toBe(false)
  })

  test('that opens nothing always looks the same', async () => {
    const house = openPagesHouse()
    const { session, token } = house.openElsewhere('Ana', ana)
    house.sessions.delete(session.id)
    const answers = []
    for (const dead of [token, 'nonsense', '<script>', 'x'.repeat(3000), `${token}x`]) {
      answers.push(await openVisitor(house).visit(`/signin?token=${encodeURIComponent(dead)}`))
    }
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
    expect(answers.every(({ statusCode, headers }) => statusCode === 401 && !headers['set-cookie'])).toBe(
      true,
    )
  })

  test('without a token is the sign-in page', async () => {
    expect((await openVisitor(openPagesHouse()).visit('/signin')).body).toContain('Entrá con tu teléfono')
  })

  test('leads to no other host', async () => {
    const house = openPagesHouse()
    const { token } = house.openElsewhere('Ana', ana)
    const answer = await openVisitor(house).visit(`/signin?token=${token}&return=//evil.example`)
    expect(answer.headers.location).toBe('/')
  })
})
