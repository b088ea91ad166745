import { levelOf } from '../domain/people/level.ts'
import type { Level, Person } from '../domain/people/person.ts'
import type { Session } from '../domain/sessions/session.ts'

export type IdentityNeeds = {
  readonly now: () => number
  /** The signed assertion for the app behind; kept by whoever makes it, so that asking is cheap. */
  readonly assertionFor: (session: Session, level: Level) => string
}

/** Every header in which the app behind learns who asks. All of them are always written, empty where nothing is known. */
export const identityHeaderNames = [
  'X-Portero-User',
  'X-Portero-Phone',
  'X-Portero-Email',
  'X-Portero-Name',
  'X-Portero-Role',
  'X-Portero-Groups',
  'X-Portero-Level',
  'X-Portero-Jwt',
] as const

// A changed person comes as a new object.
const described = new WeakMap<Person, readonly string[]>()

/**
 * Appends the identity headers of a session, as name, value, name, value. Name, role and each group are percent-encoded
 * (UTF-8, as by `encodeURIComponent`), groups are joined by commas; the level is the one of this moment.
 */
export function pushIdentityHeaders(needs: IdentityNeeds, headers: string[], session: Session): void {
  const { person, phone, provedAt } = session
  let known = described.get(person)
  if (known === undefined) {
    known = describe(person)
    described.set(person, known)
  }
  for (let i = 0; i < known.length; i++) headers.push(known[i]!)
  // Only an attested link opens a session.
  const level = levelOf('attested', provedAt, needs.now())
  headers.push('X-Portero-Phone', phone, 'X-Portero-Level', level)
  headers.push('X-Portero-Jwt', needs.assertionFor(session, level))
}

function describe({ id, email, name, role, groups }: Person): readonly string[] {
  if (!/^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/.test(email)) {
    // An app behind makes an account out of this text: a person without one must not become somebody else's.
    throw new Error(`the pseudonymous address of person ${id} is not one plain address`)
  }
  return [
    ...['X-Portero-User', id, 'X-Portero-Email', email],
    ...['X-Portero-Name', encode(name ?? ''), 'X-Portero-Role', encode(role ?? '')],
    ...['X-Portero-Groups', groups.map(encode).join(',')],
  ]
}

function encode(text: string): string {
  // A lone surrogate has no UTF-8.
  return encodeURIComponent(text.toWellFormed())
}

const familyPrefixes = [
  'x-portero-',
  'portero-',
  'remote-',
  'x-remote-',
  'x-auth-',
  'x-forwarded-',
  'x-openwebui-',
  'x-webauth-',
  'x-authenticated-',
  'x-authentik-',
  'x-authelia-',
  'x-vouch-',
  'x-pomerium-',
  'x-goog-authenticated-',
  'x-goog-iap-',
  'x-amzn-oidc-',
  'x-ms-client-principal',
  'x-ms-token-',
  'cf-access-',
  'x-original-',
  'x-rewrite-',
  'x-consumer-',
  'tailscale-user-',
  'oidc-',
  'x-ssl-client-',
  'ssl-client-',
  'x-authentication-',
]

const single = new Set([
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'fastly-client-ip',
  'x-user',
  'x-email',
  'x-username',
  'x-user-email',
  'x-user-id',
  'x-user-name',
  'x-user-role',
  'x-user-groups',
  'x-groups',
  'x-userinfo',
  'x-token-subject',
])

/**
 * Whether a header of a client speaks of who or where it is, under any spelling that some server takes for the same name
 * (case, and whatever is neither letter nor digit). Only Portero and trusted proxies may say that: such a header never reaches the app behind.
 */
export function isIdentityHeader(name: string): boolean {
  const folded = name.toLowerCase().replace(/[^a-z0-9]/g, '-')
  return single.has(folded) || familyPrefixes.some((prefix) => folded.startsWith(prefix))
}
