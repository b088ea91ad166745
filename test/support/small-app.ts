import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer } from 'ws'

/** One request as the app got it. */
export type Got = {
  readonly method: string
  readonly target: string
  /** Names and values in turn; `trailers` once the body has ended. */
  readonly headers: readonly string[]
  trailers: readonly string[]
  length: number
  sha256: string
}

export type SmallApp = {
  readonly url: string
  readonly got: Got[]
  close(): Promise<void>
}

/** An app such as somebody would put behind the door: a page, an upload, an event stream (`/events`) and a websocket that echoes. */
export async function openSmallApp(): Promise<SmallApp> {
  const got: Got[] = []
  const sockets = new Set<Socket>()
  const note = (req: IncomingMessage): Got => {
    const { method, url, rawHeaders } = req
    const one = { method: method!, target: url!, headers: rawHeaders, trailers: [], length: 0, sha256: '' }
    got.push(one)
    return one
  }
  const server = createServer((req, res) => {
    const one = note(req)
    if (req.url === '/events') {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write(`data: ${Date.now()}\n\n`)
      return
    }
    const hash = createHash('sha256')
    req.on('data', (chunk: Buffer) => {
      one.length += chunk.length
      hash.update(chunk)
    })
    req.on('end', () => {
      one.sha256 = hash.digest('hex')
      one.trailers = req.rawTrailers
      res.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'app=1; Path=/' })
      res.end(`<h1>The app</h1><p>${one.length} ${one.sha256}</p>`)
    })
  })
  const websockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (req, socket, head) => {
    note(req)
    websockets.handleUpgrade(req, socket, head, (ws) => {
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }))
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
