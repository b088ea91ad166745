import { type ClientRequest, type IncomingMessage, request as requestHttp, STATUS_CODES } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Refusal } from '../domain/errors.ts'
import type { Session } from '../domain/sessions/session.ts'
import type { ProblemNeeds } from '../http/problem.ts'
import { endSocket, endWithProblem } from '../http/raw-problem.ts'
import type { CutReason, LiveConnection, LiveConnections } from './live-connections.ts'
import { type Watch, watchReader } from './pace.ts'
import { responseHead } from './response-headers.ts'
import { hasBody } from './upload.ts'
import { closeFrame, FrameBoundaries } from './websocket-frames.ts'

export type TunnelNeeds = ProblemNeeds & {
  readonly live: LiveConnections
  readonly upstream: URL
  /** For TLS to the upstream: the name in its certificate. */
  readonly servername: string | undefined
  readonly timeoutMs: number
  /** How long the client may leave unread what waits for it, in ms. */
  readonly patienceMs: number
}

export type TunnelRequest = {
  readonly req: IncomingMessage
  readonly socket: Duplex
  /** What the client sent after the head of its request. */
  readonly head: Buffer
  readonly target: string
  readonly headers: readonly string[]
  readonly session: Session
}

const responseHeadersMax = 64 * 1024
const keepAliveMs = 30_000
/** After one side has closed, for how long the other may still talk. */
const halfOpenMs = 5_000

const closings = {
  session_ended: { code: 1008, reason: 'session ended', refusal: 'not_signed_in' },
  closing: { code: 1001, reason: 'restarting', refusal: 'upstream_timeout' },
} as const

/**
 * Carries one websocket to the app behind and back, as bytes. The upgrade is answered by the app itself: what it says
 * instead of 101 is passed on; 502 or 504 when it says nothing. When the session ends, or Portero does, the client gets a
 * close frame (1008, 1001) between two frames of the app, and both sides are closed; so they are, without one, when the
 * client reads nothing for `patienceMs` while bytes wait for it. Refuses with `invalid_request` an upgrade with a body:
 * where it ends, two parsers could disagree.
 */
export function openTunnel(needs: TunnelNeeds, request: TunnelRequest): void {
  if (hasBody(request.req)) throw new Refusal('invalid_request')
  const { socket, session } = request
  const frames = new FrameBoundaries()
  const startedAt = performance.now()
  let upstream: Socket | undefined
  let reader: Watch | undefined

  const connection: LiveConnection = {
    session,
    isEndless: true,
    place: -1,
    cut(reason) {
      const { code, reason: text } = closings[reason]
      if (upstream === undefined) refuse(reason)
      else if (frames.isAtBoundary) endWithClose(code, text)
      else close()
    },
    check(nowMs) {
      if (upstream === undefined && nowMs - startedAt >= needs.timeoutMs)
        fail(new Refusal('upstream_timeout'))
      else if (reader?.(nowMs)) close()
    },
  }

  const dialling = dial(needs, request)
  dialling.on('upgrade', (res, dialled, upstreamHead) => {
    upstream = dialled
    socket.write(responseText(res, { connection: 'Upgrade', upgrade: 'websocket' }), 'latin1')
    relay(dialled, upstreamHead)
  })
  dialling.on('response', (res) => {
    needs.live.delete(connection)
    socket.write(responseText(res, { connection: 'close' }), 'latin1')
    res.on('data', (chunk: Buffer) => {
      if (!socket.write(chunk)) res.pause()
    })
    socket.on('drain', () => res.resume())
    res.on('end', () => endSocket(socket, ''))
    res.on('error', () => socket.destroy())
  })
  dialling.on('error', (error) => fail(new Refusal('upstream_unreachable', {}, error)))
  socket.on('close', close)
  needs.live.add(connection)

  function relay(dialled: Socket, upstreamHead: Buffer): void {
    const client = socket as Socket
    for (const side of [client, dialled]) {
      side.setTimeout(0)
      side.setNoDelay(true)
      side.setKeepAlive(true, keepAliveMs)
    }
    if (upstreamHead.length > 0) dialled.unshift(upstreamHead)
    if (request.head.length > 0) client.unshift(request.head)
    dialled.on('data', (chunk: Buffer) => {
      frames.pass(chunk)
      if (client.write(chunk)) return
      dialled.pause()
      reader ??= watchReader(client, needs.patienceMs, performance.now())
    })
    client.on('data', (chunk: Buffer) => {
      if (!dialled.write(chunk)) client.pause()
    })
    client.on('drain', () => {
      reader = undefined
      dialled.resume()
    })
    dialled.on('drain', () => client.resume())
    client.on('end', () => halfClose(dialled))
    dialled.on('end', () => halfClose(client))
    dialled.on('error', close)
    dialled.on('close', () => endSocket(client, ''))
  }

  function halfClose(other: Socket): void {
    other.end()
    setTimeout(close, halfOpenMs).unref()
  }

  function endWithClose(code: number, text: string): void {
    needs.live.delete(connection)
    socket.removeAllListeners('data')
    upstream?.removeAllListeners('data')
    upstream?.destroy()
    endSocket(socket, closeFrame(code, text))
  }

  function refuse(reason: CutReason): void {
    fail(new Refusal(closings[reason].refusal))
  }

  function fail(refusal: Refusal): void {
    needs.live.delete(connection)
    if (!socket.destroyed && !socket.writableEnded) endWithProblem(needs, socket, refusal)
    dialling.destroy()
  }

  function close(): void {
    needs.live.delete(connection)
    dialling.destroy()
    upstream?.destroy()
    socket.destroy()
  }
}

function dial({ upstream, servername }: TunnelNeeds, { target, headers }: TunnelRequest): ClientRequest {
  const request = upstream.protocol === 'https:' ? requestHttps : requestHttp
  const dialling = request({
    hostname: upstream.hostname.replace(/^\[|\]$/g, ''),
    port: upstream.port,
    ...(servername === undefined ? {} : { servername }),
    path: target,
    headers: [...headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket'],
    agent: false,
    setHost: false,
    maxHeaderSize: responseHeadersMax,
  })
  dialling.end()
  return dialling
}

/** The head of the app's answer; what of it is of the hop to the app is replaced by what is of the hop to the client. */
function responseText(res: IncomingMessage, hop: Readonly<Record<string, string>>): string {
  const { headers } = responseHead(res.rawHeaders)
  const lines = [`HTTP/1.1 ${res.statusCode} ${res.statusMessage || (STATUS_CODES[res.statusCode!] ?? '')}`]
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
  for (const name of Object.keys(hop)) lines.push(`${name}: ${hop[name]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
