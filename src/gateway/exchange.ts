import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Client, Dispatcher } from 'undici'
import { Refusal, type RefusalCode } from '../domain/errors.ts'
import type { Session } from '../domain/sessions/session.ts'
import type { CutReason, LiveConnection, LiveConnections } from './live-connections.ts'
import { type Watch, watchReader, watchUpload } from './pace.ts'
import { responseHead, responseTrailers } from './response-headers.ts'
import { hasBody, limitLeftover, uploadOf } from './upload.ts'
import type { UpstreamClients, Waiter } from './upstream-clients.ts'

/** What a request needs on its way to the app behind and back. */
export type ExchangeNeeds = {
  readonly clients: UpstreamClients
  readonly live: LiveConnections
  /** For TLS to the upstream: the name in its certificate. */
  readonly servername: string | undefined
  /** How long the upstream may think after the last byte of the request, in ms. */
  readonly timeoutMs: number
  /** How long the client may neither send nor read, in ms. */
  readonly patienceMs: number
  /** Answers a request that the upstream did not. */
  readonly fail: (req: IncomingMessage, res: ServerResponse, refusal: Refusal) => void
}

export type ExchangeRequest = {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly target: string
  readonly headers: string[]
  readonly session: Session | undefined
  /** A `Set-Cookie` value of Portero's to send along. */
  readonly freshCookie: () => string | undefined
}

/** Of one answer; more are no information but a flood. */
const informationalMax = 20

/**
 * One request on its way through: streams both ways under back-pressure, sent once and never again. A class because the
 * hot path makes one for each request and undici calls its methods.
 */
export class Exchange implements Dispatcher.DispatchHandler, LiveConnection, Waiter {
  readonly session: Session | undefined
  isEndless = false
  place = -1
  readonly #needs: ExchangeNeeds
  readonly #request: ExchangeRequest
  #client: Client | undefined
  #controller: Dispatcher.DispatchController | undefined
  /** Why nothing more is wanted of the upstream. */
  #abortedBy: Error | undefined
  #lastSentAt = performance.now()
  #hasAnswer = false
  #hasBody = false
  #bodyLeft: number | undefined
  #informational = 0
  #upload: Watch | undefined
  /** While bytes wait for the client. */
  #reader: Watch | undefined

  constructor(needs: ExchangeNeeds, request: ExchangeRequest) {
    this.#needs = needs
    this.#request = request
    this.session = request.session
  }

