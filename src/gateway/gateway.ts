import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { isRefusal, Refusal } from '../domain/errors.ts'
import { type ClientAddress, clientAddress, type TrustedProxies } from '../http/client-address.ts'
import type { Identity } from '../http/credentials.ts'
import type { IdentityNeeds } from '../http/identity-headers.ts'
import { type ProblemNeeds, sendProblem } from '../http/problem.ts'
import { endWithProblem } from '../http/raw-problem.ts'
import { parseRequestTarget, type RequestTarget } from '../http/request-target.ts'
import { apiKeyHeaders } from './api-key-request.ts'
import { Exchange, type ExchangeNeeds } from './exchange.ts'
import { answerForwardAuth, type ForwardAuthNeeds, type StrangersPage } from './forward-auth.ts'
import { needsHandOff, sendToHandOff } from './hand-off.ts'
import { type AskedInPlace, answerInPlace } from './in-place.ts'
import type { AnswerInPlace, KnownApp, PlaceOfApp } from './known-app.ts'
import { type LiveNeeds, openLiveConnections } from './live-connections.ts'
import { defaultPatienceMs } from './pace.ts'
import { publicPaths } from './public-paths.ts'
import { isNavigation, refusalMarker, refuseStranger } from './stranger.ts'
import { limitLeftover } from './upload.ts'
import { openUpstreamClients } from './upstream-clients.ts'
import { upstreamHeaders } from './upstream-headers.ts'
import { type OriginNeeds, requireWebsocketOrigin } from './websocket-origin.ts'
import { openTunnel } from './websocket-tunnel.ts'

/** Pages that stand in for an app that does not answer. */
export type ErrorPage = 'unreachable' | 'timeout' | 'no_upstream'

export type GatewayNeeds = IdentityNeeds &
  ProblemNeeds &
  LiveNeeds &
  OriginNeeds & {
    /** Whom the credentials of a request speak for. At once, without a promise, for a session in memory. */
    readonly identify: (headers: IncomingHttpHeaders) => Identity | undefined | Promise<Identity | undefined>
    /** A `Set-Cookie` value when the token cookie should be renewed. */
    readonly freshTokenCookie: (identity: Identity) => string | undefined
    /** Origin of the app behind, and how long it may think, in ms. */
    readonly upstream: { readonly url: URL; readonly timeoutMs: number } | undefined
    readonly trustedProxies: TrustedProxies
    /** How long a client may neither send nor read, in ms; 60 s unless told. */
    readonly patienceMs?: number
    /** Exact paths, or `/prefix/*`, that need no session. */
    readonly publicPaths: readonly string[]
    /** What is known of the app behind; nothing when not given. */
    readonly app?: {
      /** At once when it is known; a promise while the app has to be asked, which rejects when it does not answer. */
      known(): KnownApp | undefined | Promise<KnownApp | undefined>
      /** Answers in its place. */
      answer(place: PlaceOfApp, asked: AskedInPlace): Promise<AnswerInPlace>
      /** Paths that one of its own API keys opens; written as public paths are. */
      readonly apiKeyPaths: readonly string[]
    }
    /** Renders what a person sees when the app does not answer. */
    readonly errorPage: (
      page: ErrorPage,
      headers: IncomingHttpHeaders,
    ) => {
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }
  }

/** The door to the app behind. */
export type Gateway = {
  /** Answers a request for a path that is not Portero's own. */
  handle(req: IncomingMessage, res: ServerResponse, target?: RequestTarget): void
  /** Answers a websocket upgrade. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Answers `/_portero/auth` and `/_portero/auth/redirect`. */
  forwardAuth(req: IncomingMessage, res: ServerResponse, strangersPage: StrangersPage): void
  /** Closes websockets and event streams (1001), lets requests finish within `graceMs`, then lets go of the upstream. */
  close(graceMs: number): Promise<void>
}

const clientsMax = 512
/** Of those, for strangers on public paths: however many they are, people who are signed in find room. */
const strangersMax = clientsMax / 4
const connectTimeoutMs = 5_000
const checkMsMin = 25

