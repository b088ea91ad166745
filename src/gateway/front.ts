import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { Duplex } from 'node:stream'
import { Refusal } from '../domain/errors.ts'
import { requireLocal } from '../http/local-only.ts'
import { type ProblemNeeds, sendProblem } from '../http/problem.ts'
import { endWithProblem } from '../http/raw-problem.ts'
import { parseRequestTarget } from '../http/request-target.ts'
import type { Gateway } from './gateway.ts'
import { hasBody } from './upload.ts'

export type FrontNeeds = ProblemNeeds & {
  readonly gateway: Gateway
  /** Answers Portero's own paths, forward-auth apart. */
  readonly own: (req: IncomingMessage, res: ServerResponse) => void
  /** Whether only programs on this machine are served: a demo that nobody asked for by name. */
  readonly isLocalOnly: boolean
}

/** Settings of the one HTTP server that everybody talks to. */
export const frontServerOptions = {
  // A slow head is cut off within 15 s: looked for every 2 s.
  headersTimeout: 12_000,
  connectionsCheckingInterval: 2_000,
  // Uploads may take as long as they take; bodies of Portero's own routes have a limit of their own.
  requestTimeout: 0,
  // Longer than proxies keep an idle connection (60 s), so that it is never Portero that hangs up first.
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16 * 1024,
  noDelay: true,
  optimizeEmptyRequests: true,
  insecureHTTPParser: false,
  // A missing Host is refused by us, with a sentence.
  requireHostHeader: false,
  // Whatever is no websocket for the app behind is an ordinary request, its Upgrade header notwithstanding.
  shouldUpgradeCallback: isWebsocketOfApp,
} as const satisfies ServerOptions

const authPath = '/_portero/auth'
const authRedirectPath = '/_portero/auth/redirect'
const ownBodyTimeoutMs = 10_000

/**
 * The server in front of all doors, not yet listening. Each target is read once, here; from that it follows which door
 * answers, and what is ambiguous meets none.
 */
export function frontServer(needs: FrontNeeds): Server {
  const server = createServer(frontServerOptions, (req, res) => {
    try {
      const target = parseRequestTarget(req)
      if (needs.isLocalOnly) requireLocal(req.headers)
      if (!target.isOwn) needs.gateway.handle(req, res, target)
      else if (target.path === authPath) needs.gateway.forwardAuth(req, res, 'refused')
      else if (target.path === authRedirectPath) needs.gateway.forwardAuth(req, res, 'redirected')
      else {
        hurry(needs, req, res)
        needs.own(req, res)
      }
    } catch (thrown) {
      sendProblem(needs, res, thrown, { connection: 'close' })
    }
  })
  server.on('upgrade', (req, socket, head) => {
    try {
      if (needs.isLocalOnly) requireLocal(req.headers)
      needs.gateway.upgrade(req, socket, head)
    } catch (thrown) {
      endWithProblem(needs, socket, thrown)
    }
  })
  server.on('connect', (_req, socket) => {
    socket.on('error', () => socket.destroy())
    endWithProblem(needs, socket, new Refusal('method_not_allowed'))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerBroken(needs, error, socket))
  return server
}

/** A form is typed by a thumb, not dripped: whoever takes longer to send one is holding a connection. */
function hurry(needs: FrontNeeds, req: IncomingMessage, res: ServerResponse): void {
  if (!hasBody(req)) return
  const overdue = setTimeout(() => {
    if (req.complete) return
    sendProblem(needs, res, new Refusal('request_timeout'), { connection: 'close' })
    res.once('finish', () => req.destroy())
  }, ownBodyTimeoutMs)
  overdue.unref()
  req.once('close', () => clearTimeout(overdue))
  req.once('end', () => clearTimeout(overdue))
}

function isWebsocketOfApp(req: IncomingMessage): boolean {
  if (req.method !== 'GET' || req.headers.upgrade?.toLowerCase() !== 'websocket') return false
  try {
    return !parseRequestTarget(req).isOwn
  } catch {
    return false
  }
}

/** Answers bytes that are no HTTP, as long as no answer is under way on that connection. */
function answerBroken(needs: ProblemNeeds, error: NodeJS.ErrnoException, socket: Duplex): void {
  const { _httpMessage: answer } = socket as Duplex & { _httpMessage?: ServerResponse | null }
  if (error.code === 'ECONNRESET' || !socket.writable || answer?.headersSent) {
    socket.destroy()
    return
  }
  socket.on('error', () => socket.destroy())
  endWithProblem(needs, socket, refusalOf(error.code))
}

function refusalOf(code: string | undefined): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') return new Refusal('headers_too_large')
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return new Refusal('too_large')
  return new Refusal(code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'invalid_request')
}