  /** Begins; answers 503 `upstream_busy` when too many are waiting already. */
  begin(): void {
    const { res } = this.#request
    res.on('close', () => {
      if (!res.writableFinished) this.#abort(new Error('the client went away'))
    })
    this.#needs.live.add(this)
    if (!this.#needs.clients.serve(this)) this.#fail('upstream_busy')
  }

  start(client: Client): void {
    this.#client = client
    const { req, target, headers } = this.#request
    this.#lastSentAt = performance.now()
    if (hasBody(req)) this.#upload = watchUpload(req, this.#needs.patienceMs, this.#lastSentAt)
    const options: Dispatcher.DispatchOptions & { servername?: string } = {
      path: target,
      method: req.method!,
      headers,
      body: this.#upload === undefined ? null : uploadOf(req),
      blocking: false,
    }
    if (this.#needs.servername !== undefined) options.servername = this.#needs.servername
    client.dispatch(options, this)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#abortedBy !== undefined) controller.abort(this.#abortedBy)
  }

  onBodySent(): void {
    this.#lastSentAt = performance.now()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    parsed: IncomingHttpHeaders,
    statusText?: string,
  ): void {
    const { req, res, freshCookie } = this.#request
    if (status < 200) {
      this.#passInformation(status, parsed)
      return
    }
    const head = responseHead(controller.rawHeaders as Buffer[])
    if (head.hasDate) res.sendDate = false
    const cookie = head.isPublic || status === 304 ? undefined : freshCookie()
    if (cookie !== undefined) head.headers.push('Set-Cookie', cookie)
    limitLeftover(req, res)
    res.writeHead(status, statusText || undefined, head.headers)
    this.#hasAnswer = true
    if (req.method !== 'HEAD') this.#bodyLeft = head.contentLength
    if (head.isEventStream) {
      this.isEndless = true
      this.#needs.clients.exempt()
      this.#needs.live.exempt(this)
    }
    // The body usually is in the same packet, and then leaves in one with the head.
    queueMicrotask(() => {
      if (!this.#hasBody && !res.writableEnded && !res.destroyed) res.flushHeaders()
    })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { req, res } = this.#request
    this.#hasBody = true
    if (this.#bodyLeft !== undefined) {
      this.#bodyLeft -= chunk.length
      if (this.#bodyLeft === 0) {
        res.end(chunk)
        return
      }
    }
    if (res.write(chunk)) return
    controller.pause()
    if (this.#reader !== undefined) return
    this.#reader = watchReader(req.socket, this.#needs.patienceMs, performance.now())
    res.once('drain', () => {
      this.#reader = undefined
      controller.resume()
    })
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    const { res } = this.#request
    this.#release()
    if (res.writableEnded) return
    const trailers = controller.rawTrailers as Buffer[] | null
    if (trailers?.length) res.addTrailers(responseTrailers(trailers))
    res.end()
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#release()
    const { req, res } = this.#request
    // Whoever aborted says why.
    if (this.#abortedBy !== undefined || res.writableEnded || res.destroyed) return
    if (this.#hasAnswer) res.destroy()
    else this.#needs.fail(req, res, new Refusal('upstream_unreachable', {}, error))
  }

  cut(reason: CutReason): void {
    const { res } = this.#request
    const isAnswering = this.#hasAnswer
    this.#abort(new Error(reason))
    if (res.writableEnded || res.destroyed) return
    if (!isAnswering) this.#fail(reason === 'closing' ? 'upstream_timeout' : 'not_signed_in')
    else if (this.isEndless && reason === 'closing') res.end()
    else res.destroy()
  }

  check(nowMs: number): void {
    if (this.#abortedBy === undefined && this.#isClientTooSlow(nowMs)) {
      this.#giveUpOnClient()
      return
    }
    if (this.#hasAnswer || this.#abortedBy !== undefined || nowMs - this.#lastSentAt < this.#needs.timeoutMs)
      return
    this.#fail(this.#client === undefined ? 'upstream_busy' : 'upstream_timeout')
  }

  #isClientTooSlow(nowMs: number): boolean {
    if (this.#upload?.(nowMs)) return true
    // Without a socket it waits behind an earlier answer on the same connection.
    return this.#request.res.socket !== null && this.#reader?.(nowMs) === true
  }

  #giveUpOnClient(): void {
    const { req, res } = this.#request
    if (!this.#hasAnswer) this.#fail('request_timeout')
    else {
      this.#abort(new Error('the client is too slow'))
      // An answer that lies in our memory unread is not worth its end.
      if (!res.writableFinished) req.socket.destroy()
    }
  }

  #fail(code: RefusalCode): void {
    const { req, res } = this.#request
    this.#abort(new Error(code))
    if (!res.headersSent && !res.destroyed) this.#needs.fail(req, res, new Refusal(code))
  }

  /** Wants nothing more of the upstream. Its connection comes back by `onResponseError`, at once or when it is made. */
  #abort(reason: Error): void {
    if (this.#abortedBy !== undefined) return
    this.#abortedBy = reason
    this.#needs.live.delete(this)
    if (this.#client === undefined) this.#needs.clients.forget(this)
    else this.#controller?.abort(reason)
  }

  #release(): void {
    const client = this.#client
    this.#needs.live.delete(this)
    if (client === undefined) return
    this.#client = undefined
    this.#needs.clients.giveBack(client, this.isEndless)
  }

  #passInformation(status: number, { link }: IncomingHttpHeaders): void {
    const { req, res } = this.#request
    if (++this.#informational > informationalMax)
      throw new Error('the upstream sends information without end')
    if (req.httpVersionMinor === 0 || status !== 103 || link === undefined) return
    try {
      res.writeEarlyHints({ link })
    } catch {
      // A hint that Node cannot write is no reason to lose the answer.
    }
  }
}
