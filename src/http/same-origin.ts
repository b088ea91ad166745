import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from '../domain/errors.ts'

/**
 * Lets a state-changing request through only when a browser says that a page of ours sent it; refuses everything else,
 * a request that says nothing included, with `origin_not_allowed`. `origins` are exact, such as `https://in.example.org`.
 *
 * `Sec-Fetch-Site` decides where it is sent (browsers send it to https and loopback only), and then `Origin` may be
 * `null`, which Fetch writes for documents with `Referrer-Policy: no-referrer`. Without it, `Origin` alone decides.
 */
export function requireSameOrigin(headers: IncomingHttpHeaders, origins: readonly string[]): void {
  const site = headers['sec-fetch-site']
  const origin = headers.origin
  const isOurs = origin !== undefined && origins.includes(origin)
  if (
    site === undefined
      ? isOurs
      : site === 'same-origin' && (isOurs || origin === undefined || origin === 'null')
  )
    return
  throw new Refusal('origin_not_allowed')
}
