import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from '../domain/errors.ts'
import type { ClientAddress } from '../http/client-address.ts'

/** Who may open websockets: the service's own pages, and pages of these origins. */
export type OriginNeeds = {
  readonly publicUrl: URL | undefined
  /** Exact origins, such as `https://intranet.example.org`. */
  readonly allowedOrigins: readonly string[]
}

/**
 * Refuses with `origin_not_allowed` a websocket that a page of somebody else opens. Browsers hold no websocket back, and
 * send cookies along (RFC 6455 §10.2). Programs that are no browser send no Origin, and pass.
 */
export function requireWebsocketOrigin(
  needs: OriginNeeds,
  headers: IncomingHttpHeaders,
  client: ClientAddress,
): void {
  const { origin } = headers
  if (origin === undefined) {
    if (isBrowser(headers)) throw new Refusal('origin_not_allowed')
    return
  }
  const own = needs.publicUrl?.origin ?? originOf(`${client.scheme}://${client.host}`)
  const asked = originOf(origin)
  // `originOf` normalises: an Origin that is not already normal comes from no browser.
  if (asked === undefined || asked !== origin.toLowerCase()) throw new Refusal('origin_not_allowed')
  if (asked !== own && !needs.allowedOrigins.includes(asked)) throw new Refusal('origin_not_allowed')
}

function isBrowser(headers: IncomingHttpHeaders): boolean {
  if (Object.keys(headers).some((name) => name.startsWith('sec-fetch-'))) return true
  return /mozilla/i.test(headers['user-agent'] ?? '')
}

function originOf(text: string): string | undefined {
  const origin = URL.parse(text)?.origin
  return origin === 'null' ? undefined : origin
}
