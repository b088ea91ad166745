import { setsOwnCookie } from '../http/own-cookies.ts'
import { namedByConnection } from './upstream-headers.ts'

/** The head of an upstream's answer, made ready for the client. */
export type ResponseHead = {
  /** Name, value, name, value; repeated headers stay repeated. */
  readonly headers: string[]
  /** Length of the body where the upstream declares it. */
  readonly contentLength: number | undefined
  readonly hasDate: boolean
  readonly isEventStream: boolean
  /** Whether a cache shared by several people might keep the answer. */
  readonly isPublic: boolean
}

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'transfer-encoding',
  'upgrade',
])

// RFC 9110 §6.5.1: what frames, routes or authenticates has no place in trailers.
const neverTrailers = new Set([
  ...hopByHop,
  'content-length',
  'set-cookie',
  'host',
  'trailer',
  'authorization',
])

/** Reads raw headers of an upstream: drops hop-by-hop ones, what `Connection` names, and cookies that would be Portero's. */
export function responseHead(raw: readonly (Buffer | string)[]): ResponseHead {
  const headers: string[] = []
  let contentLength: number | undefined
  let hasDate = false
  let isEventStream = false
  let cacheControl = ''
  let named: ReadonlySet<string> | undefined
  for (let i = 0; i < raw.length; i += 2) {
    const name = text(raw[i]!)
    const value = text(raw[i + 1]!)
    const folded = name.toLowerCase()
    if (folded === 'connection') named = namedByConnection(value) ?? named
    if (hopByHop.has(folded) || (folded === 'set-cookie' && setsOwnCookie(value))) continue
    if (folded === 'content-length') contentLength = Number(value)
    else if (folded === 'date') hasDate = true
    else if (folded === 'content-type') isEventStream = /^text\/event-stream\b/i.test(value)
    else if (folded === 'cache-control') cacheControl += `,${value}`
    headers.push(name, value)
  }
  return {
    headers: named === undefined ? headers : withoutNamed(headers, named),
    contentLength,
    hasDate,
    isEventStream,
    isPublic: isShareable(cacheControl),
  }
}

/** Trailers that may follow a chunked answer, as pairs. */
export function responseTrailers(raw: readonly (Buffer | string)[]): [string, string][] {
  const trailers: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = text(raw[i]!)
    if (!neverTrailers.has(name.toLowerCase())) trailers.push([name, text(raw[i + 1]!)])
  }
  return trailers
}

function withoutNamed(headers: string[], named: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const folded = headers[i]!.toLowerCase()
    if (named.has(folded) && folded !== 'content-length' && folded !== 'set-cookie') continue
    kept.push(headers[i]!, headers[i + 1]!)
  }
  return kept
}

function isShareable(cacheControl: string): boolean {
  if (/\b(?:no-store|private)\b/i.test(cacheControl)) return false
  return /\b(?:public|immutable|s-maxage\s*=|max-age\s*=\s*"?0*[1-9])/i.test(cacheControl)
}

function text(bytes: Buffer | string): string {
  return typeof bytes === 'string' ? bytes : bytes.toString('latin1')
}
