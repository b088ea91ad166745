import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from '../domain/errors.ts'
import { type ProblemNeeds, sendProblem } from '../http/problem.ts'
import { limitLeftover } from './upload.ts'

/** Header of every 401 of the gateway, by which a page tells it from a 401 of the app behind. */
export const refusalMarker = { 'portero-refusal': 'not_signed_in' } as const

export const signinPath = '/_portero/signin'

// Made once: capturing a stack would be most of the cost of refusing.
const notSignedIn = new Refusal('not_signed_in')

/**
 * Whether a browser is going to show the answer as a page. Browsers say so (Fetch Metadata); of older ones it is guessed
 * from what they accept.
 */
export function isNavigation({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  const mode = headers['sec-fetch-mode']
  if (mode !== undefined) return mode === 'navigate'
  if (method !== 'GET' && method !== 'HEAD') return false
  return headers['x-requested-with'] === undefined && /\btext\/html\b/i.test(headers.accept ?? '')
}

/** Sends a navigation to the sign-in page, from where it comes back; answers anything else with 401 `not_signed_in`. */
export function refuseStranger(
  needs: ProblemNeeds,
  req: IncomingMessage,
  res: ServerResponse,
  rawTarget: string,
): void {
  limitLeftover(req, res)
  if (!isNavigation(req)) {
    sendProblem(needs, res, notSignedIn, refusalMarker)
    return
  }
  sendToSignIn(res, signInAddress(req.method, rawTarget))
}

/** Path and query of the sign-in page, from where somebody comes back to what they asked for. */
export function signInAddress(method: string | undefined, rawTarget: string): string {
  // A form that was sent cannot be sent again by coming back; two slashes at the start would name another host.
  const isRepeatable = method === 'GET' || method === 'HEAD'
  const target = isRepeatable ? rawTarget.replace(/^\/+/, '/') : '/'
  return `${signinPath}?return=${encodeURIComponent(target)}`
}

/** Sends a stranger's page to sign-in. */
export function sendToSignIn(
  res: ServerResponse,
  location: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  res.writeHead(303, {
    location,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-length': '0',
    ...refusalMarker,
    ...headers,
  })
  res.end()
}
