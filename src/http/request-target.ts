import type { IncomingMessage } from 'node:http'
import { Refusal } from '../domain/errors.ts'

/** What a request line asks for, read once. */
export type RequestTarget = {
  /** As it came, byte for byte; this is what the app behind gets. */
  readonly raw: string
  /** As it came, without its query. */
  readonly path: string
  /** Whether the path is Portero's own: `/_portero/…`, `/otp/…`, `/signin`. */
  readonly isOwn: boolean
  /** The decoded path where nobody can read it in another way; undefined never matches a public path. */
  readonly plainPath: string | undefined
}

// Segments of unreserved characters that neither start nor end with a dot: nothing to decode, nothing to resolve, nothing
// that a file system drops. There is one way to match, so it is linear however long the path is.
const simplePath = /^(?:\/|(?:\/[\w~!$&'()*+,=:@-](?:\.*[\w~!$&'()*+,=:@-])*)+\/?)$/
const ownPath = /^\/(?:_portero(?:\/.*)?|otp(?:\/.*)?|signin)$/

/**
 * Reads the target and the Host of a request. Refuses with `method_not_allowed` what no door here takes (CONNECT, TRACE),
 * and with `ambiguous_request` whatever two parsers in a row could read in two ways: absolute and asterisk forms
 * (RFC 9112 §3.2), `#`, backslashes, dot segments plain or encoded, control characters, broken percent-encoding, overlong
 * UTF-8, any other spelling of Portero's own paths, no Host or several, several Authorization, a transfer coding other than `chunked`.
 *
 * A double slash and a lone `%2F` pass to the app, which may tell them apart, and never match a public path.
 */
export function parseRequestTarget(req: IncomingMessage): RequestTarget {
  if (req.method === 'CONNECT' || req.method === 'TRACE') throw new Refusal('method_not_allowed')
  requireSingleHeaders(req)
  return parseTarget(req.url ?? '')
}

/** Reads a target alone, by the same rules: that of a request which somebody else received and tells of. */
export function parseTarget(raw: string): RequestTarget {
  const query = raw.indexOf('?')
  const path = query === -1 ? raw : raw.slice(0, query)
  if (!/^[\x21\x22\x24-\x7e]+$/.test(raw)) throw ambiguous('target')
  if (simplePath.test(path)) {
    const isOwn = ownPath.test(path)
    if (!isOwn && /^\/_portero/i.test(path)) refuseOtherSpelling(path)
    return { raw, path, isOwn, plainPath: path }
  }
  return readCarefully(raw, path)
}

function requireSingleHeaders(req: IncomingMessage): void {
  const { host, 'transfer-encoding': coding } = req.headers
  // RFC 9110 §7.2 wants exactly one; Node keeps the first of several and drops the rest.
  let hosts = 0
  let authorizations = 0
  const names = req.rawHeaders
  for (let i = 0; i < names.length; i += 2) {
    const name = names[i]!
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
    else if (name.length === 13 && name.toLowerCase() === 'authorization') authorizations++
  }
  if (hosts !== 1 || host === undefined || !isHost(host)) throw ambiguous('host')
  if (authorizations > 1) throw ambiguous('authorization')
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') throw ambiguous('transfer-encoding')
}

/** Whether a text is a host name or address with an optional port, as `Host` may hold. */
export function isHost(text: string): boolean {
  return /^(?:[\w.~-]{1,255}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i.test(text)
}

function readCarefully(raw: string, path: string): RequestTarget {
  if (!path.startsWith('/') || path.includes('\\')) throw ambiguous('target')
  if (/%(?![\da-f]{2})/i.test(path)) throw ambiguous('target')
  // Encoded controls and backslashes, and overlong UTF-8, which some decoders take for `.` or `/`.
  if (/%(?:[01][\da-f]|7f|5c|c[01]|e0%[89]|f0%8)/i.test(path)) throw ambiguous('target')
  refuseDotSegments(path)
  refuseOtherSpelling(path)
  return { raw, path, isOwn: ownPath.test(path), plainPath: plainly(path) }
}

/** As the most generous of the apps and proxies reads it: decoded again and again, path parameters (`;x`) taken off. */
function generously(path: string): string {
  let decoded = path
  for (let i = 0; i < 3; i++) decoded = decoded.replace(/%([2-7][\da-f])/gi, (_, hex) => byte(hex))
  return decoded.replaceAll('\\', '/').replace(/;[^/]*/g, '')
}

function refuseDotSegments(path: string): void {
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(generously(path))) throw ambiguous('target')
}

function refuseOtherSpelling(path: string): void {
  if (ownPath.test(path)) return
  const read = generously(path).replace(/\/{2,}/g, '/')
  // The last two names are short words that an app may use in another case; the first one is ours in every case.
  if ((read !== path && ownPath.test(read)) || /^\/_portero(?:\/|$)/i.test(read)) throw ambiguous('target')
}

/** The decoded path, unless a byte of it has a second spelling, a decoder could disagree, or a file system could. */
function plainly(path: string): string | undefined {
  // `%2F`, `%25`, path parameters and double slashes are read differently by different apps; an encoded unreserved
  // character has no honest reason; Windows drops dots and spaces at the end of a name.
  if (/\/\/|;|%(?:2f|25|3b|2d|2e|5f|7e|3\d|[46][1-9a-f]|[57][\da])|(?:\.|%20)(?:\/|$)/i.test(path))
    return undefined
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

function byte(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16))
}

function ambiguous(field: string): Refusal {
  return new Refusal('ambiguous_request', { fields: [{ field, expected: 'one way to read it' }] })
}
