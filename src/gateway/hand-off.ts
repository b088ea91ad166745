import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseCookies } from '../http/cookies.ts'
import { handedOffCookie, handOffPath } from '../http/hand-off.ts'
import type { KnownApp } from './known-app.ts'
import { isNavigation } from './stranger.ts'
import { limitLeftover } from './upload.ts'

/**
 * Whether a page that a signed-in person opens has to wait until this browser has a session with the app: it has none,
 * by its cookies, and does not just come from there. An app whose cookie the browser does not keep is left to itself.
 */
export function needsHandOff(app: KnownApp, req: IncomingMessage): boolean {
  if (req.method !== 'GET' || !isNavigation(req)) return false
  const destination = req.headers['sec-fetch-dest']
  if (destination !== undefined && destination !== 'document') return false
  if (app.sessionCookie === undefined) return false
  const cookies = parseCookies(req.headers.cookie)
  return !cookies.has(app.sessionCookie) && !cookies.has(handedOffCookie)
}

/** Sends the browser there; it comes back to where it was going. */
export function sendToHandOff(req: IncomingMessage, res: ServerResponse, rawTarget: string): void {
  limitLeftover(req, res)
  res.writeHead(303, {
    location: `${handOffPath}?return=${encodeURIComponent(rawTarget.replace(/^\/+/, '/'))}`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-length': '0',
  })
  res.end()
}
