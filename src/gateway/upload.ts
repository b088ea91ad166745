import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

/** For how long the rest of an upload that nobody wants any more is read and thrown away. */
const leftoverMs = 5_000

/** Whether a request announces a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

/**
 * The body of a request as a stream of its own, with back-pressure. It fails when the client goes away; destroying it
 * leaves the client's connection whole, so that an early answer of the upstream still reaches the client.
 */
export function uploadOf(req: IncomingMessage): Readable {
  const body = new Readable({
    read() {
      req.resume()
    },
    destroy(error, done) {
      req.off('data', onData)
      req.resume()
      done(error)
    },
  })
  function onData(chunk: Buffer): void {
    if (!body.push(chunk)) req.pause()
  }
  function onGone(): void {
    if (!req.complete) body.destroy(new Error('the client went away during its upload'))
  }
  req.on('data', onData)
  req.on('end', () => {
    if (req.complete) body.push(null)
  })
  req.on('error', onGone)
  req.on('close', onGone)
  return body
}

/** After an answer that came before the end of the upload: hangs up when the rest does not come to an end soon. */
export function limitLeftover(req: IncomingMessage, res: ServerResponse): void {
  if (req.complete || !hasBody(req)) return
  res.once('finish', () => {
    setTimeout(() => {
      if (!req.complete) req.socket.destroy()
    }, leftoverMs).unref()
  })
}
