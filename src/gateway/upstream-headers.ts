import type { IncomingMessage } from 'node:http'
import type { ClientAddress } from '../http/client-address.ts'
import type { Identity } from '../http/credentials.ts'
import { type IdentityNeeds, isIdentityHeader, pushIdentityHeaders } from '../http/identity-headers.ts'
import { withoutOwnCookies } from '../http/own-cookies.ts'

type Fate = 'pass' | 'keep' | 'drop' | 'cookie' | 'authorization'

// Of one connection only (RFC 9110 §7.6.1), or about a body whose framing and trailers are made anew.
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
])

const apiKeyMark = 'portero_key_'

/** Headers recur; strangers can invent new ones, so what is remembered is bounded. */
const fatesMax = 2000
const fates = new Map<string, Fate>()

/**
 * The headers that the app behind gets, as name, value, name, value: the client's without hop-by-hop ones, without
 * Portero's cookies and bearer, without whatever speaks of identity or address in any spelling, and without what
 * `Connection` names; then the truth about address and person. An API key of Portero's never passes, whoever sends it. For a
 * stranger on a public path nobody is named: what the client says of itself is taken off as ever, and no identity header is
 * written in its place, not even an empty one.
 */
export function upstreamHeaders(
  needs: IdentityNeeds,
  req: IncomingMessage,
  client: ClientAddress,
  identity: Identity | undefined,
): string[] {
  const raw = req.rawHeaders
  const named = namedByConnection(req.headers.connection)
  const headers: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!
    const fate = fates.get(name) ?? decideFate(name)
    if (fate === 'drop') continue
    if (fate !== 'keep' && named?.has(name.toLowerCase())) continue
    if (fate === 'cookie') {
      const kept = withoutOwnCookies(raw[i + 1]!)
      if (kept !== undefined) headers.push(name, kept)
    } else if (fate !== 'authorization' || !(identity?.hasOwnBearer || raw[i + 1]!.includes(apiKeyMark))) {
      headers.push(name, raw[i + 1]!)
    }
  }
  headers.push('X-Forwarded-For', client.address, 'X-Forwarded-Proto', client.scheme)
  headers.push('X-Forwarded-Host', client.host)
  if (identity !== undefined) pushIdentityHeaders(needs, headers, identity.session)
  return headers
}

/** Lower-case names that `Connection` declares to be of this hop; undefined in the everyday case of none. */
export function namedByConnection(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || /^(?:keep-alive|close|upgrade)$/i.test(connection)) return undefined
  return new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
}

function decideFate(name: string): Fate {
  const fate = fateOf(name.toLowerCase())
  if (fates.size < fatesMax) fates.set(name, fate)
  return fate
}

function fateOf(name: string): Fate {
  if (hopByHop.has(name) || isIdentityHeader(name)) return 'drop'
  if (name === 'cookie' || name === 'authorization') return name
  // A client must not be able to take the frame off its own message.
  return name === 'host' || name === 'content-length' ? 'keep' : 'pass'
}
