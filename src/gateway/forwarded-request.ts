import type { IncomingMessage } from 'node:http'
import { canonicalAddress, type TrustedProxies } from '../http/client-address.ts'
import { parseTarget } from '../http/request-target.ts'

/** What a proxy that asks about a request was itself asked for, as far as it can be believed. */
export type ForwardedRequest = {
  /** Path and query as the proxy tells them; undefined when it tells none, or is not trusted. */
  readonly uri: string | undefined
  /** That without its query. */
  readonly path: string | undefined
  /** The decoded path where nobody can read it in another way, and it is not Portero's own. */
  readonly plainPath: string | undefined
  readonly method: string
}

/**
 * Reads `X-Forwarded-Uri` and `X-Forwarded-Method`, from trusted proxies only: whoever else writes them wishes to be asked
 * about another request than it makes. The target is read by the rules of the request line.
 */
export function forwardedRequest(req: IncomingMessage, trusted: TrustedProxies): ForwardedRequest {
  const method = req.method ?? 'GET'
  const peer = canonicalAddress(req.socket.remoteAddress ?? '')
  if (peer === undefined || !trusted(peer)) {
    return { uri: undefined, path: undefined, plainPath: undefined, method }
  }
  const { 'x-forwarded-uri': told, 'x-forwarded-method': toldMethod } = req.headers
  // Node joins several of one name by a comma and a space, and no target and no method has a space.
  const uri = typeof told === 'string' && /^\/\S*$/.test(told) ? told : undefined
  return {
    uri,
    path: uri?.split('?', 1)[0],
    plainPath: uri === undefined ? undefined : plainPathOf(uri),
    method: typeof toldMethod === 'string' && /^[A-Z]+$/.test(toldMethod) ? toldMethod : method,
  }
}

function plainPathOf(uri: string): string | undefined {
  try {
    const { isOwn, plainPath } = parseTarget(uri)
    return isOwn ? undefined : plainPath
  } catch {
    return undefined
  }
}
