import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import type { OpenWebuiSettings } from './settings.ts'

export type StandInAccount = {
  readonly id: string
  email: string
  name: string
  role: string
  /** Changed by a revocation: tokens that hold an older one are worth nothing. */
  stamp: string
  groupIds: Set<string>
  apiKey: string | undefined
  readonly createdAt: number
}

export type StandInGroup = { readonly id: string; readonly name: string; readonly description: string }

/** What a token stands for: an account, or why it stands for none, in Open WebUI's words. */
export type Bearer =
  | { readonly account: StandInAccount }
  | { readonly refusal: string; readonly isGone: boolean }

/** Accounts, groups and tokens as Open WebUI 0.12 keeps them. */
export function standInAccounts(settings: OpenWebuiSettings, cutSockets: (accountId: string) => void) {
  const accounts: StandInAccount[] = []
  const groups: StandInGroup[] = []

  /** Its own rule: the only account there is becomes administrator, and a header with a role is applied after that. */
  function createAccount(email: string, name: string): StandInAccount {
    const account = {
      ...{ id: randomUUID(), email, name, stamp: randomUUID(), apiKey: undefined },
      role: accounts.length === 0 ? 'admin' : settings.DEFAULT_USER_ROLE || 'pending',
      groupIds: new Set<string>(),
      createdAt: epochSeconds(),
    }
    accounts.push(account)
    return account
  }

  return {
    accounts,
    groups,
    byId: (id: string) => accounts.find((account) => account.id === id),
    byEmail: (email: string) => accounts.find((account) => account.email === email.toLowerCase()),
    createAccount,

    /** The account that nobody but its owner may change, revoke or delete. Of one second, administrators are the first. */
    isFirst(id: string): boolean {
      const rank = ({ createdAt, role, id }: StandInAccount) =>
        `${createdAt} ${role === 'admin' ? 0 : 1} ${id}`
      return accounts.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))[0]?.id === id
    },

    changeRole(account: StandInAccount, role: string) {
      if (account.role !== role) cutSockets(account.id)
      account.role = role
    },

    /** Membership becomes exactly these; names that no group has are passed over, and one name may be that of several groups. */
    setGroups(account: StandInAccount, names: readonly string[]) {
      const ids = groups.filter(({ name }) => names.includes(name)).map(({ id }) => id)
      if (ids.length !== account.groupIds.size || !ids.every((id) => account.groupIds.has(id)))
        cutSockets(account.id)
      account.groupIds = new Set(ids)
    },

    createGroup(name: string, description: string): StandInGroup {
      const group = { id: randomUUID(), name, description }
      groups.push(group)
      return group
    },

    revoke(account: StandInAccount) {
      account.stamp = randomUUID()
      cutSockets(account.id)
    },

    /** Answers as well when there is no such account, like Open WebUI. */
    remove(id: string) {
      const at = accounts.findIndex((account) => account.id === id)
      if (at >= 0) accounts.splice(at, 1)
      cutSockets(id)
    },

    createApiKey(account: StandInAccount): string {
      account.apiKey = `sk-${randomBytes(16).toString('hex')}`
      return account.apiKey
    },

    /** A token for the account, and when it ends in seconds since 1970; null when it never does. */
    mint(account: StandInAccount): { token: string; expiresAt: number | null; lifeSeconds: number | null } {
      const issuedAt = epochSeconds()
      const lifeSeconds = durationSeconds(settings.JWT_EXPIRES_IN || '4w')
      const expiresAt = lifeSeconds === null ? null : issuedAt + lifeSeconds
      const claims = {
        ...{ id: account.id, typ: 'session', auth_method: 'trusted_header', auth_time: issuedAt },
        ...{ session_stamp: account.stamp, mfa_verified: false, jti: randomUUID(), iat: issuedAt },
        ...(expiresAt !== null && { exp: expiresAt }),
      }
      const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
      return { token: `${content}.${sign(settings, content)}`, expiresAt, lifeSeconds }
    },

    read(token: string): Bearer {
      if (token.startsWith('sk-')) {
        const account = accounts.find(({ apiKey }) => apiKey === token)
        const refusal = 'Your session has expired or the token is invalid. Please sign in again.'
        return account === undefined ? { refusal, isGone: false } : { account }
      }
      const claims = verifiedClaims(settings, token)
      if (claims === undefined) return { refusal: '401 Unauthorized', isGone: false }
      const account = accounts.find(({ id }) => id === claims.id)
      if (account === undefined) return { refusal: 'Invalid authentication request.', isGone: true }
      if (account.stamp !== claims.session_stamp) return { refusal: 'Invalid token', isGone: false }
      return { account }
    },
  }
}

export type StandInAccounts = ReturnType<typeof standInAccounts>

/** When a token of ours ends, in seconds since 1970; null when it never does. */
export function expiryOf(token: string): number | null {
  return (
    (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { exp?: number }).exp ?? null
  )
}

function verifiedClaims(settings: OpenWebuiSettings, token: string): Record<string, unknown> | undefined {
  const [header, body, signature] = token.split('.')
  if (signature === undefined || signature !== sign(settings, `${header}.${body}`)) return undefined
  const claims = JSON.parse(Buffer.from(body!, 'base64url').toString()) as Record<string, unknown>
  return typeof claims.exp === 'number' && claims.exp <= Date.now() / 1000 ? undefined : claims
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

function sign(settings: OpenWebuiSettings, content: string): string {
  return createHmac('sha256', settings.WEBUI_SECRET_KEY || 't0p-s3cr3t')
    .update(content)
    .digest('base64url')
}

export const epochSeconds = () => Math.floor(Date.now() / 1000)

const unitSeconds: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** `12h`, `30d`, `1h30m`; null for the endless `-1` and `0`. */
function durationSeconds(text: string): number | null {
  if (text === '-1' || text === '0') return null
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)]
  return Math.floor(parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitSeconds[unit!]!, 0))
}
