import type { IncomingMessage, ServerResponse } from 'node:http'
import { isRefusal, Refusal } from '../domain/errors.ts'
import { clientAddress, type TrustedProxies } from '../http/client-address.ts'
import type { Identity } from '../http/credentials.ts'
import { type IdentityNeeds, identityHeaderNames, pushIdentityHeaders } from '../http/identity-headers.ts'
import { type ProblemNeeds, sendProblem } from '../http/problem.ts'
import { forwardedRequest } from './forwarded-request.ts'
import type { KnownApp } from './known-app.ts'
import type { PublicPaths } from './public-paths.ts'
import { isNavigation, refusalMarker, sendToSignIn, signInAddress } from './stranger.ts'
import { type OriginNeeds, requireWebsocketOrigin } from './websocket-origin.ts'

export type ForwardAuthNeeds = IdentityNeeds &
  ProblemNeeds &
  OriginNeeds & {
    readonly trustedProxies: TrustedProxies
    readonly isPublic: PublicPaths
    /** What is known of the app behind the proxy; rejects when it has to be asked and does not answer. */
    readonly knownApp: () => KnownApp | undefined | Promise<KnownApp | undefined>
    /** Calls on with who a request speaks for, or with what stands in the way of knowing. */
    readonly whoever: (
      req: IncomingMessage,
      known: (identity: Identity | undefined) => void,
      unknown: (thrown: unknown) => void,
    ) => void
  }

/** What a stranger's page gets: 401 like everything else, or the way to sign-in. */
export type StrangersPage = 'refused' | 'redirected'

// Proxies cache nothing of this; whoever puts a cache in between is told what the answers hang on.
const vary = 'Cookie, Authorization, X-Forwarded-Uri'
const varyRedirecting = `${vary}, X-Forwarded-Method, Sec-Fetch-Mode, Accept`
const emptyIdentity = identityHeaderNames.flatMap((name) => [name, ''])
const notSignedIn = new Refusal('not_signed_in')
const closedPath = new Refusal('app_closed_path')

/**
 * Answers a proxy that asks whether a request may pass, and who it is: 200 with every identity header and no body, 401 with
 * the marker of our refusals, or 403 for what nobody may have. `X-Forwarded-Uri` of a trusted proxy tells the path: on a
 * public one strangers get 200 with every identity header empty, on a closed one of the app everybody gets 403. A
 * path that nobody tells, or that can be read in two ways, is private.
 *
 * Where pages are redirected, a stranger's navigation gets 303 to the sign-in page, by an address that is absolute and made
 * of `public_url` alone: some proxies make a relative one point to where they reach Portero.
 *
 * The own query and body change nothing, for some proxies append what a client wrote; and no cookie is set, for some proxies
 * keep the first one only and others none. The handshake of a websocket is answered as any request, is never public, and
 * must come from an origin that may open one.
 */
export function answerForwardAuth(
  needs: ForwardAuthNeeds,
  req: IncomingMessage,
  res: ServerResponse,
  strangersPage: StrangersPage,
): void {
  const asked = forwardedRequest(req, needs.trustedProxies)
  const isSocket = isHandshake(req)
  const isOpen = !isSocket && needs.isPublic(asked.plainPath)
  const varies = { vary: strangersPage === 'redirected' ? varyRedirecting : vary }

  function decide(app: KnownApp | undefined): void {
    if (asked.path !== undefined && app?.isClosed(asked.path)) refuse(closedPath)
    else
      needs.whoever(req, allow, (thrown) => (isOpen && isRefusal(thrown) ? pass(undefined) : refuse(thrown)))
  }

  function allow(identity: Identity | undefined): void {
    if (identity === undefined && !isOpen) turnAway()
    else {
      if (isSocket) requireWebsocketOrigin(needs, req.headers, clientAddress(req, needs.trustedProxies))
      pass(identity)
    }
  }

  function pass(identity: Identity | undefined): void {
    const headers = ['Cache-Control', 'no-store', 'Vary', varies.vary, 'Content-Length', '0']
    if (identity === undefined) headers.push(...emptyIdentity)
    else pushIdentityHeaders(needs, headers, identity.session)
    res.writeHead(200, headers)
    res.end()
  }

  function turnAway(): void {
    const { method, uri = '/' } = asked
    const mayRedirect = strangersPage === 'redirected' && !isSocket && needs.publicUrl !== undefined
    if (mayRedirect && isNavigation({ method, headers: req.headers }))
      sendToSignIn(res, needs.publicUrl.origin + signInAddress(method, uri), varies)
    else sendProblem(needs, res, notSignedIn, { ...refusalMarker, ...varies })
  }

  function refuse(thrown: unknown): void {
    sendProblem(needs, res, thrown, varies)
  }

  const known = asked.path === undefined ? undefined : needs.knownApp()
  if (known instanceof Promise) known.then(decide).catch(refuse)
  else decide(known)
}

/** Whether it is about a websocket: proxies drop `Upgrade` on the way here, and pass on what no handshake is without. */
function isHandshake({ headers }: IncomingMessage): boolean {
  return headers['sec-websocket-key'] !== undefined || /\bwebsocket\b/i.test(headers.upgrade ?? '')
}
