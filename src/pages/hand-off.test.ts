import { describe, expect, test } from 'vitest'
import { openPagesHouse, type PagesHouse } from '../../test/pages/pages-house.ts'
import { openVisitor, signedInVisitor } from '../../test/pages/visitor.ts'

function houseBefore(appCookie: string | undefined): PagesHouse {
  const house = openPagesHouse()
  house.appCookie = appCookie
  return house
}

describe('the hand-off to an app with sessions of its own', () => {
  test('follows the code, and an old session with the app is taken away first', async () => {
    const { answer, cookies } = await signedInVisitor(houseBefore('app_session'), { return: '/c/1?a=b#c' })
    expect(answer.headers.location).toBe('/_portero/handoff?return=%2Fc%2F1%3Fa%3Db%23c')
    expect(answer.headers['set-cookie']).toContain('app_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax')
    expect(cookies.has('app_session')).toBe(false)
  })

  test('sets the app’s cookies and storage, and goes on to where the person was going', async () => {
    const house = houseBefore('app_session')
    const { visit, cookies } = await signedInVisitor(house)
    const { person } = house.sessions.get(cookies.get('portero')!)!
    const { body, headers, statusCode } = await visit('/_portero/handoff?return=%2Fc%2F1%3Fq%3D%22%3E')
    expect(statusCode).toBe(200)
    expect(cookies.get('app_session')).toBe('new')
    expect(cookies.get('portero_handed_off')).toBe('1')
    expect(body).toContain('data-to="/c/1?q=%22%3E"')
    expect(body).toContain(`data-account="account-of-${person.id}"`)
    expect(body).toContain(`&quot;token-of-${person.id}&quot;`)
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-security-policy']).toMatch(/script-src 'sha256-[^']+';/)
    expect(headers['x-frame-options']).toBe('DENY')
  })

  test.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/_portero/handoff',
  ])('goes to the front page instead of %s', async (target) => {
    const { visit } = await signedInVisitor(houseBefore('app_session'))
    const { body } = await visit(`/_portero/handoff?return=${encodeURIComponent(target)}`)
    expect(body).toContain('data-to="/"')
  })

  test('is for people who are signed in', async () => {
    const house = houseBefore('app_session')
    const { headers } = await openVisitor(house).visit('/_portero/handoff?return=%2Fc%2F1')
    expect(headers.location).toBe('/_portero/signin?return=%2Fc%2F1')
    expect(house.calls.some((call) => call.startsWith('enterApp'))).toBe(false)
  })

  test('comes after the name of a newcomer', async () => {
    const house = houseBefore('app_session')
    house.isNewcomer = true
    const { visit, answer } = await signedInVisitor(house, { return: '/c/1' })
    expect(answer.headers.location).toBe('/_portero/signin/name?return=%2Fc%2F1')
    const named = await visit('/_portero/signin/name', { form: { name: 'Ana', return: '/c/1' } })
    expect(named.headers.location).toBe('/_portero/handoff?return=%2Fc%2F1')
  })

  test('does not happen for an app without', async () => {
    const { visit, answer } = await signedInVisitor(houseBefore(undefined), { return: '/c/1' })
    expect(answer.headers.location).toBe('/c/1')
    expect((await visit('/_portero/handoff?return=%2Fc%2F1')).headers.location).toBe('/c/1')
  })

  test.each([
    ['app_second_factor', 'segundo paso'],
    ['app_sign_in_off', 'no acepta ingresos'],
    ['app_headers_off', 'no está preparada'],
    ['app_answer_unknown', 'no entendemos'],
    ['upstream_unreachable', 'no responde'],
  ] as const)('says in one sentence what is wrong when the app answers %s', async (code, sentence) => {
    const house = houseBefore('app_session')
    const { visit } = await signedInVisitor(house)
    house.refuseNext('enterApp', code)
    const { body, statusCode } = await visit('/_portero/handoff?return=%2Fc%2F1')
    expect(statusCode).toBeGreaterThanOrEqual(500)
    expect(body).toContain(sentence)
    expect(body).toContain('K7QF2M9A')
  })
})

describe('signing out of the app behind', () => {
  test('ends this session with the ticket that its page got, and leads to the sign-in', async () => {
    const house = houseBefore('app_session')
    const { visit, cookies } = await signedInVisitor(house)
    await visit('/_portero/handoff')
    const session = house.sessions.get(cookies.get('portero')!)!
    const { headers } = await visit(
      `/_portero/signout?ticket=${house.ticketFor(session)}&post_logout_redirect_uri=x&state=logout`,
    )
    expect(headers.location).toBe('/_portero/signin')
    expect(headers['clear-site-data']).toBe('"storage"')
    expect(house.sessions.has(session.id)).toBe(false)
    expect([...cookies.keys()]).toEqual(['portero_device'])
  })

  test.each(['', 'another', 'of somebody else'])('ends nothing with a ticket that is %s', async (kind) => {
    const house = houseBefore('app_session')
    const { visit, cookies } = await signedInVisitor(house)
    const other = house.openElsewhere('Beto', '+5491198765432' as never).session
    const ticket = kind === 'of somebody else' ? house.ticketFor(other) : kind
    const { headers } = await visit(`/_portero/signout?ticket=${ticket}`)
    expect(headers.location).toBe('/_portero/account')
    expect(cookies.has('portero')).toBe(true)
    expect(house.sessions.size).toBe(2)
  })
})
