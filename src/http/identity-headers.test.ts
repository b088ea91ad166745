import { describe, expect, it } from 'vitest'
import type { PhoneNumber } from '../domain/phones/phone-number.ts'
import type { Session } from '../domain/sessions/session.ts'
import { identityHeaderNames, isIdentityHeader, pushIdentityHeaders } from './identity-headers.ts'

const session: Session = {
  id: '0d6bf0b6-1111-4aaa-8bbb-000000000001',
  person: {
    id: '0d6bf0b6-2222-4aaa-8bbb-000000000002',
    name: undefined,
    role: undefined,
    groups: [],
    email: 'p-0d6bf0b6@portero.invalid',
    state: 'active',
  },
  phone: '+5511961234567' as PhoneNumber,
  startedAt: 0,
  provedAt: 0,
  amr: ['otp', 'sms'],
  idleEndsAt: 1e12,
  endsAt: 1e12,
  idleSeconds: 1000,
  isShared: false,
  generation: 0,
  isGenerationSeen: false,
}

function headersOf(given: Session, now = 0): Map<string, string> {
  const flat: string[] = []
  pushIdentityHeaders({ now: () => now, assertionFor: (_, level) => `jwt-${level}` }, flat, given)
  const names = flat.filter((_, i) => i % 2 === 0)
  expect(new Set(names).size).toBe(names.length)
  return new Map(names.map((name, i) => [name, flat[2 * i + 1]!]))
}

describe('the identity of a session', () => {
  it('has every header, empty where nothing is known', () => {
    const headers = headersOf(session)
    expect([...headers.keys()].toSorted()).toEqual(identityHeaderNames.toSorted())
    expect(headers.get('X-Portero-Email')).toBe(session.person.email)
    for (const name of ['X-Portero-Name', 'X-Portero-Role', 'X-Portero-Groups'])
      expect(headers.get(name)).toBe('')
  })

  it('encodes what people choose, so that no header, list or line can be broken out of', () => {
    const person = {
      ...session.person,
      name: 'Inés, "\r\nX-Evil: 1" ñ\ud800',
      role: 'jefa de área',
      groups: ['a,b', 'ç'],
    }
    const headers = headersOf({ ...session, person })
    expect(decodeURIComponent(headers.get('X-Portero-Name')!)).toBe('Inés, "\r\nX-Evil: 1" ñ\ufffd')
    expect(headers.get('X-Portero-Groups')).toBe('a%2Cb,%C3%A7')
    for (const value of headers.values()) expect(value).toMatch(/^[\x21-\x7e]*$/)
  })

  it('says the level of this moment, in the header and in the assertion', () => {
    expect(headersOf(session, 599_999).get('X-Portero-Level')).toBe('confirmed')
    expect(headersOf(session, 600_000).get('X-Portero-Level')).toBe('verified')
    expect(headersOf(session, 600_000).get('X-Portero-Jwt')).toBe('jwt-verified')
  })

  it.each(['', 'a@evil@corp.example', 'a b@c', 'a', 'a@b\r\nX: y'])(
    'is not given out with the address %j',
    (email) =>
      expect(() => headersOf({ ...session, person: { ...session.person, email } })).toThrow(
        'not one plain address',
      ),
  )
})

describe('a header of a client', () => {
  const spoofs = [
    ...identityHeaderNames,
    'X-Portero-Anything',
    'X-Auth-User',
    'X-Auth-Email',
    'X-Auth-Phone',
    'Remote-User',
    'Remote-Groups',
    'X-Remote-User',
    'X-Forwarded-User',
    'X-Forwarded-Email',
    'X-Forwarded-Groups',
    'X-Forwarded-Preferred-Username',
    'X-Forwarded-Uri',
    'X-Forwarded-For',
    'X-OpenWebUI-User-Email',
    'X-WebAuth-User',
    'X-Authenticated-User',
    'X-Authentik-Username',
    'X-Vouch-User',
    'X-Goog-Authenticated-User-Email',
    'Cf-Access-Authenticated-User-Email',
    'X-Original-URL',
    'X-Real-IP',
    'CF-Connecting-IP',
    'Forwarded',
    'X-User-Email',
    'X-User-Groups',
    'X-Groups',
    'X-Userinfo',
    'X-Consumer-Username',
    'Tailscale-User-Login',
    'OIDC-Claim-Email',
    'X-SSL-Client-S-DN',
    'SSL-Client-Cert',
    'X-Authentication-Id',
    'X-Token-Subject',
  ]
  it.each(spoofs)('%s counts as identity in every spelling', (name) => {
    for (const spelt of [
      name,
      name.toUpperCase(),
      name.replaceAll('-', '_'),
      name.replaceAll('-', '.'),
      name.replaceAll('-', '~'),
      name.replaceAll('-', '+'),
      name.replaceAll('-', '|'),
      name.replace('-', '_'),
    ]) {
      expect(isIdentityHeader(spelt), spelt).toBe(true)
    }
  })

  it.each([
    'Authorization',
    'Accept',
    'X-Requested-With',
    'X-Auth',
    'Cookie',
    'X-Api-Key',
    'User-Agent',
    'X-User-Agent',
    'X-CSRF-Token',
    'Origin',
  ])('%s does not', (name) => expect(isIdentityHeader(name)).toBe(false))
})