export function openGateway(needs: GatewayNeeds): Gateway {
  const { upstream, patienceMs = defaultPatienceMs } = needs
  const timeoutMs = upstream?.timeoutMs ?? 0
  const isPublic = publicPaths(needs.publicPaths)
  const isForKeys = publicPaths(needs.app?.apiKeyPaths ?? [])
  const live = openLiveConnections(needs, Math.max(checkMsMin, Math.min(timeoutMs, patienceMs) / 4))
  const clients =
    upstream &&
    openUpstreamClients(upstream.url, { clientsMax, connectTimeoutMs: Math.min(connectTimeoutMs, timeoutMs) })
  const exchangeNeeds: ExchangeNeeds | undefined = clients && {
    clients,
    live,
    servername: servernameOf(upstream!.url),
    timeoutMs,
    patienceMs,
    fail,
  }

  function handle(req: IncomingMessage, res: ServerResponse, parsed?: RequestTarget): void {
    try {
      const target = parsed ?? parseRequestTarget(req)
      const isOpen = isPublic(target.plainPath) || isForKeys(target.plainPath)
      whoever(
        req,
        (identity) => {
          if (identity === undefined && !isOpen) refuseStranger(needs, req, res, target.raw)
          else serve(req, res, target, identity)
        },
        // Who cannot be known is a stranger, and may go where strangers may.
        (thrown) =>
          isOpen && isRefusal(thrown) ? serve(req, res, target, undefined) : refuse(req, res, thrown),
      )
    } catch (thrown) {
      refuse(req, res, thrown)
    }
  }

  /** Serves somebody signed in, or a stranger where some of them may go. */
  function serve(
    req: IncomingMessage,
    res: ServerResponse,
    target: RequestTarget,
    identity: Identity | undefined,
  ): void {
    const known = needs.app?.known()
    if (known instanceof Promise) {
      known
        .then((app) => serveAs(app, req, res, target, identity))
        .catch((thrown) => (isRefusal(thrown) ? fail(req, res, thrown) : refuse(req, res, thrown)))
    } else serveAs(known, req, res, target, identity)
  }

  function serveAs(
    app: KnownApp | undefined,
    req: IncomingMessage,
    res: ServerResponse,
    target: RequestTarget,
    identity: Identity | undefined,
  ): void {
    if (app?.isClosed(target.path)) {
      refuse(req, res, new Refusal('app_closed_path'))
      return
    }
    const place = target.plainPath === undefined ? undefined : app?.placeOf(req.method!, target.plainPath)
    if (identity === undefined && !isPublic(target.plainPath)) {
      // On a path for keys, without a session: the app's own key opens it, and a token of its sessions does not.
      if (place === undefined && app?.isApiKey(req.headers.authorization ?? ''))
        forward(req, res, target, undefined, apiKeyHeaders)
      else refuseStranger(needs, req, res, target.raw)
    } else if (place !== undefined && (identity !== undefined || place === 'loader')) {
      answerInPlace(needs.app!.answer, place, req, res, identity?.session).catch((thrown) =>
        refuse(req, res, thrown),
      )
    } else if (place !== undefined) refuseStranger(needs, req, res, target.raw)
    else if (app !== undefined && identity !== undefined && needsHandOff(app, req))
      sendToHandOff(req, res, target.raw)
    else forward(req, res, target, identity)
  }

  /** Calls on with who the request speaks for: at once for the hot path, later when it had to be looked up. */
  function whoever(
    req: IncomingMessage,
    known: (identity: Identity | undefined) => void,
    unknown: (thrown: unknown) => void,
  ): void {
    try {
      const found = needs.identify(req.headers)
      if (found instanceof Promise) found.then(known).catch(unknown)
      else known(found)
    } catch (thrown) {
      unknown(thrown)
    }
  }

  function forward(
    req: IncomingMessage,
    res: ServerResponse,
    target: RequestTarget,
    identity: Identity | undefined,
    only: (headers: string[]) => string[] = (headers) => headers,
  ): void {
    if (exchangeNeeds === undefined) {
      fail(req, res, new Refusal('no_upstream'))
      return
    }
    if (res.destroyed) return
    if (identity === undefined && live.strangers() >= strangersMax) {
      fail(req, res, new Refusal('upstream_busy'))
      return
    }
    new Exchange(exchangeNeeds, {
      req,
      res,
      target: target.raw,
      headers: only(upstreamHeaders(needs, req, clientAddress(req, needs.trustedProxies), identity)),
      session: identity?.session,
      freshCookie: () => identity && needs.freshTokenCookie(identity),
    }).begin()
  }

  function refuse(req: IncomingMessage, res: ServerResponse, thrown: unknown): void {
    limitLeftover(req, res)
    sendProblem(needs, res, thrown)
  }

  function fail(req: IncomingMessage, res: ServerResponse, refusal: Refusal): void {
    const page = pageOf(refusal)
    if (refusal.code === 'not_signed_in') refuseStranger(needs, req, res, req.url ?? '/')
    else if (page === undefined || !isNavigation(req)) refuse(req, res, refusal)
    else showPage(req, res, page, refusal)
  }

  function showPage(req: IncomingMessage, res: ServerResponse, page: ErrorPage, refusal: Refusal): void {
    limitLeftover(req, res)
    needs.log.warn({ code: refusal.code, err: refusal.cause }, 'a page could not be served')
    const { status, headers, body } = needs.errorPage(page, req.headers)
    res.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
    res.end(req.method === 'HEAD' ? undefined : body)
  }

  function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without a listener a reset by the peer would end the process.
    socket.on('error', () => socket.destroy())
    const refuseSocket = (thrown: unknown, headers?: Readonly<Record<string, string>>) =>
      endWithProblem(needs, socket, thrown, headers)
    try {
      const target = parseRequestTarget(req)
      if (target.isOwn) throw new Refusal('not_found')
      whoever(
        req,
        (identity) => {
          if (identity === undefined) refuseSocket(new Refusal('not_signed_in'), refusalMarker)
          else tunnel(req, socket, head, target, identity).catch(refuseSocket)
        },
        refuseSocket,
      )
    } catch (thrown) {
      refuseSocket(thrown)
    }
  }

  async function tunnel(
    req: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    target: RequestTarget,
    identity: Identity,
  ): Promise<void> {
    const app = await needs.app?.known()
    if (app?.isClosed(target.path)) throw new Refusal('app_closed_path')
    const client: ClientAddress = clientAddress(req, needs.trustedProxies)
    requireWebsocketOrigin(needs, req.headers, client)
    if (upstream === undefined) throw new Refusal('no_upstream')
    if (socket.destroyed) return
    openTunnel(
      {
        log: needs.log,
        newReference: needs.newReference,
        live,
        upstream: upstream.url,
        servername: servernameOf(upstream.url),
        timeoutMs,
        patienceMs,
      },
      {
        req,
        socket,
        head,
        target: target.raw,
        headers: upstreamHeaders(needs, req, client, identity),
        session: identity.session,
      },
    )
  }

  const authNeeds: ForwardAuthNeeds = { ...needs, isPublic, knownApp: () => needs.app?.known(), whoever }

  function forwardAuth(req: IncomingMessage, res: ServerResponse, strangersPage: StrangersPage): void {
    answerForwardAuth(authNeeds, req, res, strangersPage)
  }

  return {
    handle,
    upgrade,
    forwardAuth,
    async close(graceMs) {
      await live.close(graceMs)
      await clients?.close()
    },
  }
}

function pageOf(refusal: Refusal): ErrorPage | undefined {
  if (refusal.code === 'upstream_timeout') return 'timeout'
  if (refusal.code === 'no_upstream') return 'no_upstream'
  return refusal.code === 'upstream_unreachable' || refusal.code === 'upstream_busy'
    ? 'unreachable'
    : undefined
}

function servernameOf({ protocol, hostname }: URL): string | undefined {
  return protocol === 'https:' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? hostname : undefined
}
