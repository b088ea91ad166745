import { describe, expect, test } from 'vitest'
import { slowdown } from '../../../../test/support/slowdown.ts'
import { openWebuiRules } from './rules.ts'

const rules = openWebuiRules({ allowMfaEnrolment: false })

const closed = [
  '/api/v1/auths/signup',
  '/api/v1/auths/ldap',
  '/api/v1/auths/oauth/oidc/token/exchange',
  '/api/v1/scim/v2/Users',
  '/api/v1/scim/v2/ServiceProviderConfig',
  '/oauth/backchannel-logout',
  '/oauth/oidc/login',
  '/oauth/oidc/callback',
  '/oauth/oidc/login/callback',
]
const mfa = [
  '/api/v1/auths/mfa/enroll/start',
  '/api/v1/auths/mfa/enroll/confirm',
  '/api/v1/auths/mfa/replace',
]

/** Ways to write a path that some app or proxy reads as the plain one. */
const spellings: Record<string, (path: string) => string> = {
  plain: (path) => path,
  'in capitals': (path) => path.toUpperCase(),
  'with a slash at the end': (path) => `${path}/`,
  'with repeated slashes': (path) => path.replaceAll('/', '//'),
  'with backslashes': (path) => path.replaceAll('/', '\\'),
  'percent-encoded': (path) => path.replace(/[a-z]/g, encoded),
  'percent-encoded twice': (path) => path.replace(/[a-z]/g, (letter) => encoded(letter).replace('%', '%25')),
  'with encoded slashes': (path) => path.replaceAll('/', '%2f').replace('%2f', '/'),
  'with parameters': (path) => path.replaceAll('/', ';a=b/').replace(';a=b/', '/').concat(';x'),
  'with encoded parameters': (path) => `${path}%3bx=y`,
  'with dot segments': (path) => path.replace(/\/(\w+)$/, '/./other/../$1'),
  'with encoded dot segments': (path) => path.replace(/\/(\w+)$/, '/%2e/other/%2E%2e/$1'),
  'behind a dot segment at the root': (path) => `/..${path}`,
  'with a space at the end': (path) => `${path}%20`,
}

function encoded(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16)}`
}

describe('the rules for an Open WebUI', () => {
  test.each(Object.entries(spellings))('close what makes accounts past Portero, %s', (_, spell) => {
    const open = [...closed, ...mfa].map(spell).filter((path) => !rules.isClosed(path))
    expect(open).toEqual([])
  })

  test('leave everything else open', () => {
    const shut = [
      ...['/', '/api/config', '/api/v1/auths/', '/api/v1/auths/signin', '/api/v1/auths/signout', '/auth'],
      ...['/api/v1/auths/add', '/api/v1/auths/admin/config', '/api/v1/auths/admin/config/ldap'],
      ...['/api/v1/auths/mfa/status', '/api/v1/auths/oauth/sessions/oidc', '/api/v1/auths/signups'],
      ...['/oauth/clients/mcp:1/authorize', '/oauth/clients/mcp:1/callback', '/c/signup', '/scim'],
      ...['/static/loader.js', '/ws/socket.io/', '/api/v1/files/a%20b%25.pdf', '/c/%E0%A4%A', '/%'],
    ].filter((path) => rules.isClosed(path))
    expect(shut).toEqual([])
  })

  test('open the second factor where it is allowed, and nothing more', () => {
    const allowing = openWebuiRules({ allowMfaEnrolment: true })
    expect(mfa.filter((path) => allowing.isClosed(path))).toEqual([])
    expect(closed.filter((path) => !allowing.isClosed(path))).toEqual([])
  })

  test.each(['/%25', '/..;', '%2525', '/oauth'])(
    'take time in proportion to the length of a path, of many %j',
    async (piece) => {
      const [short, long] = [piece.repeat(60), piece.repeat(3840)]
      expect(await slowdown(rules.isClosed, { short, long, runs: 5 })).toBeLessThan(1000)
    },
  )

  test('know what Portero answers, by method and exact path', () => {
    expect(rules.placeOf('POST', '/api/v1/auths/signin')).toBe('sign_in')
    expect(rules.placeOf('POST', '/api/v1/auths/signout')).toBe('sign_out')
    expect(rules.placeOf('GET', '/static/loader.js')).toBe('loader')
    expect(rules.placeOf('HEAD', '/static/loader.js')).toBe('loader')
    for (const [method, path] of [
      ...[['GET', '/api/v1/auths/signin'] as const, ['POST', '/static/loader.js'] as const],
      ...[['POST', '/api/v1/auths/signin/'] as const, ['POST', '/API/v1/auths/signin'] as const],
    ]) {
      expect(rules.placeOf(method, path)).toBeUndefined()
    }
  })

  test.each([
    ['Bearer sk-0123456789abcdef0123456789abcdef', true],
    ['bearer sk-own_Key-1', true],
    ['Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln', false],
    ['Bearer sk-a.b.c', false],
    ['Bearer SK-0123456789abcdef', false],
    ['Bearer  sk-0123456789abcdef', false],
    ['Bearer sk-0123456789abcdef, Bearer eyJ', false],
    ['Bearer sk-', false],
    ['Basic sk-0123456789abcdef', false],
    ['sk-0123456789abcdef', false],
    ['', false],
  ])('whether %j is one of its API keys: %s', (authorization, expected) => {
    expect(rules.isApiKey(authorization)).toBe(expected)
  })
})
